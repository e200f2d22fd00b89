"""What ``callvault stream`` sends is what the readers understand: sides that share no line agree on every sample."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from callvault.audio import g711
from callvault.caller.network import Network
from callvault.caller.sound import noise
from callvault.caller.streams.manners import CODECS
from callvault.caller.streams.plan import StreamPlan
from callvault.caller.streams.playing import play
from callvault.caller.streams.report import StreamingReport
from callvault.caller.timeline import Press
from callvault.errors import BadRequest
from callvault.protocols.media_streams.events import Digit, Event, Media, Oddity, Started, Stopped, Track, Vendor
from callvault.protocols.media_streams.readers import READERS

VOICES = (noise(1, seconds=0.6), noise(2, seconds=0.6))
CODED = [(vendor, codec) for vendor, codecs in CODECS.items() for codec in codecs if codec in ("pcmu", "pcma", "l16")]


@dataclass(kw_only=True)
class Listener:
    """What came, by connection."""

    url: str = ""
    connections: list[list[str | bytes]] = field(default_factory=list)
    headers: list[str | None] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, connection: ServerConnection) -> None:
        frames: list[str | bytes] = []
        self.connections.append(frames)
        assert connection.request is not None
        self.headers.append(connection.request.headers.get("Authorization"))
        with suppress(ConnectionClosed):
            while True:
                frames.append(await connection.recv())
        self.over.set()

    def events(self, vendor: str, connection: int = 0) -> list[Event]:
        reader = READERS[Vendor(vendor)]()
        return [event for frame in self.connections[connection] for event in reader.receive(frame)]


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    async with serve(listener.take, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        listener.url = f"ws://127.0.0.1:{port}/streams/x/y"
        yield listener
        await listener.over.wait()


def plan(url: str, vendor: str, codec: str = "pcmu") -> StreamPlan:
    return StreamPlan(
        url=url, vendor=vendor, voices=VOICES, call_id="call-7", account_id="account-7", stream_ids=("one", "two"),
        codec=codec, speed=20,
    )  # fmt: skip


def heard(events: list[Event], codec: str, track: Track) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    octets = b"".join(event.payload for event in events if isinstance(event, Media) and event.track is track)
    if codec == "l16":
        return np.frombuffer(octets, dtype="<i2")
    return (g711.decode_ulaw if codec == "pcmu" else g711.decode_alaw)(octets)


@pytest.mark.parametrize(("vendor", "codec"), CODED)
async def test_every_sample_is_understood(vendor: str, codec: str) -> None:
    async with listening() as listener:
        report = await play(replace(plan(listener.url, vendor, codec), presses=(Press(at_s=0.3, key="7"),)))
    events = listener.events(vendor)
    (start,) = (event for event in events if isinstance(event, Started))
    assert (start.call_id, start.format.encoding, start.vendor) == ("call-7", codec.upper(), vendor)
    for track in Track:
        assert np.array_equal(heard(events, codec, track), report.tracks[track].placed())
    assert [event.key for event in events if isinstance(event, Digit)] == ["7"]
    assert isinstance(events[-1], Stopped) is (vendor != "jambonz")
    assert not [event for event in events if isinstance(event, Oddity)]
    assert (report.status, report.connections) == (101, 1)


async def test_lost_frames_are_missing_by_number_and_in_the_report() -> None:
    async with listening() as listener:
        report = await play(replace(plan(listener.url, "twilio"), network=Network(loss=0.3, reordered=0.3, seed=5)))
    numbers = [event.number for event in listener.events("twilio") if isinstance(event, Media) and not event.track]
    assert len(numbers) == report.tracks[0].frames == 30 - report.tracks[0].lost < 30
    assert numbers != sorted(numbers, key=lambda number: number or 0)
    kept = np.concatenate([samples for _, samples in report.tracks[0].pieces])
    assert len(kept) == 160 * len(numbers)


async def test_a_connection_that_breaks_off_is_followed_by_another_of_the_same_call() -> None:
    async with listening() as listener:
        report = await play(replace(plan(listener.url, "telnyx"), cut_at_s=0.2, resumes_after_s=0.1))
    first, second = (listener.events("telnyx", number) for number in range(2))
    assert [event.call_id for event in (*first, *second) if isinstance(event, Started)] == ["call-7", "call-7"]
    assert report.connections == 2
    assert report.tracks[0].lost == 5
    assert not isinstance(first[-1], Stopped)
    assert isinstance(second[-1], Stopped)


async def test_the_credentials_are_shown() -> None:
    async with listening() as listener:
        await play(replace(plan(listener.url, "bandwidth"), user="trunk", password="öffne dich"))
    assert listener.headers == ["Basic dHJ1bms6w7ZmZm5lIGRpY2g="]


async def test_a_vendor_has_only_its_own_codecs() -> None:
    with pytest.raises(BadRequest, match="twilio sends pcmu, and no l16"):
        await play(plan("ws://127.0.0.1:9/", "twilio", "l16"))


async def test_who_is_refused_is_told_why() -> None:
    async def refuse(connection: ServerConnection, _: object) -> object:
        return connection.respond(503, "The disk is full.\n")

    async def never(_: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:  # type: ignore[arg-type]
        port = next(iter(server.sockets)).getsockname()[1]
        report = await play(plan(f"ws://127.0.0.1:{port}/", "twilio"))
    assert isinstance(report, StreamingReport)
    assert (report.status, report.reason) == (503, "The disk is full.")
