"""What came of a stream is counted as one would count it packet by packet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.protocols import rtp
from callvault.protocols.reception import Reception, mos
from callvault.protocols.rtp import Packets
from tests.rtp_calls import MS, arrived, stream


def take(reception: Reception, packets: Packets) -> None:
    reception.count(packets)
    reception.measure(packets, 8000)


def jitter_by_hand(packets: Packets) -> list[float]:
    """RFC 3550 appendix A.8, as it stands there, in milliseconds."""
    jitter, found, before = 0.0, [], None
    ticks = rtp.extended(packets.timestamp, None)
    for arrival, tick in zip(packets.arrivals_ns.tolist(), ticks.tolist(), strict=True):
        transit = arrival / MS - tick / 8
        step = 0.0 if before is None else abs(transit - before)
        before = transit
        jitter += (step - jitter) / 16
        found.append(jitter)
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 500), st.integers(0, 2**32 - 1), st.floats(0, 0.6), st.integers(0, 200), st.integers(1, 400))
def test_counts_are_those_of_the_packets(packets: int, seed: int, loss: float, most_ms: int, window: int) -> None:
    dice = np.random.default_rng(seed)
    keep = dice.random(packets) >= loss
    keep[0] = keep[-1] = True
    delays = dice.integers(0, most_ms + 1, packets) * MS
    delays[0] = delays[-1] = 0 if most_ms == 0 else int(delays.min())
    came = arrived(stream(packets, seed, first_sequence=seed & 0xFFFF, first_timestamp=seed), delays, keep=keep)
    doubled = came.some(np.sort(np.concatenate((np.arange(len(came)), dice.integers(0, len(came), 7)))))
    reception = Reception()
    for begin in range(0, len(doubled), window):
        take(reception, doubled.some(slice(begin, begin + window)))
    numbers = rtp.extended(came.sequence, None)
    overtaken = int((numbers < np.maximum.accumulate(numbers)).sum())
    assert reception.received == int(keep.sum())
    assert reception.expected == packets
    assert reception.lost == packets - int(keep.sum())
    assert (reception.duplicated, reception.late) == (7, overtaken)
    by_hand = jitter_by_hand(doubled)
    assert reception.jitter_ms == pytest.approx(float(np.mean(by_hand)), abs=0.05 + most_ms / 1000)
    assert reception.jitter_most_ms == pytest.approx(max(by_hand), abs=0.05 + most_ms / 1000)


def test_a_sender_that_begins_anew_has_lost_nothing() -> None:
    reception = Reception()
    for number, first in enumerate((100, 40_000, 7)):
        take(reception, arrived(stream(50, first_sequence=first, start_ns=number * 1000 * MS)))
    take(reception, arrived(stream(50, ssrc=8, start_ns=4000 * MS)))
    assert (reception.expected, reception.received, reception.lost) == (200, 200, 0)
    assert reception.ssrcs == [7, 8]


def test_numbers_run_over_without_harm() -> None:
    reception = Reception()
    sent = stream(70_000, first_sequence=65_530)
    for begin in range(0, 70_000, 3000):
        take(reception, arrived(sent).some(slice(begin, begin + 3000)))
    assert (reception.expected, reception.received, reception.duplicated) == (70_000, 70_000, 0)
    assert reception.jitter_most_ms < 0.01


def test_nothing_is_nothing() -> None:
    reception = Reception()
    take(reception, arrived(stream(1)).some(slice(0, 0)))
    assert (reception.expected, reception.received, reception.lost) == (0, 0, 0)


@pytest.mark.parametrize(
    ("codec", "expected", "lost", "score"),
    [
        ("PCMU", 100, 0, 4.41),
        ("PCMA", 1000, 20, 3.26),
        ("G729", 100, 0, 4.1),
        ("PCMU", 100, 100, 1.0),
        ("G722", 0, 0, None),
    ],
)
def test_the_score_of_the_e_model(codec: str, expected: int, lost: int, score: float | None) -> None:
    assert mos(codec, expected, lost) == (None if score is None else pytest.approx(score, abs=0.1))


def test_more_loss_never_scores_better() -> None:
    scores = [mos("PCMU", 1000, lost) or 0 for lost in range(0, 1001, 10)]
    assert scores == sorted(scores, reverse=True)
