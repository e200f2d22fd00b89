"""Sender reports bring streams of one clock together; of several clocks, or of nonsense, they move nothing."""

from __future__ import annotations

import numpy as np
import pytest

from callvault.protocols import rtcp
from callvault.protocols.rtcp import SenderReport
from callvault.protocols.sender_clocks import SenderClocks
from callvault.protocols.timeline import Timeline
from tests.rtp_calls import EPOCH_NS, MS, PACKET_NS, SAMPLES, Sent, arrived, ntp_of, stream

PACKETS = 3000
REPORT_EVERY = 250


def note(
    clocks: SenderClocks,
    index: int,
    sent: Sent,
    *,
    ahead_ns: int = 0,
    way_ns: int = 0,
    ntp: int | None = None,
    late_ticks: int = 0,
) -> None:
    """A report every five seconds of a sender whose clock is ahead of ours."""
    dice = np.random.default_rng(index)
    for row in range(100, PACKETS, REPORT_EVERY):
        at_ns = int(sent.sent_ns[row])
        report = SenderReport(
            ssrc=sent.ssrc,
            ntp=ntp_of(at_ns + ahead_ns) if ntp is None else ntp,
            timestamp=int(sent.timestamp[row] - late_ticks) & 0xFFFFFFFF,
            packets=row,
            octets=row * SAMPLES,
        )
        clocks.note(index, rtcp.write([report]), at_ns + way_ns + int(dice.integers(0, 8) * MS // (row % 3 * 5 + 1)))


def begins_ns(index: int, sent: Sent, clocks: SenderClocks, delay_ns: int) -> int:
    """Where the stream's first packet is placed, less when it was sent."""
    timeline = Timeline({0: 8000}, lambda *known: clocks.correction_ns(index, *known))
    parts = list(timeline.feed(arrived(sent, delay_ns), last=True))
    assert len({part.origin_ns for part in parts}) == 1
    return parts[0].origin_ns + int(parts[0].ticks[0]) * 10**9 // 8000 - int(sent.sent_ns[0])


@pytest.mark.parametrize("ahead_ns", [0, 3_600_000 * MS, -EPOCH_NS + 2_000_000 * MS], ids=["ours", "an hour", "uptime"])
def test_streams_of_one_clock_lie_together_whatever_delayed_one_of_them(ahead_ns: int) -> None:
    legs = [stream(PACKETS, 1, ssrc=1), stream(PACKETS, 2, ssrc=2, first_timestamp=5)]
    clocks = SenderClocks()
    for index, leg in enumerate(legs):
        note(clocks, index, leg, ahead_ns=ahead_ns, way_ns=(10 + 30 * index) * MS)
    clocks.settle()
    found = [begins_ns(index, leg, clocks, (10 + 60 * index) * MS) for index, leg in enumerate(legs)]
    assert abs(found[0] - found[1]) < MS
    assert 9 * MS < found[0] < 19 * MS


def test_parties_with_clocks_of_their_own_are_placed_by_arrivals() -> None:
    legs = [stream(PACKETS, 1, ssrc=1), stream(PACKETS, 2, ssrc=2)]
    clocks = SenderClocks()
    for index, leg in enumerate(legs):
        note(clocks, index, leg, ahead_ns=400 * MS * index, way_ns=10 * MS)
    clocks.settle()
    assert [begins_ns(index, leg, clocks, 10 * MS) for index, leg in enumerate(legs)] == [10 * MS] * 2


def test_the_reports_of_one_stream_alone_say_nothing_of_another() -> None:
    clocks = SenderClocks()
    sent = stream(PACKETS)
    note(clocks, 0, sent, way_ns=90 * MS)
    clocks.settle()
    assert begins_ns(0, sent, clocks, 10 * MS) == 10 * MS


@pytest.mark.parametrize(
    ("ntp", "late_ticks"), [(0, 0), (None, 8000), (None, 2**31)], ids=["no clock", "a second off", "nonsense"]
)
def test_reports_that_cannot_be_true_move_nothing(ntp: int | None, late_ticks: int) -> None:
    legs = [stream(PACKETS, 1, ssrc=1), stream(PACKETS, 2, ssrc=2)]
    clocks = SenderClocks()
    for index, leg in enumerate(legs):
        note(clocks, index, leg, way_ns=10 * MS, ntp=ntp, late_ticks=late_ticks)
    clocks.settle()
    assert [begins_ns(index, leg, clocks, 10 * MS) for index, leg in enumerate(legs)] == [10 * MS] * 2


def test_a_timestamp_of_the_last_packet_sent_is_taken_for_what_it_is() -> None:
    """Many senders tell the last packet's timestamp instead of the moment's; the earliest of a window is right."""
    legs = [stream(PACKETS, 1, ssrc=1), stream(PACKETS, 2, ssrc=2)]
    clocks = SenderClocks()
    for index, leg in enumerate(legs):
        for place, row in enumerate(range(0, PACKETS, 200)):
            since_ns = place % 5 * 4 * MS
            assert since_ns < PACKET_NS
            at_ns = int(leg.sent_ns[row]) + since_ns
            timestamp = int(leg.timestamp[row]) & 0xFFFFFFFF
            report = SenderReport(ssrc=leg.ssrc, ntp=ntp_of(at_ns), timestamp=timestamp, packets=0, octets=0)
            clocks.note(index, rtcp.write([report]), at_ns + 10 * MS)
    clocks.settle()
    found = [begins_ns(index, leg, clocks, (10 + 40 * index) * MS) for index, leg in enumerate(legs)]
    assert all(abs(each - 10 * MS) < MS for each in found)


def test_without_fresh_reports_the_last_ones_count() -> None:
    legs = [stream(PACKETS, 1, ssrc=1), stream(PACKETS, 2, ssrc=2)]
    clocks = SenderClocks()
    for index, leg in enumerate(legs):
        note(clocks, index, leg, way_ns=10 * MS)
    clocks.settle()
    first = begins_ns(1, legs[1], clocks, 50 * MS)
    clocks.settle()
    assert begins_ns(1, legs[1], clocks, 50 * MS) == first
