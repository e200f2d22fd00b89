"""RTCP (RFC 3550 section 6): reports, names and good-byes, read from compound packets and written.

What does not live here: when reports are due and what they count (``capture.media``, ``reception``), encryption
(``srtp``).  Reading is tolerant: what is cut off or says what it cannot mean ends the compound packet, and what came
before it counts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

VERSION: Final = 2
SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203
CNAME: Final = 1
NTP_EPOCH_NS: Final = 2_208_988_800_000_000_000
"""From 1900 to 1970."""
_ERA_NS: Final = (1 << 32) * 1_000_000_000
_BLOCK: Final = struct.Struct("!IIIIII")
_SENDER: Final = struct.Struct("!IQIII")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What one receiver tells of one source (section 6.4.1)."""

    ssrc: int
    fraction_lost: int
    """Of 256, since the report before."""
    lost: int
    """In all, 24 bits with a sign: negative where duplicates came."""
    highest: int
    """The extended highest sequence number, 32 bits."""
    jitter: int
    """In units of the RTP timestamp."""
    last_report: int = 0
    """The middle 32 bits of the last sender report's NTP time; 0: none came."""
    since_report: int = 0
    """How long ago that was, in 1/65536 s."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SenderReport:
    """How a sender's clocks lie to each other, and what it has sent."""

    ssrc: int
    ntp: int
    """64 bits: seconds since 1900 and their fraction; 0 where the sender has no clock."""
    timestamp: int
    """The same moment on the stream's own clock."""
    packets: int
    octets: int
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiverReport:
    """What somebody received who sends nothing."""

    ssrc: int
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceDescription:
    """Names of one source (section 6.5): item types and their octets."""

    ssrc: int
    items: tuple[tuple[int, bytes], ...]

    @property
    def cname(self) -> bytes | None:
        """The canonical name, where it is told."""
        return dict(self.items).get(CNAME)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goodbye:
    """Sources that have ended."""

    ssrcs: tuple[int, ...]
    reason: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Other:
    """A packet of another type, as it came: feedback, extended reports, an application's own."""

    kind: int
    count: int
    content: bytes


Packet = SenderReport | ReceiverReport | SourceDescription | Goodbye | Other


def ns_of(ntp: int, near_ns: int) -> int:
    """The moment since 1970 that an NTP time tells, in the era of 136 years that is nearest to ``near_ns``."""
    at_ns = (ntp * 1_000_000_000 >> 32) - NTP_EPOCH_NS
    return at_ns + (near_ns - at_ns + _ERA_NS // 2) // _ERA_NS * _ERA_NS


def read(data: bytes) -> tuple[Packet, ...]:
    """The packets of a compound packet, as far as they can be read."""
    return tuple(_read(data))


def _read(data: bytes) -> Iterator[Packet]:
    at = 0
    while at + 4 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + 4 * words
        if first >> 6 != VERSION or end > len(data):
            return
        padding = data[end - 1] if first & 0x20 and words else 0
        content = data[at + 4 : max(at + 4, end - padding)]
        try:
            yield from _one(kind, first & 0x1F, content)
        except (struct.error, IndexError):  # shorter than its own count
            return
        at = end


def _one(kind: int, count: int, content: bytes) -> Iterator[Packet]:
    if kind == SENDER_REPORT:
        ssrc, ntp, timestamp, packets, octets = _SENDER.unpack_from(content)
        blocks = _blocks(content, _SENDER.size, count)
        yield SenderReport(ssrc=ssrc, ntp=ntp, timestamp=timestamp, packets=packets, octets=octets, blocks=blocks)
    elif kind == RECEIVER_REPORT:
        (ssrc,) = struct.unpack_from("!I", content)
        yield ReceiverReport(ssrc=ssrc, blocks=_blocks(content, 4, count))
    elif kind == SOURCE_DESCRIPTION:
        yield from _descriptions(content, count)
    elif kind == GOODBYE:
        ssrcs = struct.unpack_from(f"!{count}I", content)
        rest = content[4 * count :]
        yield Goodbye(ssrcs=ssrcs, reason=rest[1 : 1 + rest[0]] if rest else b"")
    else:
        yield Other(kind=kind, count=count, content=content)


def _blocks(content: bytes, at: int, count: int) -> tuple[Block, ...]:
    found = []
    for place in range(at, at + count * _BLOCK.size, _BLOCK.size):
        ssrc, losses, highest, jitter, last, since = _BLOCK.unpack_from(content, place)
        lost = losses & 0xFF_FFFF
        found.append(
            Block(
                ssrc=ssrc,
                fraction_lost=losses >> 24,
                lost=lost - (1 << 24) if lost >> 23 else lost,
                highest=highest,
                jitter=jitter,
                last_report=last,
                since_report=since,
            )
        )
    return tuple(found)


def _descriptions(content: bytes, count: int) -> Iterator[SourceDescription]:
    at = 0
    for _ in range(count):
        (ssrc,) = struct.unpack_from("!I", content, at)
        at += 4
        items: list[tuple[int, bytes]] = []
        while content[at]:
            size = content[at + 1]
            items.append((content[at], content[at + 2 : at + 2 + size]))
            at += 2 + size
        at += 4 - at % 4  # the list ends with at least one zero
        yield SourceDescription(ssrc=ssrc, items=tuple(items))


def write(packets: Sequence[Packet]) -> bytes:
    """A compound packet.  Numbers are cut to their bits; a loss that has too many is told as the most there is."""
    return b"".join(_packet(*_written(packet)) for packet in packets)


def _packet(kind: int, count: int, content: bytes) -> bytes:
    content += bytes(-len(content) % 4)
    return struct.pack("!BBH", VERSION << 6 | count, kind, len(content) // 4) + content


def _written(packet: Packet) -> tuple[int, int, bytes]:
    match packet:
        case SenderReport():
            words = (packet.timestamp, packet.packets, packet.octets)
            head = _SENDER.pack(packet.ssrc, packet.ntp, *(word & 0xFFFF_FFFF for word in words))
            return SENDER_REPORT, len(packet.blocks), head + b"".join(map(_block, packet.blocks))
        case ReceiverReport():
            head = struct.pack("!I", packet.ssrc)
            return RECEIVER_REPORT, len(packet.blocks), head + b"".join(map(_block, packet.blocks))
        case SourceDescription():
            items = b"".join(bytes([kind, len(octets)]) + octets for kind, octets in packet.items)
            content = struct.pack("!I", packet.ssrc) + items
            return SOURCE_DESCRIPTION, 1, content + bytes(4 - len(content) % 4)
        case Goodbye():
            reason = bytes([len(packet.reason)]) + packet.reason if packet.reason else b""
            return GOODBYE, len(packet.ssrcs), struct.pack(f"!{len(packet.ssrcs)}I", *packet.ssrcs) + reason
        case Other():
            return packet.kind, packet.count, packet.content


def _block(block: Block) -> bytes:
    lost = max(-(1 << 23), min(block.lost, (1 << 23) - 1)) & 0xFF_FFFF
    words = (block.highest, block.jitter, block.last_report, block.since_report)
    return _BLOCK.pack(block.ssrc, block.fraction_lost << 24 | lost, *(word & 0xFFFF_FFFF for word in words))
