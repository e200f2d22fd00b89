"""The law of listening in: what is heard of a live call is what its finished recording has, at the same place."""

from __future__ import annotations

import tempfile
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
from tests.growing_spools import GrowingBytes, Heard, growing_media, listen
from tests.property.test_finishing import LEGS, Leg
from tests.rtp_calls import EPOCH_NS, MS, batches, spooled
from tests.unit.capture.finishing.test_finish import BEGUN, PCMA, PCMU, channels, journal

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
        made = finish(
            journal(*journal_of(legs, payload)), lambda: media, folder=Path(folder), unseal=lambda text: (text, b"")
        )
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
    first, behind = max(0, at), min(len(whole), at + len(heard.samples))
    return heard.samples[first - at : behind - at, : whole.shape[1]], whole[first:behind]


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
    calls = [leg.made() for leg in legs]
    media = spooled(
        *(
            [
                Batch(
                    stream=batch.stream,
                    content=batch.content,
                    arrivals_ns=batch.arrivals_ns,
                    lengths=batch.lengths,
                    data=_typed(batch, payload),
                )
                for batch in batches(index, came, tick_ms * MS)
            ]
            for index, (_, _, came) in enumerate(calls)
        )
    )
    began_ns, whole = recorded(len(legs), payload, media)
    last_ns = max(int(batch.arrivals_ns[-1]) for batch in media)
    heard = listen(
        growing_journal(len(legs), payload),
        growing_media(media, splits=splits, torn_ns=20 * MS),
        moments(EPOCH_NS + begins_ms * MS, min(last_ns, EPOCH_NS + 20_000 * MS) + 1500 * MS, pauses),
        lambda text: (text, b""),
        ends=True,
    )
    found, wanted = both(heard, began_ns, whole)
    silent = (wanted == SILENT_A) & (found == 0) & (payload is PCMA)
    assert ((found == wanted) | silent).all()
    assert heard.sample_rate == 8000


def _typed(batch: Batch, payload: Payload) -> NDArray[np.uint8]:
    """The packets with this payload type."""
    data = batch.data.copy()
    data[np.cumsum(batch.lengths, dtype=np.int64) - batch.lengths + 1] = payload.number
    return data
