"""The laws of finishing: what came lies at its place and once, whatever the network did; nothing lies anywhere else."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from callvault.capture.finishing.finish import finish
from callvault.model.capture import GapKind
from callvault.protocols.rtp import Packets, joined
from callvault.protocols.spool.batch import Batch
from tests.finished_calls import agreed, channels, journal
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, arrived, batches, spooled, stream

SILENCE = 0xFF


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A stream and what becomes of it on its way: shuffled by delays, some of it lost, some twice, long after too."""

    packets: int
    seed: int
    starts: int
    ssrc: int
    first_sequence: int
    first_timestamp: int
    loss: float
    most_ms: int
    again: int
    later_ms: int

    def made(self) -> tuple[Sent, NDArray[np.bool_], Packets]:
        """The stream, which of its packets come, and what comes."""
        dice = np.random.default_rng(self.seed)
        sent = stream(
            self.packets,
            self.seed,
            start_ns=self.starts * PACKET_NS,
            ssrc=self.ssrc,
            first_sequence=self.first_sequence,
            first_timestamp=self.first_timestamp,
        )
        keep = dice.random(self.packets) >= self.loss
        keep[0] = keep[-1] = True
        delays = dice.integers(0, self.most_ms, self.packets) * MS
        delays[0] = 0  # somebody has to come as fast as can be, or nobody knows what that is
        came = arrived(sent, delays, keep=keep)
        again = came.some(dice.integers(0, len(came), self.again))
        both = joined(came, replace(again, arrivals_ns=again.arrivals_ns + self.later_ms * MS))
        return sent, keep, both.some(np.argsort(both.arrivals_ns, kind="stable"))


LEGS = st.builds(
    Leg,
    packets=st.integers(3, 700),
    seed=st.integers(0, 2**32 - 1),
    starts=st.integers(0, 300),
    ssrc=st.integers(0, 2**32 - 1),
    first_sequence=st.sampled_from([0, 1, 65_530]) | st.integers(0, 65_535),
    first_timestamp=st.sampled_from([0, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    loss=st.sampled_from([0.0, 0.01, 0.3]),
    most_ms=st.sampled_from([1, 15, 60]),
    again=st.integers(0, 5),
    later_ms=st.sampled_from([0, 5, 90_000]),
)


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
