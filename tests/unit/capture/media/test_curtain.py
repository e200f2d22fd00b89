"""What the veil hides is judged by when it came, and never reaches a spool; everything else does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from callvault.capture.gate import OPEN_VEIL, Draw, Veil, VeilState, read_draws, write_draws
from callvault.capture.media.curtain import KEPT_NS, Curtain
from callvault.protocols.spool import bulk, chunks
from callvault.protocols.spool.batch import Batch, Content

MS = 1_000_000
T0 = 1_772_355_600 * 10**9
OPEN, MASKED, SHUT = (Veil(state=state) for state in VeilState)


def packet(number: int, payload: bytes = b"secret" * 10) -> bytes:
    """With an extension, padding and a contributing source, all of which may hold something."""
    return bytes([0xB1, 0x80 | 101]) + number.to_bytes(2, "big") + bytes(8) + b"CSRC" + b"\xbe\xde\0\0" + payload


def spooled(data: bytes) -> list[tuple[Content, int, bytes]]:
    """Content, arrival in ms, and octets of each packet that is in a spool."""
    found = []
    for batch in chunks.read(memoryview(data)):
        assert isinstance(batch, Batch)
        pairs = zip(batch.arrivals_ns.tolist(), batch.packets(), strict=True)
        found += [(batch.content, (arrival - T0) // MS, each) for arrival, each in pairs]
    return found


def through(curtain: Curtain, *arrivals_ms: int) -> bytes:
    packets = [packet(at) for at in arrivals_ms]
    return curtain.through(0, Content.RTP, [T0 + at * MS for at in arrivals_ms], packets)


def test_behind_an_open_veil_everything_is_spooled_as_it_came() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=OPEN_VEIL)])
    assert curtain.is_open
    assert spooled(through(curtain, 0, 20)) == [(Content.RTP, 0, packet(0)), (Content.RTP, 20, packet(20))]


def test_behind_a_mask_headers_alone_are_spooled() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=MASKED)])
    data = through(curtain, 0, 20)
    assert b"secret" not in data
    assert spooled(data) == [(Content.MASKED, at, b"\x80" + packet(at)[1:12]) for at in (0, 20)]
    (batch,) = bulk.read(memoryview(data))
    assert isinstance(batch, Batch)
    assert (batch.content, batch.lengths.tolist()) == (Content.MASKED, [12, 12])


def test_reports_go_through_a_mask() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=MASKED)])
    report = b"\x80\xc8" + bytes(26)
    assert spooled(curtain.through(0, Content.RTCP, [T0], [report])) == [(Content.RTCP, 0, report)]


def test_what_is_no_whole_header_does_not_go_through_a_mask() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=MASKED)])
    assert curtain.through(0, Content.RTP, [T0], [b"\x80\x00secret"]) == b""


def test_behind_a_shut_veil_nothing_is_spooled() -> None:
    assert through(Curtain([Draw(at_ns=0, veil=SHUT)]), 0, 20) == b""


def test_packets_are_judged_by_when_they_came_and_not_by_when_they_are_drained() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=OPEN)])
    curtain.draw(MASKED, T0 + 30 * MS)
    curtain.draw(OPEN, T0 + 70 * MS)
    found = spooled(through(curtain, 0, 20, 40, 60, 80))
    assert [(content, at) for content, at, _ in found] == [
        (Content.RTP, 0),
        (Content.RTP, 20),
        (Content.MASKED, 40),
        (Content.MASKED, 60),
        (Content.RTP, 80),
    ]


def test_the_last_moments_before_it_opens_are_spooled_first() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=Veil(state=VeilState.SHUT, prebuffer_ms=100))])
    assert through(curtain, *range(0, 200, 20)) == b""
    assert through(curtain, *range(200, 400, 20)) == b""
    released = curtain.draw(OPEN, T0 + 410 * MS)
    assert min(at for _, at, _ in spooled(released)) <= 300
    late = spooled(through(curtain, 400, 420))
    assert [at for _, at, _ in late] == [400, 420]


def test_what_waits_before_a_mask_is_thrown_away() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=Veil(state=VeilState.SHUT, prebuffer_ms=100))])
    through(curtain, 0, 20)
    curtain.draw(MASKED, T0 + 30 * MS)
    assert curtain.draw(OPEN, T0 + 50 * MS) == b""


def test_a_curtain_that_was_drawn_long_ago_costs_nothing_any_more() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=OPEN)])
    curtain.draw(MASKED, T0)
    curtain.draw(OPEN, T0 + 20 * MS)
    assert not curtain.is_open
    through(curtain, KEPT_NS // MS + 100)
    assert curtain.is_open


def test_a_successor_is_told_every_draw() -> None:
    curtain = Curtain([Draw(at_ns=0, veil=OPEN)])
    curtain.draw(Veil(state=VeilState.SHUT, prebuffer_ms=2000, hide_keys=True), T0)
    assert tuple(read_draws(write_draws(curtain.draws))) == curtain.draws


moves = some.lists(some.tuples(some.integers(1, 300), some.sampled_from([OPEN, MASKED, SHUT])), max_size=6)


@settings(deadline=None)
@given(moves, some.lists(some.integers(1, 60), min_size=1, max_size=40), some.integers(1, 10))
def test_however_it_is_drained_every_packet_is_treated_as_it_was_when_it_came(
    moves: Sequence[tuple[int, Veil]], gaps: Sequence[int], at_once: int
) -> None:
    curtain = Curtain([Draw(at_ns=0, veil=OPEN)])
    draws, now = [(0, OPEN)], 0
    for after, veil in moves:
        now += after
        draws.append((now, veil))
        curtain.draw(veil, T0 + now * MS)
    arrivals = np.cumsum(gaps).tolist()
    data = b"".join(through(curtain, *arrivals[begin : begin + at_once]) for begin in range(0, len(arrivals), at_once))
    expected = []
    for at in arrivals:
        veil = next(veil for since, veil in reversed(draws) if since <= at)
        if veil.state is VeilState.OPEN:
            expected.append((Content.RTP, at))
        elif veil.state is VeilState.MASKED:
            expected.append((Content.MASKED, at))
    assert [(content, at) for content, at, _ in spooled(data)] == expected
