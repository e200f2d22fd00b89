"""RTP headers, many at once, are what they are one at a time, whatever the octets."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from callvault.protocols import rtp
from callvault.protocols.rtp import Packets


@dataclass(frozen=True)
class One:
    sequence: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    payload: bytes
    sources: tuple[int, ...] = ()
    extension: bytes | None = None
    padding: int = 0

    def octets(self) -> bytes:
        first = 0x80 | len(self.sources) | (0x10 if self.extension is not None else 0) | (0x20 if self.padding else 0)
        head = struct.pack(
            "!BBHII", first, self.payload_type | (0x80 if self.marker else 0), self.sequence, self.timestamp, self.ssrc
        )
        head += b"".join(struct.pack("!I", source) for source in self.sources)
        if self.extension is not None:
            head += struct.pack("!HH", 0xBEDE, len(self.extension) // 4) + self.extension
        tail = bytes(self.padding - 1) + bytes([self.padding]) if self.padding else b""
        return head + self.payload + tail


WORD = st.integers(0, 2**32 - 1)
PLAIN = st.builds(
    One,
    sequence=st.integers(0, 0xFFFF),
    timestamp=WORD,
    ssrc=WORD,
    payload_type=st.sampled_from([0, 8, 9, 63, 96, 127]),
    marker=st.booleans(),
    payload=st.binary(max_size=40),
)
ANY = st.builds(
    One,
    sequence=st.integers(0, 0xFFFF),
    timestamp=WORD,
    ssrc=WORD,
    payload_type=st.sampled_from([0, 13, 101]),
    marker=st.booleans(),
    payload=st.binary(max_size=20),
    sources=st.lists(WORD, max_size=15).map(tuple),
    extension=st.none() | st.integers(0, 3).flatmap(lambda words: st.binary(min_size=4 * words, max_size=4 * words)),
    padding=st.integers(0, 255),
)


def read(octets: list[bytes]) -> tuple[Packets, int]:
    return rtp.read(
        np.arange(len(octets), dtype=np.int64),
        np.array([len(each) for each in octets], dtype=np.uint16),
        np.frombuffer(b"".join(octets), dtype=np.uint8),
    )


def rows(packets: Packets) -> list[tuple[object, ...]]:
    columns = (packets.sequence, packets.timestamp, packets.ssrc, packets.payload_type, packets.marker)
    return [(*(column[row].item() for column in columns), packets.payload(row)) for row in range(len(packets))]


def said(one: One) -> tuple[object, ...]:
    return (one.sequence, one.timestamp, one.ssrc, one.payload_type, one.marker, one.payload)


@given(st.lists(ANY | PLAIN, max_size=8))
def test_every_header_is_read(sent: list[One]) -> None:
    packets, unreadable = read([one.octets() for one in sent])
    assert rows(packets) == [said(one) for one in sent]
    assert unreadable == 0


@given(st.lists(PLAIN, min_size=1, max_size=8), st.integers(0, 40))
def test_packets_of_one_length_are_read_the_quick_way_to_the_same_end(sent: list[One], size: int) -> None:
    sent = [One(**{**one.__dict__, "payload": one.payload.ljust(size)[:size]}) for one in sent]
    packets, _ = read([one.octets() for one in sent])
    assert rows(packets) == [said(one) for one in sent]


@given(st.lists(st.binary(max_size=60) | PLAIN.map(One.octets), max_size=8))
def test_whatever_comes_what_is_rtp_is_read_and_the_rest_counted(octets: list[bytes]) -> None:
    packets, unreadable = read(octets)
    assert len(packets) + unreadable == len(octets)
    for row in range(len(packets)):
        whole = octets[int(packets.arrivals_ns[row])]
        assert whole[0] >> 6 == 2
        assert packets.payload(row) in whole


@given(ANY, st.data())
def test_a_packet_that_is_cut_short_is_shorter_or_none(one: One, data: st.DataObject) -> None:
    whole = one.octets()
    octets = whole[: data.draw(st.integers(0, len(whole)))]
    packets, unreadable = read([octets])
    assert len(packets) == 1 - unreadable
    if len(packets):
        assert len(packets.payload(0)) <= len(octets)


def test_rtcp_on_a_shared_port_is_no_rtp() -> None:
    report = struct.pack("!BBHI", 0x80, 200, 6, 1) + bytes(20)
    assert read([report])[1] == 1


def test_rows_can_be_chosen() -> None:
    sent = [One(number, 160 * number, 7, 0, False, b"%d" % number) for number in range(4)]
    packets, _ = read([one.octets() for one in sent])
    assert [row[0] for row in rows(packets.some(np.array([3, 1])))] == [3, 1]
    assert [row[0] for row in rows(packets.some(slice(1, 3)))] == [1, 2]
