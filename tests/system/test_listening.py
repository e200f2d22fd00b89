"""A live call is heard while it is recorded: a second behind, by whoever may, and the recording knows nothing of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest

from callvault.caller.call import Call, place
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import StreamReport
from callvault.caller.sound import noise
from tests.sameness import differences
from tests.system.authority import Certificates
from tests.system.departures import RATE, lateness
from tests.system.recording_server import RecordingServer, recording_server

pytestmark = pytest.mark.slow

Samples = npt.NDArray[np.int16]

SECONDS = 10.0
RUTH = Voice(sound=noise(1, seconds=SECONDS))
OMAR = Voice(sound=noise(2, seconds=SECONDS), user="2001", host="pbx.example.net", name="Omar")
HEADER = 44
PATIENCE_S = 60.0
MOST_BEHIND_S = 2.0
LATEST_S = 6
"""By when, in a call, who asks at its beginning is listening: a machine may be busy."""


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[RecordingServer]:
    with recording_server(tmp_path_factory.mktemp("recorder"), certificates) as server:
        yield server


@dataclass(kw_only=True)
class Listener:
    """An ordinary client, and when it got what."""

    content: bytearray = field(default_factory=bytearray)
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """Moments (of ``time.time``), and how many bytes were there."""
    content_type: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def samples(self) -> Samples:
        """Of two channels in WAV."""
        body = bytes(self.content[HEADER:])
        return np.frombuffer(body[: len(body) // 4 * 4], dtype="<i2").astype(np.int16).reshape(-1, 2)

    def heard_at(self, sample: int) -> float:
        """When the sample of this number was there."""
        return next(moment for moment, size in self.arrivals if size >= HEADER + 4 * (sample + 1))


@asynccontextmanager
async def listening(recorder: RecordingServer, call: str, **parameters: str) -> AsyncIterator[Listener]:
    """Listens until it is left."""
    heard = Listener()
    begun = asyncio.Event()
    task = asyncio.create_task(_listen(recorder, call, parameters, heard, begun))
    try:
        await asyncio.wait_for(begun.wait(), PATIENCE_S)
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(
    recorder: RecordingServer, call: str, parameters: dict[str, str], heard: Listener, begun: asyncio.Event
) -> None:
    url = f"{recorder.server.url}/callvault/v1/calls/{call}/audio"
    headers = {"Authorization": f"Bearer {recorder.token}"}
    try:
        async with (
            httpx.AsyncClient(timeout=PATIENCE_S) as client,
            client.stream("GET", url, params=parameters, headers=headers) as reply,
        ):
            reply.raise_for_status()
            heard.content_type = reply.headers["content-type"]
            async for piece in reply.aiter_bytes():
                heard.content += piece
                heard.arrivals.append((time.time(), len(heard.content)))
                begun.set()
    finally:
        heard.ended.set()


TOLD: set[str] = set()
"""The takes of earlier calls: one that has just ended is listed a moment longer."""


async def live_call(recorder: RecordingServer) -> dict[str, Any]:
    """The new one that is under way, as soon as the server tells of it."""
    async with asyncio.timeout(PATIENCE_S):
        while not (fresh := [each for each in await _calls(recorder) if each["take"] not in TOLD]):  # noqa: ASYNC110 - of others
            await asyncio.sleep(0.05)
    TOLD.add(fresh[0]["take"])
    return fresh[0]


async def _calls(recorder: RecordingServer) -> list[dict[str, Any]]:
    listed = await asyncio.to_thread(recorder.ask, "/calls")
    return list(listed.raise_for_status().json()["calls"])


def said(stream: StreamReport) -> Samples:
    return np.concatenate([piece.samples for piece in stream.pieces])


def beginning(sent: Samples, heard: Samples) -> int:
    """Where what was sent begins in what was heard; before it, where listening began later."""
    hay = np.ascontiguousarray(heard).tobytes()
    for first in (len(sent) * part // 8 for part in (7, 6, 5, 4)):  # what comes too late is not heard
        at = hay.find(sent[first : first + 400].tobytes())
        if at >= 0:
            return at // 2 - first
    raise AssertionError("no part of the second half was heard")


def likeness(needle: Samples, hay: Samples) -> float:
    """How well a voice is found in a mix, wherever it is there: 1 would be alone."""
    voice, mix = needle.astype(np.float64), hay.astype(np.float64)
    peak = np.abs(np.correlate(mix, voice, mode="valid"))
    at = int(peak.argmax())
    return float(peak[at] / np.linalg.norm(voice) / np.linalg.norm(mix[at : at + len(voice)]))


def behind_s(heard: Listener, stream: StreamReport, at: int) -> float:
    """How long after it was said a second of a stream was heard, most of the time."""
    assert stream.first_sent_at is not None
    first = max(0, -at) + RATE
    spoken = stream.first_sent_at.timestamp()
    return median(
        heard.heard_at(at + sample) - (spoken + sample / RATE) for sample in range(first, len(said(stream)), RATE)
    )


def drains(data: Path) -> int:
    """The media worker that has the call's spool open."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if any(_writes_spool(process, each, data) for each in (process / "fd").iterdir()):
                    return int(process.name)
        time.sleep(0.02)
    raise AssertionError("nobody drains the call")


def _writes_spool(process: Path, descriptor: Path, data: Path) -> bool:
    """Whether a call's media is open there for writing: listeners have it open too."""
    with contextlib.suppress(OSError):  # it was closed meanwhile
        file = descriptor.readlink()
        if file.suffix == ".media" and file.is_relative_to(data):
            flags = (process / "fdinfo" / descriptor.name).read_text().split("flags:")[1].split()[0]
            return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
    return False


@pytest.mark.parametrize(("style", "transport", "secure"), [("rfc7865", "udp", False), ("telnyx", "tls", True)])
async def test_a_call_is_heard_while_it_is_recorded_and_as_it_is_recorded(
    recorder: RecordingServer, style: str, transport: str, *, secure: bool
) -> None:
    known = recorder.ids()
    trusted = recorder.authority if transport == "tls" else None
    plan = CallPlan(recorder=recorder.uri(transport), voices=(RUTH, OMAR), style=style, secure=secure, ca_file=trusted)
    calling = asyncio.create_task(place(plan))
    call = await live_call(recorder)
    async with listening(recorder, call["call_id"]) as heard, listening(recorder, call["take"]) as other:
        report = await calling
        (recorded,) = await recorder.made(known)
        await asyncio.wait_for(asyncio.gather(heard.ended.wait(), other.ended.wait()), PATIENCE_S)
    assert heard.content_type == "audio/wav"
    for number, stream in enumerate(report.streams):
        assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
        sent = said(stream)
        for each in (heard, other):
            column = each.samples[:, number]
            at = beginning(sent, column)
            assert at > -LATEST_S * RATE
            there = column[max(at, 0) : at + len(sent)]
            assert len(there) > 3 * RATE
            assert (there == sent[max(-at, 0) :]).all()
            assert behind_s(each, stream, at) < MOST_BEHIND_S + lateness(report) / RATE


async def test_who_leaves_changes_nothing_for_the_recording_and_for_who_stays(recorder: RecordingServer) -> None:
    known = recorder.ids()
    calling = asyncio.create_task(place(CallPlan(recorder=recorder.uri(), voices=(RUTH, OMAR))))
    call = await live_call(recorder)
    async with listening(recorder, call["call_id"], channels="1") as stays:
        for _ in range(5):
            async with listening(recorder, call["call_id"], format="mp3") as leaves:
                assert leaves.content_type == "audio/mpeg"
        report = await calling
        (recorded,) = await recorder.made(known)
        await asyncio.wait_for(stays.ended.wait(), PATIENCE_S)
    mixed = np.frombuffer(bytes(stays.content[HEADER:]), dtype="<i2").astype(np.int16)
    for stream in report.streams:
        assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
        assert likeness(said(stream)[(LATEST_S + 1) * RATE : (LATEST_S + 2) * RATE], mixed) > 0.6, (
            "one of two voices that are equally loud"
        )


async def test_a_worker_is_killed_while_somebody_listens(recorder: RecordingServer) -> None:
    known = recorder.ids()
    calling = asyncio.create_task(place(CallPlan(recorder=recorder.uri(), voices=(RUTH, OMAR))))
    call = await live_call(recorder)
    async with listening(recorder, call["call_id"]) as heard:
        await asyncio.to_thread(lambda: os.kill(drains(recorder.server.data), signal.SIGKILL))
        report = await calling
        (recorded,) = await recorder.made(known)
        await asyncio.wait_for(heard.ended.wait(), PATIENCE_S)
    for number, stream in enumerate(report.streams):
        assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
        sent, column = said(stream), heard.samples[:, number]
        at = beginning(sent, column)
        there, then = column[max(at, 0) : at + len(sent)], sent[max(-at, 0) :]
        assert ((there == then) | (there == 0)).all(), "what its successor drained too late for a listener is silent"
        assert (there == then).mean() > 0.5


async def test_what_cannot_be_heard_is_refused_in_words(recorder: RecordingServer) -> None:
    assert recorder.ask("/calls/019ca8a0-46c2-7a3b-8c4d-5e6f708192a3/audio").status_code == 404
    async with Call(CallPlan(recorder=recorder.uri(), voices=(RUTH, OMAR))):  # on the line for as long as it is needed
        call = await live_call(recorder)
        path = f"/calls/{call['call_id']}/audio"
        for parameters in ({"format": "ogg"}, {"channels": "3"}, {"until": "now"}):
            assert recorder.ask(path, **parameters).status_code == 400
        url = f"{recorder.server.url}/callvault/v1{path}"
        assert (await asyncio.to_thread(httpx.get, url, timeout=30)).status_code == 401


async def test_a_server_is_stopped_though_somebody_listens(tmp_path: Path, certificates: Certificates) -> None:
    with recording_server(tmp_path, certificates) as server:
        calling = asyncio.create_task(place(CallPlan(recorder=server.uri(), voices=(RUTH, OMAR))))
        call = await live_call(server)
        async with listening(server, call["call_id"]) as heard:
            process = server.server.process
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 60) == 0
            await asyncio.wait_for(heard.ended.wait(), PATIENCE_S)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
