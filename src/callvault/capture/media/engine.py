"""The engine of a media worker: all its takes, on shelves, and the rounds in which they are drained.

What does not live here: the process and whoever tells it what to do (``worker``), syncing (``syncing``).
"""

from __future__ import annotations

import logging
import mmap
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from callvault.capture.aim import Aim
from callvault.capture.gate import OPEN, USUAL_KEYS, Draw, Heard, KeyTypes, Veil
from callvault.capture.media.arena import Arena
from callvault.capture.media.curtain import Curtain
from callvault.capture.media.rtcp_port import RtcpPort
from callvault.capture.media.shelf import SLOTS, Place, Shelf, Take
from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.media.system import MEMINFO, SO_COOKIE, SO_MEMINFO
from callvault.capture.spools import MEDIA, Spools
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.chunk_writer import ChunkWriter, write_packets
from callvault.protocols.spool.drops import write_drops

log = logging.getLogger("callvault.media")

ROWS = 12 * SLOTS + 512
"""Twelve packets of each stream of a shelf: a tick of 200 ms brings ten."""
FEW = 4
"""Streams of a take that come one after the other."""
ADDRESSES_EVERY = 5
"""In how many rounds it is looked once where packets come from."""


class Engine:
    """Drains, and writes what came."""

    def __init__(self, spools: Spools, *, cname: bytes) -> None:
        self._folder = str(spools.live(UUID(int=0)).media.parent)
        self._cname = cname
        self._arena = Arena(ROWS)
        self._writer = ChunkWriter()
        self._shelves: list[Shelf] = []
        self._takes: dict[UUID, Take] = {}
        self._rtcp: list[RtcpPort] = []
        self._rounds = 0
        self._lagging: dict[UUID, Take] = {}
        self._fresh: set[UUID] = set()
        """Takes with streams that were not looked at in this round."""
        self.packets = 0
        """Since the process began."""

    @property
    def streams(self) -> int:
        """How many are being drained."""
        return sum(len(take.places) for take in self._takes.values())

    @property
    def waiting(self) -> int:
        """How many takes wait for room on the disk."""
        return sum(shelf.waiting for shelf in self._shelves)

    def inherit(self, memory: mmap.mmap) -> None:
        """Drain into memory that outlives this process, and has what another drained into it; before all else."""
        self._arena = Arena(ROWS, memory)

    def restore(self) -> int:
        """Write what a worker that was killed had drained and not written; how many packets that may be."""
        catch = self._arena.left()
        packets = sum(shelf.restore(catch) for shelf in self._shelves) if catch.packets else 0
        self._arena.written()
        return packets

    def share_rtcp(self, port: socket.socket) -> None:
        """RTCP of streams that have no port of their own for it comes here."""
        self._rtcp.append(RtcpPort(port))

    def put(
        self, take_id: UUID, stream: int, media: socket.socket, rtcp: socket.socket, *, draws: Sequence[Draw] = OPEN
    ) -> None:
        """Drain a socket from now on; one that is drained already stays.  The draws are those of a take not known yet.

        Raises:
            MediaError: the disk takes no file.
        """
        take = self._takes.get(take_id)
        if take is None:
            file = SpoolFile(f"{self._folder}/{take_id}{MEDIA}")
            take = self._takes[take_id] = Take(id=take_id, file=file, curtain=Curtain(draws))
        if stream in take.places:
            media.close()
            return
        shelf = self._shelf_for(take)
        slot = shelf.put(take, stream, media)
        take.places[stream] = Place(shelf=shelf, slot=slot, media=media, rtcp=rtcp)
        if take.curtain.lags:
            self._lagging[take_id] = take
            self._fresh.add(take_id)

    def _shelf_for(self, take: Take) -> Shelf:
        """That of the take's other streams, so that one write does for all of them, or one with room for a few."""
        for place in take.places.values():
            if place.shelf.room:
                return place.shelf
        for shelf in reversed(self._shelves):
            if shelf.room >= FEW:
                return shelf
        self._shelves.append(Shelf(self._arena, self._writer, self._cname))
        return self._shelves[-1]

    def veil(self, take_id: UUID, veil: Veil) -> int:
        """Draw a take's veil: for packets that arrive from the moment on that is answered (ns)."""
        at_ns = time.time_ns()
        take = self._takes.get(take_id)
        if take is not None:
            released = take.curtain.draw(veil, at_ns)
            for place in take.places.values():
                place.shelf.veil(place.slot)
            if released:
                for shelf in {place.shelf for place in take.places.values()}:
                    shelf.append(take, released)
                    break
            if take.curtain.lags:
                self._lagging[take_id] = take
        return at_ns

    def draws_of(self, take_id: UUID) -> Sequence[Draw]:
        """What is spooled of a take."""
        take = self._takes.get(take_id)
        return take.curtain.draws if take is not None else OPEN

    def look_for_keys(self, take_id: UUID, stream: int, types: KeyTypes) -> None:
        """In which of a stream's packets keys are looked for."""
        take = self._takes.get(take_id)
        if take is not None:
            take.curtain.keys.types[stream] = types

    def key_types_of(self, take_id: UUID, stream: int) -> KeyTypes:
        """In which of a stream's packets keys are looked for."""
        take = self._takes.get(take_id)
        return take.curtain.key_types_of(stream) if take is not None else USUAL_KEYS

    def aim(self, take_id: UUID, stream: int, aim: Aim | None, now_ns: int) -> None:
        """Where receiver reports of a stream go; nothing happens where the stream is gone."""
        take = self._takes.get(take_id)
        place = take.places.get(stream) if take else None
        if place is not None:
            place.shelf.reporter.aim(place.slot, aim, place.rtcp, now_ns)

    def heard(self, take_id: UUID) -> Mapping[int, Heard]:
        """What came of each stream of a take."""
        take = self._takes.get(take_id)
        if take is None:
            return {}
        return {stream: _heard(place, take.file.written_ns) for stream, place in take.places.items()}

    def remove(self, take_id: UUID, streams: Iterable[int] | None, now_ns: int) -> SpoolFile | None:
        """Empty and close sockets of a take; its file, which is to be synced, and closed if nothing is left of it."""
        take = self._takes.get(take_id)
        if take is None:
            return None
        gone = [stream for stream in (take.places if streams is None else streams) if stream in take.places]
        left = [(stream, take.places.pop(stream)) for stream in gone]
        places = [place for _, place in left]
        for shelf in {place.shelf for place in places}:
            shelf.empty([place.slot for place in places if place.shelf is shelf], now_ns)
        for stream, place in left:
            _tell_drops(take, stream, place.media, now_ns)
            place.shelf.remove(place.slot)
            place.media.close()
        if not take.places:
            del self._takes[take_id]
            if self._lagging.pop(take_id, None) is not None:
                take.file.append(take.curtain.release())
        return take.file

    def is_known(self, take_id: UUID) -> bool:
        """Whether streams of a take are being drained."""
        return take_id in self._takes

    def round(self, now_ns: int, between: Callable[[], None]) -> None:
        """Drain everything once; ``between`` is called after each shelf."""
        self._rounds += 1
        addresses = self._rounds % ADDRESSES_EVERY == 1
        for shelf in list(self._shelves):
            self.packets += shelf.round(now_ns, addresses=addresses)
            between()
        for port in self._rtcp:
            port.round(self._arena, self._shelves)
        self._release(now_ns)

    def _release(self, seen_ns: int) -> None:
        """Spool what has waited for keys long enough: of takes of which all has been looked at that came before."""
        behind = {take_id for shelf in self._shelves for take_id in shelf.behind()} | self._fresh
        self._fresh.clear()
        for take in [take for take_id, take in self._lagging.items() if take_id not in behind]:
            for place in take.places.values():
                place.shelf.append(take, take.curtain.release(seen_ns))
                break
            if not take.curtain.lags:
                del self._lagging[take.id]

    def write_out(self) -> None:
        """Nothing more is drained: spool what still waits for keys."""
        for take in self._lagging.values():
            take.file.append(take.curtain.release())

    def kept(self) -> Iterator[tuple[UUID, int, Place]]:
        """All that is being drained."""
        for take in self._takes.values():
            for stream, place in take.places.items():
                yield take.id, stream, place


def _tell_drops(take: Take, stream: int, media: socket.socket, now_ns: int) -> None:
    """What reached the machine and not us is lost, and the recording says so."""
    dropped = MEMINFO.unpack(media.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO.size))[-1]
    if dropped and not take.curtain.is_shut:
        log.warning(
            "%d packets of stream %d of the take %s are lost: its socket was full, since nobody drained it in time",
            dropped, stream, take.id,
        )  # fmt: skip
        cookie = media.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8)
        take.file.append(write_packets(stream, Content.DROPS, [now_ns], [write_drops(cookie, dropped)]))


def _heard(place: Place, written_ns: int | None) -> Heard:
    known, slot = place.shelf.reception, place.slot
    last_ns = int(known.last_ns[slot])
    return Heard(packets=int(known.packets[slot]), last_ns=last_ns or written_ns, source=known.source(slot))
