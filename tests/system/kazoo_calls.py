"""A client of Kazoo's that steers calls placed to a recorder: its channels, its documents, its audio.

What does not live here: what has to come of it.
"""

from __future__ import annotations

import asyncio
import io
import time
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import numpy.typing as npt

from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.sound import noise
from tests.system.departures import Given, more_said
from tests.system.recording_server import RecordingServer

PATIENCE_S = 60.0
LONGEST_S = 120.0
"""Of a call; each is hung up when all has been asked."""
Samples = npt.NDArray[np.int16]
Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kazoo:
    """A client of Kazoo's, and a recorder that it steers."""

    recorder: RecordingServer
    account: str

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Anything of the account."""
        url = f"{self.recorder.server.url}/v2/accounts/{self.account}{path}"
        return httpx.request(method, url, json=body, headers={"X-Auth-Token": self.recorder.token} | more, timeout=30)

    def data(self, path: str) -> Any:
        """What an answer holds."""
        return self.ask("GET", path).raise_for_status().json()["data"]

    def settle(self, recording: Mapping[str, Any] | None) -> None:
        """Automatic recording of the account."""
        body = {"data": {"call_recording": recording}}
        self.ask("POST", "", body).raise_for_status()

    def steer(self, uuid: str, **parameters: Any) -> None:
        """A metaflow."""
        flow = {"action": "metaflow", "data": {"module": "record_call", "data": parameters}}
        answer = self.ask("PUT", f"/channels/{uuid}", flow)
        assert (answer.status_code, answer.json()["data"]) == (202, "metaflow sent"), answer.text

    def plan(self, *sounds: Voice, **more: Any) -> CallPlan:
        """A call to it."""
        return CallPlan(recorder=self.recorder.uri(), voices=sounds or (ruth(LONGEST_S), omar(LONGEST_S)), **more)

    @asynccontextmanager
    async def call(self, plan: CallPlan, *, to_its_end: bool = False) -> AsyncIterator[LiveChannel]:
        """A call that is being played while it is steered: as long as the block, or to the end of what is played."""
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            try:
                uuid = call.recorded_call
                await until(lambda: self.ask("GET", f"/channels/{uuid}").is_success)
                if plan.rings_until_s is None:
                    await more_said(call, 0.3)
                yield LiveChannel(kazoo=self, uuid=uuid, call=call)
                if to_its_end:
                    await asyncio.shield(playing)
            finally:
                call.hang_up()
                await playing

    async def documents(self, uuid: str, count: int) -> list[Document]:
        """The recordings of a call, oldest first, when all are finished."""
        pending = {"processing", "capturing", "paused"}

        def finished() -> list[Document]:
            cards = self.recorder.ask("/recordings", limit="1000").json()["recordings"]
            busy = any(card["status"] in pending for card in cards)
            found = self.data(f"/recordings?filter_call_id={uuid}")
            return [] if busy or len(found) < count else found

        found = await until(finished)
        assert len(found) == count
        return sorted(found, key=lambda document: str(document["id"]))

    def audio(self, document: Document) -> httpx.Response:
        """As a client fetches it."""
        return self.ask("GET", f"/recordings/{document['id']}", accept="audio/mpeg").raise_for_status()

    def card(self, document: Document) -> Document:
        """What our own API says of it."""
        card: Document = self.recorder.ask(_own(document)).raise_for_status().json()
        return card

    def heard(self, document: Document) -> tuple[int, Samples]:
        """Its rate and samples, by our own API."""
        answer = self.recorder.ask(f"{_own(document)}/media", format="wav")
        with wave.open(io.BytesIO(answer.raise_for_status().content)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
            return file.getframerate(), samples.reshape(-1, file.getnchannels()).astype(np.int16)


@dataclass(frozen=True, kw_only=True)
class LiveChannel:
    """A call under way."""

    kazoo: Kazoo
    uuid: str
    call: Call

    async def steer(self, **parameters: Any) -> Given:
        """A metaflow; its packets go on leaving meanwhile."""
        asked_s = time.time()
        await asyncio.to_thread(self.kazoo.steer, self.uuid, **parameters)
        return Given(asked_s=asked_s, answered_s=time.time())

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Anything of the account."""
        return await asyncio.to_thread(self.kazoo.ask, method, path, body)

    def phases(self) -> list[str]:
        """How far they are, by our own API."""
        told = self.kazoo.recorder.ask(f"/calls/{self.uuid}").raise_for_status().json()
        return [recording["phase"] for recording in told["recordings"]]

    async def recordings(self) -> list[str]:
        """What is being recorded of it."""
        return await asyncio.to_thread(self.listed)

    def listed(self) -> list[str]:
        """The same, for who waits for it."""
        told = self.kazoo.data(f"/channels/{self.uuid}")["custom_channel_vars"]
        return list(told.get("media_recordings", []))


def _own(document: Document) -> str:
    return f"/recordings/{UUID(hex=str(document['id']).partition('-')[2])}"


def ruth(seconds: float, **more: Any) -> Voice:
    return Voice(sound=noise(1, seconds=seconds), **more)


def omar(seconds: float, **more: Any) -> Voice:
    return Voice(sound=noise(2, seconds=seconds), **{"user": "2001", "host": "pbx.example.net", "name": "Omar", **more})


async def until(look: Callable[[], Any]) -> Any:
    """What is seen when there is something to see."""
    give_up = time.monotonic() + PATIENCE_S
    while not (found := await asyncio.to_thread(look)):
        assert time.monotonic() < give_up, "it never came"
        await asyncio.sleep(0.05)
    return found


def sent(report: CallReport, number: int) -> Samples:
    """What a voice sent, without pauses."""
    return np.concatenate([piece.samples for piece in report.streams[number].pieces])
