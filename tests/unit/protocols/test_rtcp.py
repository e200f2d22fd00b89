"""RTCP comes back as it was written; what real senders cut off, pad or invent is read as far as it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.caller import rtcp as caller_rtcp
from callvault.protocols import rtcp
from callvault.protocols.rtcp import Block, Goodbye, Other, Packet, ReceiverReport, SenderReport, SourceDescription
from tests.rtp_calls import ntp_of

WORDS = st.integers(0, 2**32 - 1)
BLOCKS = st.builds(
    Block,
    ssrc=WORDS,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-(2**23), 2**23 - 1),
    highest=WORDS,
    jitter=WORDS,
    last_report=WORDS,
    since_report=WORDS,
)
MANY_BLOCKS = st.lists(BLOCKS, max_size=31).map(tuple)
ITEMS = st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=255)), max_size=4).map(tuple)
PACKETS: st.SearchStrategy[Packet] = st.one_of(
    st.builds(
        SenderReport,
        ssrc=WORDS,
        ntp=st.integers(0, 2**64 - 1),
        timestamp=WORDS,
        packets=WORDS,
        octets=WORDS,
        blocks=MANY_BLOCKS,
    ),
    st.builds(ReceiverReport, ssrc=WORDS, blocks=MANY_BLOCKS),
    st.builds(SourceDescription, ssrc=WORDS, items=ITEMS),
    st.builds(Goodbye, ssrcs=st.lists(WORDS, max_size=31).map(tuple), reason=st.binary(max_size=255)),
    st.builds(
        Other, kind=st.integers(204, 223), count=st.integers(0, 31), content=st.binary(max_size=9).map(lambda b: 4 * b)
    ),
)


@given(st.lists(PACKETS, max_size=5))
def test_what_is_written_is_read(packets: list[Packet]) -> None:
    assert rtcp.read(rtcp.write(packets)) == tuple(packets)


@given(st.lists(PACKETS, min_size=1, max_size=3), st.data())
def test_what_is_cut_off_costs_only_the_packet_that_it_cuts(packets: list[Packet], data: st.DataObject) -> None:
    whole = rtcp.write(packets)
    cut = data.draw(st.integers(0, len(whole) - 1))
    found = rtcp.read(whole[:cut])
    assert found == tuple(packets[: len(found)])
    assert len(rtcp.write(packets[: len(found)])) <= cut < len(rtcp.write(packets[: len(found) + 1]))


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda rest: b"\x9f\xca\x00\x05" + rest))
def test_nothing_that_comes_makes_it_stumble(data: bytes) -> None:
    assert all(isinstance(packet, Packet) for packet in rtcp.read(data))


def test_a_sender_report_of_another_hand_is_read() -> None:
    sent = caller_rtcp.sender_report(7, unix_s=1_772_355_600.25, timestamp=2**32 + 5, packets=3, octets=480)
    report, name, bye = rtcp.read(sent + caller_rtcp.source_description(7, "sbc@here") + caller_rtcp.goodbye(7))
    assert isinstance(report, SenderReport)
    assert (report.ssrc, report.timestamp, report.packets, report.octets) == (7, 5, 3, 480)
    assert rtcp.ns_of(report.ntp, near_ns=0) == 1_772_355_600_250_000_000
    assert isinstance(name, SourceDescription)
    assert name.cname == b"sbc@here"
    assert bye == Goodbye(ssrcs=(7,))


def test_padding_is_no_content() -> None:
    padded = b"\xa1\xcb\x00\x02\x00\x00\x00\x07\x00\x00\x00\x04"
    assert rtcp.read(padded) == (Goodbye(ssrcs=(7,)),)


def test_a_loss_that_needs_more_than_24_bits_is_told_as_the_most_there_is() -> None:
    block = Block(ssrc=1, fraction_lost=0, lost=1 << 30, highest=0, jitter=0)
    (report,) = rtcp.read(rtcp.write([ReceiverReport(ssrc=2, blocks=(block,))]))
    assert isinstance(report, ReceiverReport)
    assert report.blocks[0].lost == (1 << 23) - 1


@given(st.integers(0, 4_000_000_000 * 10**9), st.integers(-(10**18), 10**18))
def test_a_moment_goes_to_ntp_time_and_back_across_its_eras(at_ns: int, apart_ns: int) -> None:
    assert abs(rtcp.ns_of(ntp_of(at_ns), near_ns=at_ns + apart_ns) - at_ns) <= 1


@pytest.mark.parametrize("at_s", [2_085_978_495, 2_085_978_496])
def test_the_era_of_2036_begins_without_a_leap(at_s: int) -> None:
    assert rtcp.ns_of(ntp_of(at_s * 10**9), near_ns=at_s * 10**9 + 5) == at_s * 10**9
