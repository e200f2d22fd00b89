"""Keys that were pressed, as RTP carries them (RFC 4733): many packets for one key, the end said three times.

What does not live here: tones within the audio, which stay there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from callvault.protocols.rtp import Packets

KEYS = "0123456789*#ABCD"
FLASH = 16
PAYLOAD_BYTES = 4
SEGMENT_TICKS = 0xFF00
"""A duration of which there may be more."""
_NAMES = {**dict(enumerate(KEYS)), FLASH: "flash"}
_TIMESTAMPS = 1 << 32


@dataclass(kw_only=True, slots=True)
class Pressed:
    """One key."""

    key: str
    arrival_ns: int
    """When the first packet that tells of it came."""
    ticks: int
    """How long it was held, as far as is known: units of the clock rate."""
    clock_rate: int

    @property
    def duration_ms(self) -> int:
        """How long it was held."""
        return self.ticks * 1000 // self.clock_rate


class Keypad:
    """Gathers one stream's keys."""

    def __init__(self) -> None:
        self._pressed: dict[tuple[int, int, int], Pressed] = {}

    def feed(self, packets: Packets, clock_rates: Mapping[int, int]) -> int:
        """Take packets of the stream's telephone events; answers how many cannot be read.

        A key is known by its timestamp, which all its packets share (RFC 4733 section 2.2.1).  ``clock_rates``: by
        payload type.
        """
        unreadable = 0
        for row in range(len(packets)):
            payload = packets.payload(row)
            if len(payload) < PAYLOAD_BYTES:
                unreadable += 1
            elif payload[0] in _NAMES:  # the others are tones of modems and exchanges
                rate = clock_rates.get(int(packets.payload_type[row]), 8000)
                self._press(packets, row, payload[0], int.from_bytes(payload[2:4]), rate)
        return unreadable

    def _press(self, packets: Packets, row: int, event: int, ticks: int, clock_rate: int) -> None:
        ssrc, timestamp = int(packets.ssrc[row]), int(packets.timestamp[row])
        arrival_ns = int(packets.arrivals_ns[row])
        known = self._pressed.get((ssrc, timestamp, event))
        if known is None:
            known = Pressed(key=_NAMES[event], arrival_ns=arrival_ns, ticks=ticks, clock_rate=clock_rate)
            self._pressed[ssrc, timestamp, event] = known
        known.ticks = max(known.ticks, ticks)
        known.arrival_ns = min(known.arrival_ns, arrival_ns)

    @property
    def pressed(self) -> Sequence[Pressed]:
        """The keys, in the order in which they were pressed.

        One that is held for longer than a duration can say comes in segments, each of which begins where the one
        before ends (section 2.5.1.3); it is one key.
        """
        found: list[Pressed] = []
        ends: dict[tuple[int, int, int], Pressed] = {}
        for (ssrc, timestamp, event), each in sorted(self._pressed.items(), key=lambda item: item[1].arrival_ns):
            whole = ends.pop((ssrc, timestamp, event), None)
            if whole is None:
                whole = replace(each)
                found.append(whole)
            else:
                whole.ticks += each.ticks
            if each.ticks >= SEGMENT_TICKS:
                ends[ssrc, (timestamp + each.ticks) % _TIMESTAMPS, event] = whole
        return found
