"""twilio 9: list with each filter, page to the end, get, download, delete, and its exceptions.  JSON in, JSON out."""

import datetime
import json
import sys

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

told = json.load(sys.stdin)


def client_with(token: str) -> Client:
    client = Client(told["account_sid"], token)
    client.api.base_url = told["twilio_base_url"]
    return client


client = client_with(told["auth_token"])


def status_of(deed) -> dict:
    try:
        deed()
    except TwilioRestException as error:
        return {"status": error.status, "type": type(error).__name__, "code": error.code}
    return {"status": 0, "type": "nothing"}


since = datetime.datetime.fromisoformat(told["since"])
one = client.recordings(told["recording_sid"]).fetch()
url = told["media_url"]
answer = {
    "all": [item.sid for item in client.recordings.list(page_size=2)],
    "call": [item.sid for item in client.recordings.list(call_sid=told["call_sid"])],
    "of_call": [item.sid for item in client.calls(told["call_sid"]).recordings.list()],
    "after": [item.sid for item in client.recordings.list(date_created_after=since)],
    "before": [item.sid for item in client.recordings.list(date_created_before=since)],
    "one": {
        "sid": one.sid,
        "duration": one.duration,
        "channels": one.channels,
        "status": one.status,
        "started": one.start_time.isoformat(),
    },
    "wav": requests.get(url + ".wav", timeout=20).content.hex(),
    "mp3": requests.get(url + ".mp3", timeout=20).content.hex(),
    "bare": requests.get(url, timeout=20).content.hex(),
    "metadata_without_credentials": requests.get(url + ".json", timeout=20).status_code,
    "wrong_token": status_of(lambda: client_with("no").recordings(told["recording_sid"]).fetch()),
    "unknown": status_of(lambda: client.recordings("RE" + "0" * 32).fetch()),
}
answer["deleted"] = client.recordings(told["recording_sid"]).delete()
answer["after_deletion"] = [item.sid for item in client.recordings.list()]
json.dump(answer, sys.stdout)
