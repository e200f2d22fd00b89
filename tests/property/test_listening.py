"""The law of listening in: what is heard of a live call is what its finished recording has, at the same place."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from callvault.audio.g711 import alaw_values, ulaw_values
from callvault.capture.finishing.finish import finish
from callvault.protocols.spool.batch import Batch
from callvault.protocols.spool.journal import Payload, StreamAgreed
from callvault.protocols.spool.journal import write as written
from tests.finished_calls import BEGUN, PCMA, PCMU, channels, journal
from tests.growing_spools import GrowingBytes, Heard, growing_media, listen
from tests.property.legs import LEGS, Leg
from tests.rtp_calls import EPOCH_NS, MS, batches, spooled

L16 = Payload(number=11, name="L16", clock_rate=8000)
SILENT_A = 8
"""What A-law's code of silence stands for; where nothing came, the recording has it, and a listener hears 0."""


def journal_of(streams: int, payload: Payload) -> list[StreamAgreed]:
    return [
        StreamAgreed(at_ns=BEGUN.at_ns, stream=index, label=str(index), payloads=(payload,)) for index in range(streams)
    ]


def recorded(legs: int, payload: Payload, media: list[Batch]) -> tuple[int, NDArray[np.int16]]:
    """When the finished recording began, and its samples."""
    with tempfile.TemporaryDirectory() as folder:
        made = finish(journal(*journal_of(legs, payload)), lambda: media, folder=Path(folder), unseal=lambda _: ())
        (audio,) = made.files
        found = channels(audio)
        if payload is PCMU:
            return audio.began_ns, ulaw_values()[found]
        return audio.began_ns, (alaw_values()[found] if payload is PCMA else found.astype(np.int16))


def growing_journal(legs: int, payload: Payload) -> GrowingBytes:
    said = GrowingBytes()
    said.append(BEGUN.at_ns, written(BEGUN))
    for record in journal_of(legs, payload):
        line = written(record)
        said.append(record.at_ns, line[:40])
        said.append(record.at_ns, line[40:])
    return said


def moments(from_ns: int, through_ns: int, pauses: list[int]) -> list[int]:
    """When a listener looks, again and again after these pauses (ms)."""
    found = [from_ns]
    while found[-1] < through_ns:
        found.append(found[-1] + pauses[len(found) % len(pauses)] * MS)
    return found


def both(heard: Heard, began_ns: int, whole: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """The part that both have."""
    at = round((heard.began_ns - began_ns) * heard.sample_rate / 1e9)
    first = max(0, at)
    behind = max(first, min(len(whole), at + len(heard.samples)))
    return heard.samples[first - at : behind - at, : whole.shape[1]], whole[first:behind]


@dataclass(frozen=True, kw_only=True)
class Take:
    """A call in its spool, and what it is recorded as."""

    media: list[Batch]
    began_ns: int
    whole: NDArray[np.int16]

    @property
    def last_ns(self) -> int:
        """The last arrival, but for what comes much later once more."""
        return min(max(int(batch.arrivals_ns[-1]) for batch in self.media), EPOCH_NS + 20_000 * MS)


def take_of(legs: list[Leg], payload: Payload, tick_ms: int) -> Take:
    calls = [batches(index, leg.made()[2], tick_ms * MS) for index, leg in enumerate(legs)]
    media = [replace(batch, data=_typed(batch, payload)) for batch in spooled(*calls)]
    began_ns, whole = recorded(len(legs), payload, media)
    return Take(media=media, began_ns=began_ns, whole=whole)


@settings(max_examples=60, deadline=None)
@given(
    legs=st.lists(LEGS, min_size=1, max_size=2),
    payload=st.sampled_from([PCMU, PCMA, L16]),
    tick_ms=st.sampled_from([60, 200, 300]),
    begins_ms=st.integers(0, 8000),
    pauses=st.lists(st.integers(1, 900), min_size=1, max_size=5),
    splits=st.lists(st.integers(0, 200_000), max_size=30),
)
def test_what_is_heard_is_what_is_recorded(
    legs: list[Leg], payload: Payload, tick_ms: int, begins_ms: int, pauses: list[int], splits: list[int]
) -> None:
    take = take_of(legs, payload, tick_ms)
    heard = listen(
        growing_journal(len(legs), payload),
        growing_media(take.media, splits=splits, torn_ns=20 * MS),
        moments(EPOCH_NS + begins_ms * MS, take.last_ns + 1500 * MS, pauses),
        lambda _: (),
        ends=True,
    )
    found, wanted = both(heard, take.began_ns, take.whole)
    silent = (wanted == SILENT_A) & (found == 0) & (payload is PCMA)
    assert ((found == wanted) | silent).all()
    assert heard.sample_rate == 8000


@settings(max_examples=40, deadline=None)
@given(
    legs=st.lists(LEGS, min_size=1, max_size=2),
    begins_ms=st.integers(0, 8000),
    late_ms=st.integers(300, 3000),
    pauses=st.lists(st.integers(1, 2500), min_size=1, max_size=5),
)
def test_what_is_written_too_late_to_be_heard_is_silence_and_nothing_else(
    legs: list[Leg], begins_ms: int, late_ms: int, pauses: list[int]
) -> None:
    take = take_of(legs, PCMU, 200)
    heard = listen(
        growing_journal(len(legs), PCMU),
        growing_media(take.media, late_ns=late_ms * MS),
        moments(EPOCH_NS + begins_ms * MS, take.last_ns + 1500 * MS, pauses),
        lambda _: (),
        ends=True,
    )
    found, wanted = both(heard, take.began_ns, take.whole)
    assert ((found == wanted) | (found == 0)).all()


def _typed(batch: Batch, payload: Payload) -> NDArray[np.uint8]:
    """The packets with this payload type."""
    data = batch.data.copy()
    data[np.cumsum(batch.lengths, dtype=np.int64) - batch.lengths + 1] = payload.number
    return data
