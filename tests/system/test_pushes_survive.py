"""A file that a rule wants pushed goes though the server is killed meanwhile, and is read back once it is gone here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from callvault.caller.call import place
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from tests.receiver import Answer, Received, receiving, until
from tests.system.authority import Certificates
from tests.system.recording_server import RecordingServer, recording_server
from tests.system.running import running

TOLD = {
    "CALLVAULT_HOOK_NETWORKS": "127.0.0.0/8",
    "CALLVAULT_PUSH_PAUSE_S": "1",
    "CALLVAULT_PUSH_TRIES": "1000",
}
VOICES = (Voice(sound=noise(1, seconds=0.6)), Voice(sound=noise(2, seconds=0.6), user="2001"))


class Keeper:
    """A receiver that is out of order at first, and gives back what it took."""

    def __init__(self) -> None:
        self.in_order = False
        self.kept: dict[str, bytes] = {}

    def __call__(self, request: Received) -> Answer:
        if not self.in_order:
            return Answer(status=503)
        if request.method == "GET":
            return Answer(status=200, body=self.kept[request.path])
        self.kept[request.path] = request.body
        return Answer(status=201)


@pytest.mark.slow
def test_a_push_outlives_the_server_and_serves_what_is_gone_here(tmp_path: Path, certificates: Certificates) -> None:
    keeper = Keeper()
    with receiving(keeper) as receiver:
        with recording_server(tmp_path, certificates, environment=TOLD) as recorder:
            kazoo = account_of(recorder)
            wish = {"enabled": True, "format": "mp3", "url": receiver.url("/kept")}
            settings = {"data": {"call_recording": {"account": {"any": {"any": wish}}}}}
            ask("PATCH", recorder.server.url + kazoo, recorder.token, json=settings)
            document = recorded(recorder, kazoo)
            assert (document["origin"], document["url"]) == ("inbound from offnet to account", receiver.url("/kept"))
            receiver.wait_for(1)
            recorder.server.kill()
        seen = len(receiver.requests)
        with running(recorder.server.data, environment=TOLD) as server:
            receiver.wait_for(seen + 1)
            keeper.in_order = True
            url = f"{server.url}{kazoo}/recordings/{document['id']}"
            until(lambda: push_of(url, recorder.token)["state"] == "done")
            body = keeper.kept[f"/kept/call_recording_{document['call_id']}.mp3"]
            assert body == audio(url, recorder.token) != b""
            shown = server.callvault("show", document["id"])
            assert shown["recording"]["extras"]["callvault"]["push"]["state"] == "done"
            assert len([request for request in receiver.requests if request.method == "GET"]) == 0
            media = shown["dialects"]["bandwidth"]["media_url"]
            key = (recorder.token[:16], recorder.token[16:])
            assert httpx.delete(media, auth=key, timeout=30).is_success, "of all dialects one erases the audio alone"
            assert audio(url, recorder.token) == body
            assert "GET" in {request.method for request in receiver.requests}


def account_of(recorder: RecordingServer) -> str:
    identity = ask("GET", f"{recorder.server.url}/v2/token_auth", recorder.token)
    return f"/v2/accounts/{identity['account_id']}"


def ask(method: str, url: str, token: str, **more: Any) -> Any:
    answer = httpx.request(method, url, headers={"X-Auth-Token": token}, timeout=30, **more)
    return answer.raise_for_status().json()["data"]


def audio(url: str, token: str) -> bytes:
    answer = httpx.get(url, headers={"X-Auth-Token": token, "Accept": "audio/mpeg"}, timeout=30).raise_for_status()
    assert answer.headers["content-type"] == "audio/mpeg"
    return answer.content


def push_of(url: str, token: str) -> dict[str, Any]:
    told: dict[str, Any] = ask("GET", url, token)["_read_only"]["push"]
    return told


def recorded(recorder: RecordingServer, kazoo: str) -> dict[str, Any]:
    """The first recording that is made by the rule: it takes a while until rules reach those who take calls."""

    found: list[dict[str, Any]] = []

    def made() -> bool:
        asyncio.run(place(CallPlan(recorder=recorder.uri(), voices=VOICES)))
        documents = ask("GET", f"{recorder.server.url}{kazoo}/recordings", recorder.token)
        found.extend(document for document in documents if "url" in document)
        return bool(found)

    until(made, 90)
    return found[0]
