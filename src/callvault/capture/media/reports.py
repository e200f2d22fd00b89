"""Receiver reports: what a sender is told of how its stream arrives (RFC 3550 sections 6.4.2, 6.5 and A.8).

What does not live here: when they are due and where they go (``reporter``), the counts (``reception``).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SENDER_REPORT: Final = 200
_RECEIVER_REPORT: Final = 201
_DESCRIPTION: Final = 202
_CNAME: Final = 1

STATIC_CLOCK_RATES: Final[Mapping[int, int]] = {
    0: 8000, 3: 8000, 4: 8000, 5: 8000, 6: 16000, 7: 8000, 8: 8000, 9: 8000, 10: 44100, 11: 44100, 12: 8000, 13: 8000,
    15: 8000, 16: 11025, 17: 22050, 18: 8000,
}  # fmt: skip
"""Of payload types that are fixed (RFC 3551 section 6)."""
CLOCK_RATES: Final = (8000, 16000, 32000, 44100, 48000, 90000)
"""Of the others: nobody tells us which, and the packets show it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What is said of one source."""

    ssrc: int
    fraction_lost: int
    """Of 256, since the report before."""
    lost: int
    """In all; negative where duplicates came."""
    highest: int
    """The extended highest sequence number."""
    jitter: int
    """In units of the RTP timestamp."""
    last_report: int = 0
    """The middle 32 bits of the last sender report's NTP time; 0: none came."""
    since_report: int = 0
    """How long ago that was, in 1/65536 s."""


def write_report(ours: int, block: Block, cname: bytes) -> bytes:
    """A compound packet: a receiver report of one source, and our canonical name."""
    lost = max(-0x80_0000, min(block.lost, 0x7F_FFFF)) & 0xFF_FFFF
    report = struct.pack(
        ">BBHIIIIIII",
        0x81,
        _RECEIVER_REPORT,
        7,
        ours,
        block.ssrc,
        block.fraction_lost << 24 | lost,
        block.highest & 0xFFFF_FFFF,
        block.jitter & 0xFFFF_FFFF,
        block.last_report,
        block.since_report & 0xFFFF_FFFF,
    )
    item = struct.pack(">IBB", ours, _CNAME, len(cname)) + cname
    item += bytes(4 - len(item) % 4)  # at least one zero ends the list
    return report + struct.pack(">BBH", 0x81, _DESCRIPTION, len(item) // 4) + item


def clock_rate(payload_type: int, timestamps: NDArray[np.int64], arrivals_ns: NDArray[np.int64]) -> int:
    """Of a stream's RTP timestamps, from some of its packets; 0 where they do not show it."""
    if payload_type in STATIC_CLOCK_RATES:
        return STATIC_CLOCK_RATES[payload_type]
    passed_ns = int(arrivals_ns[-1] - arrivals_ns[0])
    ticks = _since(timestamps[-1:], timestamps[:1])[0]
    if passed_ns <= 0 or ticks <= 0:
        return 0
    shown = ticks * 1e9 / passed_ns
    return min(CLOCK_RATES, key=lambda rate: abs(np.log(shown / rate)))


def jitter(timestamps: NDArray[np.int64], arrivals_ns: NDArray[np.int64], rate: int) -> int:
    """How much the packets' spacing differs from that of what they hold, on average, in units of the timestamp."""
    if len(timestamps) < 2 or rate == 0:
        return 0
    came = np.diff(arrivals_ns) * (rate / 1e9)
    return int(np.abs(came - _since(timestamps[1:], timestamps[:-1])).mean())


def _since(later: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.int64]:
    """Differences of 32-bit timestamps, the shorter way round."""
    difference: NDArray[np.int64] = (later - earlier + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
    return difference
