"""Listeners of real files: in both forms, until the call ends or they leave, and no more than may."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from callvault.audio.g711 import ulaw_values
from callvault.capture.journals import JournalFile
from callvault.capture.listening.listener import Listeners
from callvault.capture.spools import Spools
from callvault.errors import TooMany
from callvault.model.media import MediaFormat
from tests.asgi import descriptors
from tests.finished_calls import BEGUN, agreed
from tests.rtp_calls import EPOCH_NS, MS, Sent, arrived, batches, spooled, stream
from tests.spool_chunks import write_batch

TAKE = UUID(int=7 << 76 | 9)
SENT = stream(200, 1), stream(200, 2, ssrc=9)
HEADER = 44


class Call:
    """Four seconds of a call that are in the spool as they would be; the clock goes on with each look at it."""

    def __init__(self, folder: Path, *, most: int = 3) -> None:
        self.spools = Spools(folder)
        self.now_ns = EPOCH_NS + 500 * MS
        self._media = spooled(*(batches(index, arrived(sent)) for index, sent in enumerate(SENT)))
        self._written = 0
        journal = JournalFile(self.spools.live(TAKE).journal)
        journal.write(BEGUN, agreed(0), agreed(1))
        journal.close()
        self.listeners = Listeners(
            lambda: self.spools,
            lambda _: (),
            most=most,
            behind_ns=1000 * MS,
            clock_ns=self._clock,
        )

    def _clock(self) -> int:
        self.now_ns += 220 * MS
        with self.spools.live(TAKE).media.open("ab") as file:
            while self._written < len(self._media) and self._media[self._written].arrivals_ns[-1] <= self.now_ns:
                file.write(write_batch(self._media[self._written]))
                self._written += 1
        if self.now_ns > EPOCH_NS + 4700 * MS:
            self.spools.end(TAKE)
        return self.now_ns


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    made = Call(tmp_path)
    yield made
    made.listeners.close()


async def heard(call: Call, form: MediaFormat, channels: int | None) -> tuple[int, bytes]:
    """How many channels, and all bytes until the end."""
    sounding = await call.listeners.open(TAKE, form, channels)
    assert sounding is not None
    assert sounding.form is form
    return sounding.channels, b"".join([piece async for piece in sounding.source.chunks(0, None)])


def pcm(sent: Sent) -> NDArray[np.int16]:
    return ulaw_values()[sent.payloads.reshape(-1)]


def place_of(needle: NDArray[np.int16], hay: NDArray[np.int16]) -> int:
    found = np.ascontiguousarray(hay).tobytes().find(needle.tobytes())
    assert found >= 0
    assert found % 2 == 0
    return found // 2


@pytest.mark.parametrize("channels", [None, 2])
async def test_a_call_is_heard_as_wav_until_it_ends(call: Call, channels: int | None) -> None:
    count, content = await heard(call, MediaFormat.WAV, channels)
    assert count == 2
    assert struct.unpack("<4sI4s", content[:12]) == (b"RIFF", 0xFFFFFFFF, b"WAVE")
    assert struct.unpack("<HHIIHH", content[20:36]) == (1, 2, 8000, 32_000, 4, 16)
    assert content[36:HEADER] == b"data\xff\xff\xff\xff"
    samples = np.frombuffer(content[HEADER:], dtype="<i2").astype(np.int16).reshape(-1, 2)
    for column, sent in enumerate(SENT):
        assert len(samples) - place_of(pcm(sent), samples[:, column]) == 200 * 160
    assert not samples[: -200 * 160].any()


async def test_one_channel_holds_both_sides(call: Call) -> None:
    count, content = await heard(call, MediaFormat.WAV, 1)
    assert count == 1
    samples = np.frombuffer(content[HEADER:], dtype="<i2").astype(np.int16)
    both = pcm(SENT[0]).astype(np.int32) + pcm(SENT[1])
    assert (samples[-200 * 160 :] == ((both - (both >> 31)) >> 1)).all()


@pytest.mark.parametrize("channels", [1, 2])
async def test_a_call_is_heard_as_mp3_until_it_ends(call: Call, channels: int) -> None:
    _, content = await heard(call, MediaFormat.MP3, channels)
    with av.open(io.BytesIO(content), "r") as container:
        (track,) = container.streams.audio
        assert (track.rate, track.channels) == (8000, channels)
        decoded = np.concatenate([frame.to_ndarray().T for frame in container.decode(track)])
    assert 4.1 < len(decoded) / 8000 < 4.9
    loud = np.sqrt((decoded.astype(np.float64) ** 2).mean(axis=1))
    assert loud[:400].max() < 0.01
    assert loud[-3 * 8000 : -2000].mean() > 0.05


async def test_who_leaves_makes_room(call: Call) -> None:
    before = descriptors()
    sounding = await call.listeners.open(TAKE, MediaFormat.WAV, None)
    assert sounding is not None
    pieces = sounding.source.chunks(0, None)
    await anext(pieces)
    assert call.listeners.listening == 1
    await pieces.aclose()  # type: ignore[attr-defined]
    assert call.listeners.listening == 0
    assert descriptors() == before


async def test_several_listen_at_once_but_no_more_than_may(tmp_path: Path) -> None:
    call = Call(tmp_path, most=2)
    soundings = [await call.listeners.open(TAKE, MediaFormat.WAV, None) for _ in range(3)]
    pieces = [sounding.source.chunks(0, None) for sounding in soundings if sounding is not None]
    for each in pieces[:2]:
        await anext(each)
    with pytest.raises(TooMany, match="2 listen already"):
        await call.listeners.open(TAKE, MediaFormat.WAV, None)
    first, second = await asyncio.gather(*(_rest(each) for each in pieces[:2]))
    assert first
    assert second
    assert await call.listeners.open(TAKE, MediaFormat.WAV, None) is None, "the call has ended"
    call.listeners.close()


async def test_whoever_still_listens_when_the_server_stops_is_given_no_more(call: Call) -> None:
    sounding = await call.listeners.open(TAKE, MediaFormat.WAV, None)
    assert sounding is not None
    pieces = sounding.source.chunks(0, None)
    await anext(pieces)
    call.listeners.close()
    assert await _rest(pieces) == b""
    assert call.listeners.listening == 0


async def test_what_is_not_live_here_is_not_heard(call: Call) -> None:
    assert await call.listeners.open(UUID(int=1), MediaFormat.WAV, None) is None


async def _rest(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])
