"""A shelf: up to five hundred streams that are drained together, and the files that their packets go to.

Few enough that what waits between draining and writing is little, many enough that a step for all of them pays.
What does not live here: which take stands on which shelf (``engine``).
"""

from __future__ import annotations

import heapq
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from callvault.capture.media.arena import AT_ONCE, CALLS, Arena, Catch
from callvault.capture.media.curtain import Curtain
from callvault.capture.media.reception import Reception, read_address
from callvault.capture.media.reporter import Reporter
from callvault.capture.media.sorting import Sorted, sort
from callvault.capture.media.spool_file import SpoolFile
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.chunk_writer import ChunkWriter, Drained

SLOTS = 500


@dataclass(kw_only=True, slots=True, eq=False)
class Take:
    """A call that is being captured, as its worker knows it."""

    id: UUID
    file: SpoolFile
    curtain: Curtain
    places: dict[int, Place] = field(default_factory=dict)
    """By stream."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Place:
    """Where a stream stands."""

    shelf: Shelf
    slot: int
    media: socket.socket
    rtcp: socket.socket
    """Whence its receiver reports go out: the same socket, where RTCP shares it."""


class Shelf:
    """Streams by slot."""

    def __init__(self, arena: Arena, writer: ChunkWriter, cname: bytes) -> None:
        self.reception = Reception(SLOTS)
        self.reporter = Reporter(self.reception, cname)
        self.strays = 0
        self._arena = arena
        self._writer = writer
        self._free = list(range(SLOTS))
        self._takes: list[Take | None] = [None] * SLOTS
        self._streams: NDArray[np.uint16] = np.zeros(SLOTS, dtype=np.uint16)
        self._shut: NDArray[np.bool_] = np.zeros(SLOTS, dtype=np.bool_)
        """Slots of which nothing is wanted at all, as of most calls where few are recorded."""
        self._descriptors: dict[int, int] = {}
        self._ports = [0] * SLOTS
        self._order: list[tuple[int, int]] | None = None
        self._crowded: set[UUID] = set()
        self._waiting: dict[UUID, Take] = {}
        """Takes with something that the disk did not take."""

    @property
    def room(self) -> int:
        """How many more streams it takes."""
        return len(self._free)

    @property
    def waiting(self) -> int:
        """How many takes wait for room on the disk."""
        return len(self._waiting)

    def put(self, take: Take, stream: int, media: socket.socket) -> int:
        """A stream's socket is drained from now on; which slot it has."""
        slot = heapq.heappop(self._free)
        self._takes[slot], self._streams[slot] = take, stream
        self._shut[slot] = take.curtain.is_shut
        self._descriptors[slot], self._ports[slot] = media.fileno(), media.getsockname()[1]
        self._order = None
        return slot

    def remove(self, slot: int) -> None:
        """A stream is not drained any more."""
        del self._descriptors[slot]
        self._takes[slot], self._order = None, None
        self._shut[slot] = False
        self.reception.clear(slot)
        self.reporter.forget(slot)
        heapq.heappush(self._free, slot)

    def veil(self, slot: int) -> None:
        """The curtain of whose slot it is was drawn."""
        take = self._takes[slot]
        self._shut[slot] = take is not None and take.curtain.is_shut

    def take_at(self, slot: int) -> Take | None:
        """Who has a slot."""
        return self._takes[slot]

    def stream_at(self, slot: int) -> int:
        """Which stream of its take has a slot."""
        return int(self._streams[slot])

    def round(self, now_ns: int, *, addresses: bool = False) -> int:
        """Drain all sockets once and write what came; how many packets that were."""
        self._retry()
        return self._pour(self._sockets(), now_ns, addresses=addresses)

    def restore(self, catch: Catch) -> int:
        """Write what a worker that was killed had drained from these sockets, as far as it did not; how many packets.

        The catch has ports instead of slots, and may have those of other shelves too; its packets are in the arena.
        """
        slots = np.full(1 << 16, -1, dtype=np.int64)
        for slot in self._descriptors:
            slots[self._ports[slot]] = slot
        chunks = sort(self._arena, catch)
        known = _without(chunks, slots < 0)
        mine = _without(replace(known, slots=slots[known.slots]), self._shut)
        found: dict[UUID, tuple[Take, list[bytes]]] = {}
        for take, data in self._parts(catch, mine) if len(mine.rows) else ():
            found.setdefault(take.id, (take, []))[1].append(bytes(data))
        for take, parts in found.values():
            if not take.file.complete(b"".join(parts)):
                self._waiting[take.id], self._order = take, None
        return len(mine.rows)

    def behind(self) -> set[UUID]:
        """Takes of which more may wait in their sockets than was drained in the last round."""
        crowded, self._crowded = self._crowded, set()
        return self._waiting.keys() | crowded

    def empty(self, slots: list[int], now_ns: int) -> None:
        """Drain some sockets of what they still hold: the last thing before they are closed."""
        sockets = [(slot, self._descriptors[slot]) for slot in sorted(slots)]
        for _ in range(32):  # a full buffer needs six; whoever sends on and on is not waited for
            if not self._pour(sockets, now_ns, addresses=False):
                return

    def _sockets(self) -> list[tuple[int, int]]:
        if self._order is None:
            waiting = self._waiting
            self._order = [
                (slot, descriptor)
                for slot, descriptor in sorted(self._descriptors.items())
                if (take := self._takes[slot]) is not None and take.id not in waiting
            ]
        return self._order

    def _pour(self, sockets: list[tuple[int, int]], now_ns: int, *, addresses: bool) -> int:
        left = iter(sockets)
        packets = 0
        while True:
            catch = self._arena.drain(left, addresses=addresses, ports=self._ports)
            if not catch.packets:
                self._arena.written()
                return packets
            packets += catch.packets
            if (catch.counts == AT_ONCE).any():
                self._note_crowded(catch)
            chunks = sort(self._arena, catch)
            self.strays += chunks.strays
            if len(chunks.rows):
                wanted = _without(chunks, self._shut) if self._shut.any() else chunks
                for take, data in self._parts(catch, wanted) if len(wanted.rows) else ():
                    self.append(take, data)
                self._arena.written()
                self._note(catch, chunks, now_ns)

    def _note_crowded(self, catch: Catch) -> None:
        """Of whom as much came as is taken at once."""
        slots, places = np.unique(catch.slots, return_inverse=True)
        sums = np.bincount(places, weights=catch.counts)
        found = (self._takes[slot] for slot in slots[sums >= AT_ONCE * CALLS].tolist())
        self._crowded |= {take.id for take in found if take is not None}

    def _parts(self, catch: Catch, chunks: Sorted) -> Iterator[tuple[Take, memoryview | bytes]]:
        """What is to be appended, in one write for each take; the bytes are good until the next catch."""
        drained = Drained(
            streams=self._streams[chunks.slots],
            contents=chunks.contents,
            counts=chunks.counts,
            arrivals_ns=catch.arrivals_ns[chunks.rows],
            lengths=catch.lengths[chunks.rows],
            rows=chunks.rows,
            arena=self._arena.packets,
        )
        view, bounds = self._writer.write(drained)
        takes, slots = self._takes, chunks.slots.tolist()
        begin, count = 0, len(slots)
        while begin < count:
            take = takes[slots[begin]]
            end = begin + 1
            while end < count and takes[slots[end]] is take:
                end += 1
            if take is not None:
                if take.curtain.is_open:
                    yield take, view[bounds[begin] : bounds[end]]
                else:
                    yield take, self._through(take.curtain, catch, chunks, range(begin, end))
            begin = end

    def append(self, take: Take, data: memoryview | bytes) -> None:
        """What is to be spooled of a take; whoever has to wait for room is not drained meanwhile."""
        if data and not take.file.append(data):
            self._waiting[take.id], self._order = take, None

    def _through(self, curtain: Curtain, catch: Catch, chunks: Sorted, which: range) -> bytes:
        """What a take's curtain lets through of its chunks."""
        begin = int(chunks.counts[: which.start].sum())
        found = []
        for place in which:
            rows = chunks.rows[begin : begin + int(chunks.counts[place])]
            begin += len(rows)
            packets = [
                self._arena.packets[row, :length].tobytes()
                for row, length in zip(rows.tolist(), catch.lengths[rows].tolist(), strict=True)
            ]
            stream, content = self.stream_at(int(chunks.slots[place])), Content(int(chunks.contents[place]))
            found.append(curtain.through(stream, content, catch.arrivals_ns[rows].tolist(), packets))
            self._shut[chunks.slots[place]] = curtain.is_shut
        return b"".join(found)

    def _retry(self) -> None:
        for take in list(self._waiting.values()):
            if take.file.waits and not take.file.append(b""):  # one that has ended may be closed by now
                return  # there is no room for the others either
            del self._waiting[take.id]
            self._order = None

    def _note(self, catch: Catch, chunks: Sorted, now_ns: int) -> None:
        ends = np.cumsum(chunks.counts)

        def rows(place: int) -> NDArray[np.int64]:
            return chunks.rows[ends[place] - chunks.counts[place] : ends[place]]

        rtp = np.flatnonzero(chunks.contents == Content.RTP)
        slots = chunks.slots[rtp]
        self.reception.note(self._arena, catch.arrivals_ns, slots, chunks.counts[rtp], chunks.rows[ends[rtp] - 1])
        for place in np.flatnonzero(chunks.contents == Content.RTCP).tolist():
            self._hear(catch, int(chunks.slots[place]), rows(place))
        self.reporter.send(self._arena, catch.arrivals_ns, slots, lambda place: rows(int(rtp[place])), now_ns)

    def _hear(self, catch: Catch, slot: int, rows: NDArray[np.int64]) -> None:
        """RTCP has come to a stream's own port."""
        for row in rows.tolist():
            packet = self._arena.packets[row, : catch.lengths[row]].tobytes()
            came_from = read_address(self._arena.addresses[row]) if self._arena.addressed else None
            self.reporter.heard(slot, packet, int(catch.arrivals_ns[row]), came_from)


def _without(chunks: Sorted, unwanted: NDArray[np.bool_]) -> Sorted:
    """The chunks of all other slots."""
    kept = ~unwanted[chunks.slots]
    return Sorted(
        slots=chunks.slots[kept],
        contents=chunks.contents[kept],
        counts=chunks.counts[kept],
        rows=chunks.rows[np.repeat(kept, chunks.counts)],
        strays=chunks.strays,
    )
