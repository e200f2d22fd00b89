"""The arena: the one place in memory into which the packets of many sockets are drained, a row a packet.

Every message of the system call has its row for good, so that a call needs no preparation: the next socket's packets
begin behind the last one's.  What does not live here: what is made of the packets (``sorting``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from socket import MSG_DONTWAIT

import numpy as np
from numpy.typing import NDArray

from callvault.capture.media.system import ADDRESS_BYTES, MESSAGE, PIECE, STAMP, address_of, lib

AT_ONCE = 64
"""Packets that one system call takes."""
CALLS = 4
"""Calls in a row on one socket: whoever floods a port waits for the next tick, and the other streams do not."""
ROW_BYTES = 2112
"""What finds room of a packet: more than any Ethernet frame without fragments carries.  The rest is cut off.

33 cache lines, and not 32: rows that are a power of two apart would all want the same few places in the cache.
"""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Catch:
    """What one round brought.  The packets lie in the arena's rows, in the order of the sockets, then of arrival."""

    slots: NDArray[np.int64]
    """For each system call that brought something, the slot that it was made for."""
    counts: NDArray[np.int64]
    """For each of these, how many packets."""
    lengths: NDArray[np.uint16]
    arrivals_ns: NDArray[np.int64]

    @property
    def packets(self) -> int:
        """How many came in all."""
        return len(self.lengths)


class Arena:
    """Memory for one round of draining."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.packets: NDArray[np.uint8] = np.zeros((rows, ROW_BYTES), dtype=np.uint8)
        self.addresses: NDArray[np.uint8] = np.zeros((rows, ADDRESS_BYTES), dtype=np.uint8)
        """For each packet, whence it came, as a ``struct sockaddr``."""
        self._stamps = np.zeros(rows, dtype=STAMP)
        self._pieces = np.zeros(rows, dtype=PIECE)
        self._messages = np.zeros(rows, dtype=MESSAGE)
        row = np.arange(rows, dtype=np.uint64)
        self._pieces["base"] = address_of(self.packets) + row * np.uint64(ROW_BYTES)
        self._pieces["size"] = ROW_BYTES
        self._messages["pieces"] = address_of(self._pieces) + row * np.uint64(PIECE.itemsize)
        self._messages["piece_count"] = 1
        self._names = address_of(self.addresses) + row * np.uint64(ADDRESS_BYTES)
        self.addressed = False
        """Whether the last round asked for them."""
        self._messages["control"] = address_of(self._stamps) + row * np.uint64(STAMP.itemsize)
        self._heads = address_of(self._messages)
        self._used = rows

    def drain(self, sockets: Iterable[tuple[int, int]], *, addresses: bool = False) -> Catch:
        """Take what has come to sockets (slot and descriptor), as far as there are rows; with ``addresses``, whence.

        The iterable is consumed up to the socket with which the arena was full: go on with it in another round.
        """
        self._prepare(addresses=addresses)
        receive, heads, size = lib.recvmmsg, self._heads, MESSAGE.itemsize
        slots: list[int] = []
        counts: list[int] = []
        held, full = 0, self.rows - AT_ONCE * CALLS
        for slot, descriptor in sockets:
            taken = receive(descriptor, heads + held * size, AT_ONCE, MSG_DONTWAIT, 0)
            if taken > 0:
                slots.append(slot)
                counts.append(taken)
                held += taken
                calls = 1
                while taken == AT_ONCE and calls < CALLS:
                    taken = receive(descriptor, heads + held * size, AT_ONCE, MSG_DONTWAIT, 0)
                    if taken > 0:
                        slots.append(slot)
                        counts.append(taken)
                        held += taken
                    calls += 1
                if held > full:
                    break
        self._used = held
        stamps = self._stamps[:held]
        return Catch(
            slots=np.array(slots, dtype=np.int64),
            counts=np.array(counts, dtype=np.int64),
            lengths=self._messages["length"][:held].astype(np.uint16),
            arrivals_ns=stamps["seconds"] * 1_000_000_000 + stamps["nanoseconds"],
        )

    def begins(self, held: int) -> NDArray[np.uint16]:
        """The first two bytes of each packet, as little-endian numbers."""
        column: NDArray[np.uint16] = self.packets.view("<u2")[:held, 0].copy()
        return column

    def _prepare(self, *, addresses: bool) -> None:
        """The kernel has said in each message that was used how much of its room it needed."""
        self._messages["control_bytes"][: self._used] = STAMP.itemsize
        if addresses != self.addressed:
            self._messages["name"] = self._names if addresses else 0
            self.addressed = addresses
        if addresses:
            self._messages["name_bytes"] = ADDRESS_BYTES
