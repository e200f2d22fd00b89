"""What is known of each stream of a shelf while it is live, in columns: hundreds of streams are noted at once.

The figures of a receiver report (RFC 3550 section 6.4.1) are kept as that RFC's appendix A.1 and A.3 have them, but by
batch and not by packet.  What does not live here: how a report is written (``reporter``).
"""

from __future__ import annotations

from socket import AF_INET, AF_INET6, inet_ntop

import numpy as np
from numpy.typing import NDArray

from callvault.capture.media.arena import Arena
from callvault.capture.media.system import ADDRESS_BYTES

MOST_LEAP = 3000
"""Sequence numbers that a stream may leap over before it is taken for one that began anew (RFC 3550 A.1)."""


class Reception:
    """Columns for as many streams as a shelf has slots."""

    def __init__(self, slots: int) -> None:
        self.packets: NDArray[np.int64] = np.zeros(slots, dtype=np.int64)
        self.last_ns: NDArray[np.int64] = np.zeros(slots, dtype=np.int64)
        """When the last packet came; 0: none did."""
        self.ssrc: NDArray[np.uint32] = np.zeros(slots, dtype=np.uint32)
        self.highest: NDArray[np.int64] = np.zeros(slots, dtype=np.int64)
        """The extended highest sequence number of this SSRC."""
        self.lowest: NDArray[np.int64] = np.zeros(slots, dtype=np.int64)
        """The sequence number with which it began."""
        self.received: NDArray[np.int64] = np.zeros(slots, dtype=np.int64)
        """Packets of this SSRC."""
        self.addresses: NDArray[np.uint8] = np.zeros((slots, ADDRESS_BYTES), dtype=np.uint8)

    def clear(self, slot: int) -> None:
        """Somebody else has the slot from now on."""
        for column in (self.packets, self.last_ns, self.ssrc, self.highest, self.lowest, self.received):
            column[slot] = 0
        self.addresses[slot] = 0

    def note(
        self,
        arena: Arena,
        arrivals_ns: NDArray[np.int64],
        slots: NDArray[np.int64],
        counts: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> None:
        """Chunks of RTP have come: for each its slot, how many packets, and the row of its last one.

        The last packet stands for its chunk: where it is not the one with the highest number, the next chunk tells.
        """
        if len(slots) and (slots[1:] != slots[:-1]).all():
            self._note(arena, arrivals_ns, slots, counts, ends)
            return
        while len(slots):  # some have several chunks, one after the other
            now = np.flatnonzero(np.concatenate(([True], slots[1:] != slots[:-1])))  # each slot once
            self._note(arena, arrivals_ns, slots[now], counts[now], ends[now])
            later = np.ones(len(slots), dtype=bool)
            later[now] = False
            slots, counts, ends = slots[later], counts[later], ends[later]

    def _note(
        self,
        arena: Arena,
        arrivals_ns: NDArray[np.int64],
        who: NDArray[np.int64],
        counts: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> None:
        heads = arena.packets[ends, :12]
        numbers = heads[:, 2].astype(np.int64) << 8 | heads[:, 3]
        ssrc = np.ascontiguousarray(heads[:, 8:12]).view(">u4").reshape(-1)
        gains = (numbers - self.highest[who] + 0x8000 & 0xFFFF) - 0x8000
        anew = (ssrc != self.ssrc[who]) | (self.received[who] == 0) | (np.abs(gains) > MOST_LEAP)
        self.highest[who] = np.where(anew, numbers, self.highest[who] + np.maximum(gains, 0))
        self.lowest[who] = np.where(anew, numbers - counts + 1, self.lowest[who])
        self.received[who] = np.where(anew, counts, self.received[who] + counts)
        self.packets[who] += counts
        self.last_ns[who] = arrivals_ns[ends]
        self.ssrc[who] = ssrc
        if arena.addressed:
            self.addresses[who] = arena.addresses[ends]

    def source(self, slot: int) -> tuple[str, int] | None:
        """Where a stream's packets come from, as last looked at; None: no packet was."""
        return read_address(self.addresses[slot])


def read_address(octets: NDArray[np.uint8]) -> tuple[str, int] | None:
    """Host and port of a ``struct sockaddr``; None where it is none of the internet's."""
    data = octets.tobytes()
    family, port = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "big")
    if family == AF_INET:
        return inet_ntop(AF_INET, data[4:8]), port
    if family == AF_INET6:
        return inet_ntop(AF_INET6, data[8:24]), port
    return None
