"""signalwire 2 over TLS with a private CA: list, page to the end, get, download, delete.  JSON in, JSON out."""

import json
import os
import sys

import certifi

# This machine trusts the private CA; the client's HTTP library asks certifi, and not the environment, whom to trust.
certifi.where = lambda: os.environ["REQUESTS_CA_BUNDLE"]

import requests
from signalwire.rest import Client
from twilio.base.exceptions import TwilioRestException

told = json.load(sys.stdin)


def client_with(token: str) -> Client:
    return Client(told["project_id"], token, signalwire_space_url=told["space_url"])


client = client_with(told["token"])


def status_of(deed) -> dict:
    try:
        deed()
    except TwilioRestException as error:
        return {"status": error.status, "type": type(error).__name__, "code": error.code}
    return {"status": 0, "type": "nothing"}


one = client.recordings(told["recording_sid"]).fetch()
answer = {
    "all": [item.sid for item in client.recordings.list(page_size=2)],
    "call": [item.sid for item in client.recordings.list(call_sid=told["call_sid"])],
    "one": {"sid": one.sid, "duration": one.duration, "status": one.status, "uri": one.uri},
    "wav": requests.get(told["media_url"] + ".wav", timeout=20).content.hex(),
    "mp3": requests.get(told["media_url"] + ".mp3", timeout=20).content.hex(),
    "metadata_without_credentials": requests.get(told["media_url"] + ".json", timeout=20).status_code,
    "wrong_token": status_of(lambda: client_with("no").recordings(told["recording_sid"]).fetch()),
    "unknown": status_of(lambda: client.recordings("00000000-0000-4000-8000-000000000000").fetch()),
}
answer["deleted"] = client.recordings(told["recording_sid"]).delete()
answer["after_deletion"] = [item.sid for item in client.recordings.list()]
json.dump(answer, sys.stdout)
