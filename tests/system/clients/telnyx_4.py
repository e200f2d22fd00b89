"""telnyx 4: list with each filter, page to the end, get, download, delete, and its exceptions.  JSON in, JSON out."""

import json
import sys

import httpx
import telnyx

told = json.load(sys.stdin)


def client_with(key: str) -> telnyx.Telnyx:
    return telnyx.Telnyx(api_key=key, base_url=told["base_url"], max_retries=0)


client = client_with(told["api_key"])


def ids(filters: dict | None = None) -> list[str]:
    page = client.recordings.list(filter=filters) if filters else client.recordings.list()
    return [item.id for item in page]


def status_of(deed) -> dict:
    try:
        deed()
    except telnyx.APIStatusError as error:
        return {"status": error.status_code, "type": type(error).__name__}
    return {"status": 0, "type": "nothing"}


one = client.recordings.retrieve(told["recording_id"]).data
answer = {
    "all": ids(),
    "paged": [item.id for item in client.recordings.list(page_size=2)],
    "from": ids({"from": told["from"]}),
    "to": ids({"to": told["to"]}),
    "leg": ids({"call_leg_id": told["call_leg_id"]}),
    "session": ids({"call_session_id": told["call_session_id"]}),
    "connection": ids({"connection_id": told["connection_id"]}),
    "conference": ids({"conference_id": told["conference_id"]}),
    "since": ids({"created_at": {"gte": told["since"]}}),
    "until": ids({"created_at": {"lte": told["since"]}}),
    "one": {"id": one.id, "channels": one.channels, "duration_millis": one.duration_millis, "status": one.status},
    "audio": httpx.get(one.download_urls.wav).content.hex(),
    "mp3": httpx.get(one.download_urls.mp3).content.hex(),
    "wrong_key": status_of(lambda: client_with("no").recordings.list()),
    "unknown": status_of(lambda: client.recordings.retrieve("00000000-0000-4000-8000-000000000000")),
    "bad_page": status_of(lambda: client.recordings.list(page_size=0)),
}
client.recordings.delete(told["recording_id"])
answer["after_deletion"] = ids()
json.dump(answer, sys.stdout)
