"""RTCP that a sender sends: reports, its name, its good-bye (RFC 3550 section 6)."""

from __future__ import annotations

import struct

NTP_EPOCH_S = 2_208_988_800
"""From 1900 to 1970."""


def ntp(unix_s: float) -> tuple[int, int]:
    """Seconds since 1900, and the fraction in 2^-32 s."""
    whole = int(unix_s)
    return (whole + NTP_EPOCH_S) & 0xFFFFFFFF, int((unix_s - whole) * (1 << 32)) & 0xFFFFFFFF


def _packet(kind: int, count: int, content: bytes) -> bytes:
    return struct.pack("!BBH", 2 << 6 | count, kind, len(content) // 4) + content


def sender_report(ssrc: int, *, unix_s: float, timestamp: int, packets: int, octets: int) -> bytes:
    """What was the time, by the clock on the wall and by the stream's own; without report blocks."""
    seconds, fraction = ntp(unix_s)
    words = (ssrc, seconds, fraction, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _packet(200, 0, struct.pack("!6I", *words))


def source_description(ssrc: int, cname: str) -> bytes:
    """The canonical name, which two streams of one party share."""
    item = struct.pack("!IBB", ssrc, 1, len(cname)) + cname.encode()
    return _packet(202, 1, item + bytes(4 - len(item) % 4))


def goodbye(ssrc: int) -> bytes:
    """The stream ends here."""
    return _packet(203, 1, struct.pack("!I", ssrc))
