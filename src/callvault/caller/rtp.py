"""RTP packets as octets (RFC 3550 section 5.1), and events in them (RFC 4733).

What lives here: one packet's layout.  What does not: which packets there are (``timeline``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

VERSION = 2
EVENT_KEYS = "0123456789*#ABCD"


@dataclass(frozen=True, kw_only=True, slots=True)
class Packet:
    """One packet."""

    payload_type: int
    sequence: int
    """May be greater than 16 bits here; only those are sent."""
    timestamp: int
    """Likewise, of 32 bits."""
    ssrc: int
    payload: bytes
    marker: bool = False

    def octets(self) -> bytes:
        """As it is sent."""
        return (
            struct.pack(
                "!BBHII",
                VERSION << 6,
                self.marker << 7 | self.payload_type,
                self.sequence & 0xFFFF,
                self.timestamp & 0xFFFFFFFF,
                self.ssrc,
            )
            + self.payload
        )


def event(key: str, *, duration: int, ended: bool, volume: int = 10) -> bytes:
    """The payload of a telephone event (RFC 4733 section 2.3)."""
    return struct.pack("!BBH", EVENT_KEYS.index(key), ended << 7 | volume, min(duration, 0xFFFF))


def comfort_noise(level_dbov: int = 60) -> bytes:
    """The payload of comfort noise without a spectrum (RFC 3389 section 3.1): so many dB below the loudest."""
    return bytes([level_dbov & 0x7F])
