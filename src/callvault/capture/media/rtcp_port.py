"""One port for the RTCP of many streams: each packet goes to the stream whose source sent it.

Descriptors are few, so a stream whose client does not share its port (RFC 5761) is told this port (RFC 3605).
What does not live here: what RTCP says (``reporter``).
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence

import numpy as np

from callvault.capture.media.arena import Arena, Catch
from callvault.capture.media.reception import read_address
from callvault.capture.media.shelf import Shelf
from callvault.capture.media.sorting import SHORTEST_BYTES
from callvault.protocols.spool.batch import Content

log = logging.getLogger("callvault.media")

ROUNDS = 16
"""Of a few hundred packets each: whoever floods the port loses his own."""


class RtcpPort:
    """A socket, and the way from a packet to its stream: SSRC, and the address where two streams have the same."""

    def __init__(self, port: socket.socket) -> None:
        self.socket = port
        self.strays = 0
        """Packets of sources that no stream has."""

    def round(self, arena: Arena, shelves: Sequence[Shelf]) -> None:
        """Drain the port."""
        owners: dict[int, list[tuple[Shelf, int]]] | None = None
        for _ in range(ROUNDS):
            catch = arena.drain([(0, self.socket.fileno())], addresses=True)
            if not catch.packets:
                return
            owners = _by_source(shelves) if owners is None else owners
            for row in range(catch.packets):
                self._deliver(arena, catch, row, owners)

    def _deliver(self, arena: Arena, catch: Catch, row: int, owners: dict[int, list[tuple[Shelf, int]]]) -> None:
        packet = arena.packets[row, : catch.lengths[row]]
        if len(packet) < SHORTEST_BYTES or packet[0] >> 6 != 2 or not 192 <= packet[1] <= 223:
            self.strays += 1
            return
        came_from = read_address(arena.addresses[row])
        found = owners.get(int.from_bytes(packet[4:8].tobytes(), "big"), [])
        if len(found) > 1:
            found = [(shelf, slot) for shelf, slot in found if _same_host(shelf, slot, came_from)]
        if len(found) != 1:
            self.strays += 1
            return
        ((shelf, slot),) = found
        take = shelf.take_at(slot)
        if take is not None:
            arrival_ns = int(catch.arrivals_ns[row])
            if not take.file.waits:
                stream = shelf.stream_at(slot)
                take.file.append(take.curtain.through(stream, Content.RTCP, [arrival_ns], [packet.tobytes()]))
            shelf.reporter.heard(slot, packet.tobytes(), arrival_ns, came_from)


def _by_source(shelves: Sequence[Shelf]) -> dict[int, list[tuple[Shelf, int]]]:
    owners: dict[int, list[tuple[Shelf, int]]] = {}
    for shelf in shelves:
        known = shelf.reception
        for slot in np.flatnonzero(known.packets).tolist():
            owners.setdefault(int(known.ssrc[slot]), []).append((shelf, slot))
    return owners


def _same_host(shelf: Shelf, slot: int, address: tuple[str, int] | None) -> bool:
    source = shelf.reception.source(slot)
    return source is not None and address is not None and source[0] == address[0]
