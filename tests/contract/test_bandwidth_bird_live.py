"""Bandwidth's and Bird's ways of steering, down to whoever has the call: what is done there, and what is told then."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.bandwidth import words
from callvault.model.actor import Account
from callvault.model.live import LiveCall, Phase
from callvault.model.policy import RECORD_ALL
from callvault.wire import WireReply
from tests.wheel import Recorder, recorder
from tests.world import NOW, TOKEN, World, json_of, open_world

ACME = Account(id=UUID("019cad00-0000-7000-8000-00000000ac3e"), serial=71_000_042, name="acme", created_at=NOW)
KEYS: Mapping[str, str] = {
    "bandwidth": "Basic " + base64.b64encode(f"{TOKEN[:16]}:{TOKEN[16:]}".encode()).decode(),
    "bird": f"AccessKey {TOKEN}",
}


@dataclass
class House:
    world: World
    recorder: Recorder

    async def bandwidth(self, method: str, call: LiveCall, rest: str, body: str = "") -> WireReply:
        target = f"/api/v2/accounts/{ACME.serial}/calls/{words.call_id(call.call_id)}/{rest}"
        return await self.world.ask(method, target, {"Authorization": KEYS["bandwidth"]}, body.encode())

    async def bird(self, method: str, call: LiveCall, rest: str, body: Any = None) -> tuple[int, Any]:
        target = f"/workspaces/{ACME.id}/channels/any/calls/{call.call_id}/{rest}"
        content = b"" if body is None else json.dumps(body).encode()
        reply = await self.world.ask(method, target, {"Authorization": KEYS["bird"]}, content)
        return reply.status, await json_of(reply)

    async def state(self, call: LiveCall, word: str) -> int:
        return (await self.bandwidth("PUT", call, "recording", json.dumps({"state": word}))).status

    async def run(self, call: LiveCall, bxml: str) -> int:
        return (await self.bandwidth("PUT", call, "bxml", f"<Bxml><{bxml}/></Bxml>")).status

    def phases(self, call: LiveCall) -> list[Phase]:
        return self.recorder.phases(call)


def now() -> datetime:
    return NOW


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_world(tmp_path) as world:
        await world.account(ACME)
        async with recorder(world.vault, ACME.id, now) as node:
            yield House(world=world, recorder=node)


async def test_bandwidth_pauses_and_resumes_all_of_a_call(house: House) -> None:
    call = await house.recorder.call(RECORD_ALL)
    assert await house.run(call, 'StartRecording fileFormat="mp3" multiChannel="true"') == 204
    for word, phase in (("paused", Phase.PAUSED), ("PAUSED", Phase.PAUSED), ("recording", Phase.RUNNING)):
        assert await house.state(call, word) == 200
        assert house.phases(call) == [phase, phase]
    [_, second] = house.recorder.wheel.calls[call.take].recordings
    assert (second.wish.format, second.wish.channels) == ("mp3", 2)


async def test_bandwidth_starts_and_stops_by_bxml(house: House) -> None:
    call = await house.recorder.call()
    for verb in ("StopRecording", "PauseRecording", "ResumeRecording"):
        assert await house.run(call, verb) == 204
    assert house.phases(call) == []
    for verb, phase in (
        ("StartRecording", Phase.RUNNING),
        ("PauseRecording", Phase.PAUSED),
        ("PauseRecording", Phase.PAUSED),
        ("ResumeRecording", Phase.RUNNING),
        ("StopRecording", Phase.STOPPED),
        ("ResumeRecording", Phase.STOPPED),
    ):
        assert await house.run(call, verb) == 204
        assert house.phases(call) == [phase]
    [told] = await json_of(await house.bandwidth("GET", call, "recordings"))
    assert (told["status"], told["mediaUrl"]) == ("processing", None)


async def test_bandwidth_steers_a_conference(house: House) -> None:
    conference = UUID("019cad00-0000-7000-8000-0000000c0f0e")
    call = await house.recorder.call(conference_id=conference, foreign={"bandwidth": {"conference": "conf-tea"}})
    target = f"/api/v2/accounts/{ACME.serial}/conferences/conf-tea/bxml"
    shown = {"Authorization": KEYS["bandwidth"]}
    assert (await house.world.ask("PUT", target, shown, b"<Bxml><StartRecording/></Bxml>")).status == 204
    assert house.phases(call) == [Phase.RUNNING]
    refused = await house.world.ask("PUT", target.replace("tea", "coffee"), shown, b"<Bxml><StopRecording/></Bxml>")
    assert refused.status == 404
    assert (await json_of(refused))["description"] == "Conference [conf-coffee] not found"


async def test_bandwidth_is_told_what_is_not_there(house: House) -> None:
    call = await house.recorder.call()
    reply = await house.bandwidth("PUT", call, "recording", '{"state": "paused"}')
    name = words.call_id(call.call_id)
    assert await json_of(reply) == {
        "type": "validation",
        "description": f"Recording of call [{name}] not found",
        "id": None,
    }
    house.recorder.lives.forget(call.take)
    await house.recorder.lives.flush()
    reply = await house.bandwidth("PUT", call, "recording", '{"state": "paused"}')
    assert reply.status == 404
    assert (await json_of(reply))["description"] == f"Call [{name}] not found"


@pytest.mark.parametrize("verb", ["record", "recordings"])
async def test_bird_records_and_steers(house: House, verb: str) -> None:
    call = await house.recorder.call()
    status, begun = await house.bird("POST", call, verb, {"maxLength": 60})
    assert status == 202
    assert (begun["command"]["callId"], begun["command"]["command"]) == (str(call.call_id), "record")
    one = f"recordings/{begun['recordingId']}"
    for word in ("paused", "paused", "ongoing", "completed"):
        status, told = await house.bird("PATCH", call, one, {"status": word})
        assert (status, told["id"], told["status"]) == (202, begun["recordingId"], word)
        assert (await house.bird("GET", call, one))[1] == told
        assert (await house.bird("GET", call, "recordings"))[1] == {"results": [told]}
    assert told["origin"] == {"record": "call-command-record", "recordings": "call-command-record-call"}[verb]
    status, refused = await house.bird("PATCH", call, one, {"status": "paused"})
    assert (status, refused["code"]) == (422, "ValidationFailed")


async def test_bird_changes_nothing_where_no_status_is_said(house: House) -> None:
    call = await house.recorder.call()
    _, begun = await house.bird("POST", call, "recordings")
    status, told = await house.bird("PATCH", call, f"recordings/{begun['recordingId']}")
    assert (status, told["status"]) == (202, "ongoing")
    assert house.phases(call) == [Phase.RUNNING]


async def test_bird_is_told_what_is_not_there(house: House) -> None:
    call = await house.recorder.call()
    other = await house.recorder.call()
    _, begun = await house.bird("POST", other, "recordings")
    for one in (begun["recordingId"], str(call.take)):
        status, refused = await house.bird("PATCH", call, f"recordings/{one}", {"status": "paused"})
        assert (status, refused["code"]) == (404, "NotFound")
    assert house.phases(other) == [Phase.RUNNING]
    house.recorder.lives.forget(call.take)
    await house.recorder.lives.flush()
    assert (await house.bird("POST", call, "recordings"))[0] == 404
