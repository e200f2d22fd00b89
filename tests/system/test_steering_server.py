"""A whole server's live calls are steered through our own API, while its processes die in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from tests.system.authority import Certificates
from tests.system.departures import Given, edge, more_said
from tests.system.pieces import pieces
from tests.system.recording_server import RecordingServer, recording_server

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0
LONGEST_S = 240
RUTH = Voice(sound=noise(1, seconds=LONGEST_S))
OMAR = Voice(sound=noise(2, seconds=LONGEST_S), user="2001", host="pbx.example.net", name="Omar")


class Steering:
    """What somebody does with live calls."""

    def __init__(self, server: RecordingServer) -> None:
        self.server = server
        self.call = ""
        self.verbs: dict[str, Given] = {}

    @asynccontextmanager
    async def given(self, verb: str) -> AsyncIterator[None]:
        """What is said in the block carries this verb out."""
        asked_s = time.time()
        yield
        self.verbs[verb] = Given(asked_s=asked_s, answered_s=time.time())

    async def ask(self, method: str, path: str, said: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.server.token}"}
        url = f"{self.server.server.url}/callvault/v1{path}"
        return await asyncio.to_thread(
            lambda: httpx.request(method, url, json=said, headers=headers, timeout=PATIENCE_S)
        )

    async def done(self, method: str, path: str, said: Any = None) -> Any:
        answer = await self.ask(method, f"/calls/{self.call}{path}", said)
        assert answer.is_success, answer.text
        return answer.json()

    async def change(self, to: str, **more: Any) -> None:
        await self.done("PATCH", "/recordings/current", {"to": to, **more})

    async def live(self) -> list[dict[str, Any]]:
        answer = await self.ask("GET", "/calls")
        return list(answer.raise_for_status().json()["calls"])

    async def shown(self) -> dict[str, Any]:
        """The only one."""
        (call,) = await self.live()
        return call

    async def status(self, recording: str) -> str:
        answer = await self.ask("GET", f"/recordings/{recording}")
        return str(answer.raise_for_status().json()["status"])

    async def until(self, what: Callable[[], Any]) -> Any:
        """The first answer that says something."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await what()):  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(0.05)
        return found

    async def record_none(self) -> None:
        """When this returns it holds for new calls."""
        (await self.ask("PUT", "/policy", {"record": False})).raise_for_status()
        known = self.server.server.data / "spool" / "trunks.json"

        async def taken_over() -> bool:
            return bool(known.exists() and json.loads(known.read_bytes())[0]["account_policy"])

        await self.until(taken_over)

    async def kill_signalling(self, *, masked: bool) -> None:
        """And wait for whoever goes on: it says so by doing what has been done already."""
        killed = signalling_of(self.server.server.data)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)

        async def followed() -> bool:
            if signalling_of(self.server.server.data) in {None, killed}:
                return False
            return (await self.ask("PUT", f"/calls/{self.call}/mask", {"on": masked})).is_success

        await self.until(followed)


def signalling_of(data: Path) -> int | None:
    """The process that talks SIP."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
        except OSError:
            continue
        if b"callvault.server.capture.signalling" in command and bytes(data) in environment:
            return int(path.name)
    return None


async def test_verbs_hold_across_the_death_of_whoever_carried_them_out(
    tmp_path: Path, certificates: Certificates
) -> None:
    with recording_server(tmp_path, certificates) as server:
        steering = Steering(server)
        await steering.record_none()
        plan = CallPlan(recorder=server.uri(), voices=(RUTH, OMAR), rtcp=False)
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            shown = (await steering.until(steering.live))[0]
            assert shown["recordings"] == []
            steering.call = shown["take"]
            await more_said(call, 1)

            async with steering.given("start"):
                recording = (await steering.done("POST", "/recordings"))["id"]
            assert await steering.status(recording) == "capturing"
            await more_said(call, 1)
            async with steering.given("mask"):
                assert (await steering.done("PUT", "/mask", {"on": True}))["masked"]
            await steering.kill_signalling(masked=True)
            await more_said(call, 1)
            assert (await steering.shown())["masked"]
            async with steering.given("unmask"):
                assert not (await steering.done("PUT", "/mask", {"on": False}))["masked"]
            await more_said(call, 1)
            async with steering.given("pause"):
                await steering.change("paused")
            assert await steering.status(recording) == "paused"
            await steering.kill_signalling(masked=False)
            async with steering.given("resume"):
                await steering.change("running")
            await more_said(call, 1)
            async with steering.given("stop"):
                await steering.change("stopped")

            async def finished() -> bool:
                return await steering.status(recording) == "available"

            await steering.until(finished)
            assert len(await steering.live()) == 1
            playing.cancel()
        report = call.report()
        made = server.recorded(recording)
        for label in ("1", "2"):
            stream = next(each for each in report.streams if each.label == label)
            found = pieces(made.channel(label), stream.placed())
            found = [piece for piece in found if piece.sent is not None or piece.size > edge(report)]
            before, silence, between, after = found
            assert silence.sent is None
            assert before.shift == between.shift
            edges = [sample for piece in (before, between, after) for sample in piece.ends]
            for (verb, given), sample in zip(steering.verbs.items(), edges, strict=True):
                assert given.window(report, stream).has(sample), verb

        async def over() -> bool:
            return not await steering.live()

        await steering.until(over)


async def test_a_call_that_nobody_wanted_leaves_no_trace(tmp_path: Path, certificates: Certificates) -> None:
    with recording_server(tmp_path, certificates) as server:
        steering = Steering(server)
        await steering.record_none()
        plan = CallPlan(recorder=server.uri(), voices=(RUTH, OMAR), seconds=1, rtcp=False)
        async with Call(plan) as call:
            await call.play()

        async def over() -> bool:
            spool = server.server.data / "spool"
            return not any([*spool.glob("live/*"), *spool.glob("ended/*"), *await steering.live()])

        await steering.until(over)
        assert server.ids() == set()


async def test_what_cannot_be_done_is_said(tmp_path: Path, certificates: Certificates) -> None:
    with recording_server(tmp_path, certificates) as server:
        steering = Steering(server)
        plan = CallPlan(recorder=server.uri(), voices=(RUTH, OMAR), rtcp=False)
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            steering.call = (await steering.until(steering.live))[0]["take"]
            await steering.change("paused", silent=True)
            again = await steering.ask("PATCH", f"/calls/{steering.call}/recordings/current", {"to": "paused"})
            assert again.status_code == 409
            await steering.change("stopped")
            gone = await steering.ask("PATCH", f"/calls/{steering.call}/recordings/current", {"to": "paused"})
            assert gone.status_code == 404
            playing.cancel()

        async def over() -> bool:
            return not await steering.live()

        await steering.until(over)
        late = await steering.ask("POST", f"/calls/{steering.call}/recordings")
        assert late.status_code == 404
