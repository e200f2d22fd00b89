"""Keys that were pressed, as RTP carries them (RFC 4733): many packets for one key, the end said three times.

What does not live here: tones within the audio, which stay there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callvault.protocols.rtp import Packets

KEYS = "0123456789*#ABCD"
FLASH = 16
PAYLOAD_BYTES = 4


@dataclass(kw_only=True, slots=True)
class Pressed:
    """One key."""

    key: str
    arrival_ns: int
    """When the first packet that tells of it came."""
    ticks: int
    """How long it was held, as far as is known: units of the clock rate."""


class Keypad:
    """Gathers one stream's keys."""

    def __init__(self) -> None:
        self._pressed: dict[tuple[int, int, int], Pressed] = {}

    def feed(self, packets: Packets) -> int:
        """Take packets of the stream's telephone events; answers how many cannot be read.

        A key is known by its timestamp, which all its packets share (RFC 4733 section 2.2.1).
        """
        unreadable = 0
        for row in range(len(packets)):
            payload = packets.payload(row)
            if len(payload) < PAYLOAD_BYTES or payload[0] > FLASH:
                unreadable += 1
                continue
            name = (int(packets.ssrc[row]), int(packets.timestamp[row]), payload[0])
            ticks = int.from_bytes(payload[2:4])
            known = self._pressed.get(name)
            if known is None:
                key = "flash" if payload[0] == FLASH else KEYS[payload[0]]
                self._pressed[name] = Pressed(key=key, arrival_ns=int(packets.arrivals_ns[row]), ticks=ticks)
            else:
                known.ticks = max(known.ticks, ticks)
                known.arrival_ns = min(known.arrival_ns, int(packets.arrivals_ns[row]))
        return unreadable

    @property
    def pressed(self) -> Sequence[Pressed]:
        """The keys, in the order in which they were pressed."""
        return sorted(self._pressed.values(), key=lambda each: each.arrival_ns)
