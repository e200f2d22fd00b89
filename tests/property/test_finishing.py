"""The laws of finishing: what came lies at its place and once, whatever the network did; nothing lies anywhere else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from callvault.capture.finishing.finish import finish
from callvault.model.capture import GapKind
from callvault.protocols.spool.batch import Batch
from tests.finished_calls import agreed, channels, journal
from tests.property.legs import LEGS, Leg
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, batches, spooled

SILENCE = 0xFF


def expected(sent: Sent, keep: NDArray[np.bool_], began_ns: int, samples: int) -> NDArray[np.uint8]:
    column = np.full(samples, SILENCE, dtype=np.uint8)
    first = round((int(sent.sent_ns[0]) - began_ns) * 8 / MS)
    for row in np.flatnonzero(keep).tolist():
        at = first + row * SAMPLES
        column[at : at + SAMPLES] = sent.payloads[row]
    return column


@settings(max_examples=40, deadline=None)
@given(st.lists(LEGS, min_size=1, max_size=2), st.sampled_from([200, 1000]))
def test_every_packet_that_came_lies_at_its_place_and_nothing_else(legs: list[Leg], tick_ms: int) -> None:
    calls = [leg.made() for leg in legs]
    media: list[Batch] = spooled(*(batches(index, came, tick_ms * MS) for index, (_, _, came) in enumerate(calls)))
    with tempfile.TemporaryDirectory() as folder:
        made = finish(
            journal(*(agreed(index) for index in range(len(calls)))),
            lambda: media,
            folder=Path(folder),
            unseal=lambda _: (),
        )
        (audio,) = made.files
        found = channels(audio)
    first_ns = min(int(sent.sent_ns[0]) for sent, _, _ in calls)
    last_ns = max(int(sent.sent_ns[-1]) + PACKET_NS for sent, _, _ in calls)
    assert audio.began_ns == first_ns
    assert audio.samples == round((last_ns - first_ns) * 8 / MS)
    for index, (sent, keep, came) in enumerate(calls):
        assert (found[:, index] == expected(sent, keep, audio.began_ns, audio.samples)).all()
        quality = audio.capture.streams[index]
        assert quality.expected == len(sent)
        assert quality.received == keep.sum()
        assert quality.lost == len(sent) - keep.sum()
        assert quality.duplicated == len(came) - keep.sum()
        lost_ms = sum(gap.through_ms - gap.from_ms for gap in quality.gaps if gap.kind is GapKind.LOST)
        assert lost_ms == (~keep).sum() * 20
    assert audio.began_ns >= EPOCH_NS
