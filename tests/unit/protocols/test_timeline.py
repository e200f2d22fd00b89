"""Every packet that came lies where it was spoken, once, whatever the network did to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from callvault.protocols import rtp
from callvault.protocols.rtp import Packets
from callvault.protocols.timeline import DRIFT_NS, Placed, Timeline
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, arrived, stream

WINDOW_NS = 60_000 * MS


def place(packets: Packets, clock_rates: dict[int, int] | None = None, window_ns: int = WINDOW_NS) -> list[Placed]:
    timeline = Timeline(clock_rates or {0: 8000})
    placed: list[Placed] = []
    first = int(packets.arrivals_ns[0]) if len(packets) else 0
    edges = range(first, int(packets.arrivals_ns[-1]) + window_ns if len(packets) else first, window_ns)
    for edge in edges:
        inside = (packets.arrivals_ns >= edge) & (packets.arrivals_ns < edge + window_ns)
        placed += timeline.feed(packets.some(inside))
    placed += timeline.feed(packets.some(slice(0, 0)), last=True)
    return placed


def spoken_ns(placed: list[Placed]) -> dict[bytes, int]:
    """For each payload, when its first sample was; each may be there once."""
    found: dict[bytes, int] = {}
    for part in placed:
        moments = part.origin_ns + part.ticks * 10**9 // part.clock_rate
        for row, moment in enumerate(moments.tolist()):
            payload = part.packets.payload(row)
            assert payload not in found
            found[payload] = moment
    return found


def truth(sent: Sent, keep: NDArray[np.bool_] | None = None) -> dict[bytes, int]:
    rows = range(len(sent)) if keep is None else np.flatnonzero(keep).tolist()
    return {sent.payloads[row].tobytes(): int(sent.sent_ns[row]) for row in rows}


def worst_ms(found: dict[bytes, int], true: dict[bytes, int], delay_ns: int = 0) -> float:
    assert found.keys() == true.keys()
    return max(abs(found[payload] - moment - delay_ns) for payload, moment in true.items()) / MS


def jitter(packets: int, seed: int, most_ms: float) -> NDArray[np.int64]:
    return (np.random.default_rng(seed).random(packets) ** 3 * most_ms * MS).astype(np.int64)


def test_what_comes_in_order_keeps_its_distances_to_the_sample() -> None:
    sent = stream(5000)
    (part, *rest) = place(arrived(sent, 30 * MS + jitter(5000, 1, 15)))
    parts = [part, *rest]
    assert len({each.origin_ns for each in parts}) == 1
    ticks = np.concatenate([each.ticks for each in parts])
    assert (np.diff(ticks) == SAMPLES).all()
    assert worst_ms(spoken_ns(parts), truth(sent), 30 * MS) < 1


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 700),
    st.integers(0, 2**32 - 1),
    st.integers(0, 400),
    st.floats(0, 0.5),
    st.integers(0, 65_535),
    st.sampled_from([3_000, 12_000, 60_000]),
)
def test_whatever_the_order_each_packet_lies_at_its_place(
    packets: int, seed: int, most_ms: int, loss: float, first: int, window_ms: int
) -> None:
    """Jitter up to a quarter of a second and more reorders packets as networks never do."""
    dice = np.random.default_rng(seed)
    keep = dice.random(packets) >= loss
    keep[dice.integers(packets)] = True
    sent = stream(packets, seed, first_sequence=first, first_timestamp=seed)
    delays = dice.integers(0, most_ms + 1, packets) * MS
    came = arrived(sent, delays, keep=keep)
    again = rtp.joined(came, came.some(dice.integers(0, len(came), 5)))
    order = np.argsort(again.arrivals_ns, kind="stable")
    placed = place(again.some(order), window_ns=window_ms * MS)
    found = spoken_ns(placed) if len(placed) == 1 else _merged(placed)
    assert found.keys() == truth(sent, keep).keys()
    spread = [found[payload] - moment for payload, moment in truth(sent, keep).items()]
    assert max(spread) <= (most_ms + 1) * MS
    assert min(spread) >= -1


def _merged(placed: list[Placed]) -> dict[bytes, int]:
    """A duplicate that came in a later window is placed again, and has to be placed the same."""
    found: dict[bytes, int] = {}
    for part in placed:
        found.update(spoken_ns([part]))
    return found


def test_two_thousand_packets_out_of_order_lie_in_order() -> None:
    sent = stream(6000)
    came = arrived(sent, 5 * MS)
    order = np.arange(6000)
    np.random.default_rng(5).shuffle(order[1000:3000])
    mixed = Packets(**{name: getattr(came.some(order), name) for name in Packets.__dataclass_fields__})
    mixed = rtp.compact(mixed)
    object.__setattr__(mixed, "arrivals_ns", came.arrivals_ns)
    found = _merged(place(mixed))
    assert found.keys() == truth(sent).keys()
    moments = [found[sent.payloads[row].tobytes()] for row in range(6000)]
    assert (np.diff(moments) == PACKET_NS).mean() > 0.99


@pytest.mark.parametrize("ppm", [-150.0, -20.0, 20.0, 150.0])
def test_a_clock_that_drifts_for_an_hour_is_never_twenty_milliseconds_away(ppm: float) -> None:
    packets = 180_000
    sent = stream(packets, drift_ppm=ppm)
    placed = place(arrived(sent, 20 * MS + jitter(packets, 3, 30)))
    moments = np.zeros(packets, dtype=np.int64)
    for part in placed:
        moments[part.numbers - 65_000] = part.origin_ns + part.ticks * 10**9 // part.clock_rate
    away = np.abs(moments - sent.sent_ns - 20 * MS)
    assert away.max() < 20 * MS
    assert away.max() < abs(ppm) / 1e6 * 70_000 * MS + DRIFT_NS + 5 * MS


def test_a_clock_that_stood_still_while_on_hold_goes_on_where_it_was_spoken() -> None:
    sent = stream(3000)
    stopped = np.where(np.arange(3000) < 1500, 0, 30_000 * MS)
    held = Sent(**{**sent.__dict__, "sent_ns": sent.sent_ns + stopped})
    assert worst_ms(spoken_ns(place(arrived(held, 10 * MS))), truth(held), 10 * MS) < 1


def test_timestamps_that_leap_for_no_reason_move_nothing() -> None:
    sent = stream(3000)
    leapt = Sent(**{**sent.__dict__, "timestamp": sent.timestamp + np.where(np.arange(3000) < 700, 0, 123_456_789)})
    assert worst_ms(spoken_ns(place(arrived(leapt))), truth(leapt)) < 1


def test_a_network_that_stands_still_for_five_seconds_moves_nothing() -> None:
    sent = stream(3000)
    stood = 20_000 * MS + EPOCH_NS
    delays = np.where(
        (sent.sent_ns > stood) & (sent.sent_ns < stood + 5_000 * MS), stood + 5_000 * MS - sent.sent_ns, 0
    )
    assert worst_ms(spoken_ns(place(arrived(sent, delays))), truth(sent)) < 1
    assert worst_ms(spoken_ns(place(arrived(sent, delays), window_ns=7_000 * MS)), truth(sent)) < 1


def test_silence_that_the_timestamps_tell_of_stays() -> None:
    sent = stream(2000)
    quiet = np.arange(2000) >= 1000
    dtx = Sent(
        **{
            **sent.__dict__,
            "timestamp": sent.timestamp + quiet * SAMPLES * 500,
            "sent_ns": sent.sent_ns + quiet * PACKET_NS * 500,
        }
    )
    ticks = np.concatenate([part.ticks for part in place(arrived(dtx))])
    assert ticks[1000] - ticks[999] == SAMPLES * 501


def test_a_source_that_begins_anew_goes_on_in_time() -> None:
    first = stream(500, 1)
    second = stream(500, 2, start_ns=500 * PACKET_NS, first_sequence=30_000, first_timestamp=77)
    other = stream(500, 3, start_ns=1000 * PACKET_NS, ssrc=8)
    placed = place(rtp.joined(rtp.joined(arrived(first), arrived(second)), arrived(other)))
    assert worst_ms(spoken_ns(placed), truth(first) | truth(second) | truth(other)) < 1
    assert sorted({part.source for part in placed}) == [0, 1, 2]


def test_codecs_of_other_clock_rates_go_on_in_time() -> None:
    first = stream(500, 1)
    second = stream(500, 2, start_ns=500 * PACKET_NS, payload_type=96, first_sequence=65_500)
    second = Sent(**{**second.__dict__, "timestamp": second.timestamp * 6})
    placed = place(rtp.joined(arrived(first), arrived(second)), {0: 8000, 96: 48_000})
    assert worst_ms(spoken_ns(placed), truth(first) | truth(second)) < 1


def test_what_has_no_place_in_time_is_counted() -> None:
    timeline = Timeline({8: 8000})
    assert list(timeline.feed(arrived(stream(5)), last=True)) == []
    assert timeline.unplaced == 5


def test_sources_without_end_are_counted_and_not_kept() -> None:
    timeline = Timeline({0: 8000})
    packets = arrived(stream(500))
    object.__setattr__(packets, "ssrc", np.arange(500, dtype=np.uint32))
    placed = list(timeline.feed(packets, last=True))
    assert sum(len(part.packets) for part in placed) + timeline.unplaced == 500
    assert len(placed) == 64
