"""bandwidth-sdk 23: list with each filter, get, download, delete, and its exceptions.  JSON in, JSON out."""

import datetime
import json
import sys

import bandwidth
from bandwidth.api.recordings_api import RecordingsApi

told = json.load(sys.stdin)


def api_with(password: str) -> RecordingsApi:
    configuration = bandwidth.Configuration(
        host=told["base_url"], username=told["username"], password=password, ignore_operation_servers=True
    )
    return RecordingsApi(bandwidth.ApiClient(configuration))


api = api_with(told["password"])
account, call, recording = told["account_id"], told["call_id"], told["recording_id"]


def ids(**filters: str) -> list[str]:
    return [item.recording_id for item in api.list_account_call_recordings(account, **filters)]


def status_of(deed) -> dict:
    try:
        deed()
    except bandwidth.exceptions.ApiException as error:
        return {"status": error.status, "type": type(error).__name__}
    return {"status": 0, "type": "nothing"}


items = api.list_account_call_recordings(account)
one = api.get_call_recording(account, call, recording)
assert isinstance(one.start_time, datetime.datetime)
answer = {
    "all": [item.recording_id for item in items],
    "starts": [item.start_time.isoformat() for item in items],
    "to": ids(to=told["to"]),
    "from": ids(var_from=told["from"]),
    "since": ids(min_start_time=told["since"]),
    "before": ids(max_start_time=told["since"]),
    "of_call": [item.recording_id for item in api.list_call_recordings(account, call)],
    "one": {"id": one.recording_id, "duration": one.duration, "channels": one.channels, "status": one.status},
    "audio": bytes(api.download_call_recording(account, call, recording)).hex(),
    "wrong_password": status_of(lambda: api_with("no").list_account_call_recordings(account)),
    "wrong_account": status_of(lambda: api.list_account_call_recordings("1")),
    "unknown": status_of(lambda: api.get_call_recording(account, call, "r-unknown")),
    "bad_time": status_of(lambda: api.list_account_call_recordings(account, min_start_time="yesterday")),
}
api.delete_recording(account, call, recording)
answer["after_deletion"] = ids()
json.dump(answer, sys.stdout)
