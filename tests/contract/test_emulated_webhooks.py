"""The emulator's webhooks: sent for real, on its own clock, signed with the wall's, and going wrong on demand."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from callvault.server.build import build_emulator
from callvault.server.settings import resolve
from tests.emulating import EMULATOR, Client, emulating
from tests.receiver import Answer, Received, Receiver, receiving

SEED = """
clock: stepped
accounts:
  - name: acme
    hooks:
      - {{dialect: callvault, url: "{url}"}}
    recordings:
      - {{name: old, audio: {{tone: 1}}}}
      - {{name: live, audio: {{speech: 8}}, progress: {{1: capturing, 4: paused, 6: capturing, 10: processing, 12: available}}}}
"""  # noqa: E501 - a file
LIFE = ["recording.started", "recording.paused", "recording.resumed", "recording.ended", "recording.available"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@asynccontextmanager
async def telling(folder: Path, receiver: Receiver) -> AsyncIterator[Client]:
    async with emulating(folder, SEED.format(url=receiver.url("/calls"))) as client:
        yield client


async def came(receiver: Receiver, count: int) -> list[Any]:
    """What was said in at least so many webhooks."""
    return [json.loads(request.body) for request in await asyncio.to_thread(receiver.wait_for, count)]


def kinds(told: list[Any]) -> list[str]:
    return [document["type"] for document in told]


async def test_a_recordings_life_is_told_as_the_clock_is_put_on(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as client:
        assert receiver.requests == [], "what was there before the start is no news"
        await client.advance(5)
        assert kinds(await came(receiver, 2)) == LIFE[:2]
        state = await client.advance(7)
        told = await came(receiver, 5)
    assert kinds(told) == LIFE
    assert told[-1]["timestamp"] == state["clock"]["now"], "events are on the emulator's clock"
    signed = [int(request.headers["webhook-timestamp"]) for request in receiver.requests]
    assert all(abs(at - time.time()) < 60 for at in signed), "signatures are on the receiver's"


async def test_a_webhook_is_tried_again_when_the_clock_says_so(tmp_path: Path, receiver: Receiver) -> None:
    answers = [503, 503]
    receiver.answer = lambda _: Answer(status=answers.pop() if answers else 204)
    async with telling(tmp_path, receiver) as client:
        await client.advance(1)
        await came(receiver, 1)
        await settled(client)
        await client.advance(6)  # the first pause is 5 s, and a tenth of it more
        await came(receiver, 2)
        await settled(client)
        assert len(receiver.requests) == 2, "the second pause is five minutes, and the clock stands"
        await client.advance(360)
        assert kinds(await came(receiver, 7)) == [LIFE[0]] * 3 + LIFE[1:]


async def settled(client: Client) -> None:
    """Wait until nothing is due on the emulator's clock."""
    state = await client.state()
    key, now = state["accounts"][0]["key"], state["clock"]["now"]
    while True:
        page = (await client.ask("GET", "/callvault/v1/deliveries?state=waiting", key=key)).json()
        if all(delivery["due_at"] > now for delivery in page["deliveries"]):
            return
        await asyncio.sleep(0.01)


async def test_one_comes_late(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as client:
        await client.ask("POST", f"{EMULATOR}/faults", {"notices_late_s": 100, "path": "/calls"})
        state = await client.advance(12)
        assert receiver.requests == []
        await client.advance(99)
        assert receiver.requests == []
        await client.advance(1)
        told = await came(receiver, 5)
        assert kinds(told) == LIFE, "those behind it wait for it"
        assert told[0]["timestamp"] < state["clock"]["now"]
        assert (await client.state())["faults"] == []


async def test_each_comes_more_than_once(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as client:
        await client.ask("POST", f"{EMULATOR}/faults", {"notice_copies": 3, "dialect": "callvault", "times": None})
        await client.advance(1)
        await came(receiver, 3)
        await client.ask("DELETE", f"{EMULATOR}/faults")
        await client.advance(11)
        assert kinds(await came(receiver, 7)) == [LIFE[0]] * 3 + LIFE[1:]
    copies: list[Received] = receiver.requests[:3]
    assert len({(request.head, request.body) for request in copies}) == 1


async def test_a_fault_is_for_its_own_path(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as client:
        await client.ask("POST", f"{EMULATOR}/faults", {"notice_copies": 3, "path": "/elsewhere"})
        await client.advance(12)
        assert kinds(await came(receiver, 5)) == LIFE
        assert len((await client.state())["faults"]) == 1


async def test_a_reset_silences_what_was_under_way(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as client:
        await client.ask("POST", f"{EMULATOR}/faults", {"notices_late_s": 100})
        await client.advance(12)
        await client.ask("POST", f"{EMULATOR}/reset")
        await client.advance(4)
        assert kinds(await came(receiver, 2)) == LIFE[:2]
        assert len(receiver.requests) == 2


async def test_a_test_adds_hooks_of_its_own(tmp_path: Path, receiver: Receiver) -> None:
    async with telling(tmp_path, receiver) as client:
        key = (await client.state())["accounts"][0]["key"]
        document = {"dialect": "bandwidth", "url": receiver.url("/bandwidth")}
        assert (await client.ask("POST", "/callvault/v1/hooks", document, key=key)).status == 201
        await client.advance(12)
        await came(receiver, 6)
    (request,) = [request for request in receiver.requests if request.path == "/bandwidth"]
    assert json.loads(request.body)["eventType"] == "recordingAvailable"


async def test_a_rehearsal_tells_nobody(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(SEED.format(url=receiver.url()).replace("{1: capturing", "{-1: capturing, 0: paused, 1: capturing"))
    emulator = build_emulator(resolve({"emulate": str(file)}, {}))
    await emulator.open()
    await emulator.close()
    assert receiver.requests == []
