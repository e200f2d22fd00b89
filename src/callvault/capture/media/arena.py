"""The arena: the one place in memory into which the packets of many sockets are drained, a row a packet.

Every message of the system call has its row for good, so that a call needs no preparation: the next socket's packets
begin behind the last one's.  The memory may be shared with whoever keeps the sockets (memfd_create(2)): then it
outlives a worker that is killed, and its successor finds in it what was drained and not yet written.
What does not live here: what is made of the packets (``sorting``), who keeps the memory (``seat``).
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from socket import MSG_DONTWAIT
from typing import Final

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
_HEAD_BYTES: Final = 4096
_LAYOUT: Final = 1
"""To be raised whenever anything below lies elsewhere: what another layout left cannot be read."""
_MARK_BYTES: Final = 4


def size_bytes(rows: int) -> int:
    """How much memory an arena takes."""
    return _HEAD_BYTES + rows * (ROW_BYTES + MESSAGE.itemsize + STAMP.itemsize + _MARK_BYTES)


def shared(descriptor: int, rows: int) -> mmap.mmap:
    """Memory of a memfd; the pages are there at once, so that the kernel finds room for a packet whatever happens."""
    if os.fstat(descriptor).st_size < size_bytes(rows):
        os.ftruncate(descriptor, size_bytes(rows))
    return mmap.mmap(descriptor, size_bytes(rows), flags=mmap.MAP_SHARED | mmap.MAP_POPULATE)


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

    def __init__(self, rows: int, memory: mmap.mmap | None = None) -> None:
        """Without memory that is ``shared``, nobody sees what is in it but this process."""
        self.rows = rows
        room = memoryview(memory if memory is not None else mmap.mmap(-1, size_bytes(rows)))
        self._head: NDArray[np.uint64] = np.frombuffer(room, dtype=np.uint64, count=3)
        """Layout, rows, and whether what was drained has not been written yet."""
        ends = np.cumsum([_HEAD_BYTES, *(rows * each for each in (ROW_BYTES, MESSAGE.itemsize, STAMP.itemsize))])
        packets, messages, stamps, marks = ends.tolist()
        self.packets: NDArray[np.uint8] = np.frombuffer(
            room, dtype=np.uint8, count=rows * ROW_BYTES, offset=packets
        ).reshape(rows, ROW_BYTES)
        self._messages = np.frombuffer(room, dtype=MESSAGE, count=rows, offset=messages)
        self._stamps = np.frombuffer(room, dtype=STAMP, count=rows, offset=stamps)
        self._marks = room[marks : marks + rows * _MARK_BYTES].cast("I")
        """At the row where a call's packets begin: the port that it was made for."""
        self._all_marks: NDArray[np.uint32] = np.frombuffer(self._marks, dtype=np.uint32)
        if self._head[:2].tolist() != [_LAYOUT, rows]:
            self._head[:] = _LAYOUT, rows, 0
        self.addresses: NDArray[np.uint8] = np.zeros((rows, ADDRESS_BYTES), dtype=np.uint8)
        """For each packet, whence it came, as a ``struct sockaddr``."""
        self._pieces = np.zeros(rows, dtype=PIECE)
        row = np.arange(rows, dtype=np.uint64)
        self._pieces["base"] = address_of(self.packets) + row * np.uint64(ROW_BYTES)
        self._pieces["size"] = ROW_BYTES
        self._messages["pieces"] = address_of(self._pieces) + row * np.uint64(PIECE.itemsize)
        self._messages["piece_count"] = 1
        self._messages["name"] = self._messages["name_bytes"] = 0
        self._names = address_of(self.addresses) + row * np.uint64(ADDRESS_BYTES)
        self.addressed = False
        """Whether the last round asked for them."""
        self._messages["control"] = address_of(self._stamps) + row * np.uint64(STAMP.itemsize)
        self._heads = address_of(self._messages)
        self._used = rows

    def drain(
        self, sockets: Iterable[tuple[int, int]], *, addresses: bool = False, ports: Sequence[int] | None = None
    ) -> Catch:
        """Take what has come to sockets (slot and descriptor), as far as there are rows; with ``addresses``, whence.

        The iterable is consumed up to the socket with which the arena was full: go on with it in another round.
        With ``ports`` (by slot), a successor finds the packets, until they are said to be ``written``.
        """
        self._prepare(addresses=addresses)
        receive, heads, size, marks = lib.recvmmsg, self._heads, MESSAGE.itemsize, self._marks
        self._head[2] = ports is not None
        slots: list[int] = []
        counts: list[int] = []
        held, full = 0, self.rows - AT_ONCE * CALLS
        for slot, descriptor in sockets:
            if ports is not None:
                marks[held] = ports[slot]
            taken = receive(descriptor, heads + held * size, AT_ONCE, MSG_DONTWAIT, 0)
            if taken > 0:
                slots.append(slot)
                counts.append(taken)
                held += taken
                calls = 1
                while taken == AT_ONCE and calls < CALLS:
                    if ports is not None:
                        marks[held] = ports[slot]
                    taken = receive(descriptor, heads + held * size, AT_ONCE, MSG_DONTWAIT, 0)
                    if taken > 0:
                        slots.append(slot)
                        counts.append(taken)
                        held += taken
                    calls += 1
                if held > full:
                    break
        self._used = held
        return self._catch(slots, counts, held)

    def written(self) -> None:
        """What was drained last is where it belongs."""
        self._head[2] = 0

    def left(self) -> Catch:
        """What whoever had this memory before drained, and may not have written; instead of slots it has ports."""
        if not self._head[2]:
            return self._catch([], [], 0)
        filled = np.flatnonzero(self._messages["length"])
        held = int(filled[-1]) + 1 if len(filled) else 0
        marks = self._all_marks[:held]
        begins = np.flatnonzero(marks)
        return self._catch(marks[begins].tolist(), np.diff(begins, append=held).tolist(), held)

    def _catch(self, slots: list[int], counts: list[int], held: int) -> Catch:
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
        """The kernel has said in each message that was used how much of its room it needed, and how much came."""
        self._messages["control_bytes"][: self._used] = STAMP.itemsize
        self._messages["length"][: self._used] = 0
        self._all_marks[: self._used + 1] = 0  # an empty socket's mark is the last one
        if addresses != self.addressed:
            self._messages["name"] = self._names if addresses else 0
            self.addressed = addresses
        if addresses:
            self._messages["name_bytes"] = ADDRESS_BYTES
