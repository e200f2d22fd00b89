"""The reporter of a shelf: knows to whom receiver reports go, and sends those that are due.

A stream has reports only where the signalling has said where to (``Gate.aim``): SRTP streams have none.  From then on
they go to where its RTCP really comes from, which may be elsewhere (NAT).
What does not live here: their bytes (``protocols.rtcp``), the counts (``reception``).
"""

from __future__ import annotations

import logging
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callvault.capture.media.arena import Arena
from callvault.capture.media.jitter import clock_rate, jitter
from callvault.capture.media.reception import Reception
from callvault.protocols.rtcp import CNAME, SENDER_REPORT, Block, ReceiverReport, SourceDescription, write

log = logging.getLogger("callvault.media")

Address = tuple[str, int]
Rows = Callable[[int], NDArray[np.int64]]

EVERY_NS = 5_000_000_000
"""RFC 3550 section 6.2: five seconds, and each time half as much less or more."""


@dataclass(kw_only=True, slots=True)
class Aim:
    """One stream's reports."""

    to: Address
    by: socket.socket
    """On which port they go out."""
    ours: int
    """Our SSRC."""
    due_ns: int
    expected: int = 0
    received: int = 0
    """Both as of the report before."""
    sender_report: int = 0
    sender_report_ns: int = 0


class Reporter:
    """By slot."""

    def __init__(self, reception: Reception, cname: bytes) -> None:
        self._reception = reception
        self._cname = cname
        self._aims: dict[int, Aim] = {}
        self._random = random.Random()  # noqa: S311 - spreads reports over time, guards nothing

    def aim(self, slot: int, to: Address | None, by: socket.socket, now_ns: int) -> None:
        """Reports of a stream go there from now on; None: nowhere."""
        if to is None:
            self._aims.pop(slot, None)
        elif slot in self._aims:
            self._aims[slot].to = to
        else:
            due_ns = now_ns + int(EVERY_NS * self._random.uniform(0.25, 0.75))
            self._aims[slot] = Aim(to=to, by=by, ours=self._random.getrandbits(32), due_ns=due_ns)

    def aim_of(self, slot: int) -> Address | None:
        """Where a stream's reports go."""
        aim = self._aims.get(slot)
        return aim.to if aim else None

    def forget(self, slot: int) -> None:
        """Somebody else has the slot from now on."""
        self._aims.pop(slot, None)

    def heard(self, slot: int, packet: bytes, at_ns: int, came_from: Address | None) -> None:
        """RTCP of a stream has come."""
        aim = self._aims.get(slot)
        if aim is None or int.from_bytes(packet[4:8], "big") != self._reception.ssrc[slot]:
            return
        if came_from is not None:
            aim.to = came_from
        if packet[1] == SENDER_REPORT and len(packet) >= 28:
            aim.sender_report, aim.sender_report_ns = int.from_bytes(packet[10:14], "big"), at_ns

    def send(
        self, arena: Arena, arrivals_ns: NDArray[np.int64], slots: NDArray[np.int64], rows: Rows, now_ns: int
    ) -> None:
        """Send what is due of streams that have just had RTP: their slots, ascending, and where each has its rows."""
        for slot in [slot for slot, aim in self._aims.items() if aim.due_ns <= now_ns]:
            place = int(np.searchsorted(slots, slot))
            if place == len(slots) or slots[place] != slot:
                continue
            aim = self._aims[slot]
            aim.due_ns = now_ns + int(EVERY_NS * self._random.uniform(0.5, 1.5))
            block = self._block(slot, now_ns, arena, arrivals_ns, rows(place))
            try:
                aim.by.sendto(self._packet(aim.ours, block), aim.to)
            except OSError as error:  # nobody there, or a full queue: the next one says the same
                log.debug("a receiver report to %s was not sent: %s", aim.to, error)

    def _packet(self, ours: int, block: Block) -> bytes:
        names = SourceDescription(ssrc=ours, items=((CNAME, self._cname),))
        return write([ReceiverReport(ssrc=ours, blocks=(block,)), names])

    def _block(
        self, slot: int, now_ns: int, arena: Arena, arrivals_ns: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> Block:
        known, aim = self._reception, self._aims[slot]
        expected = int(known.highest[slot] - known.lowest[slot]) + 1
        received = int(known.received[slot])
        since, came = expected - aim.expected, received - aim.received
        aim.expected, aim.received = expected, received
        stamps = np.ascontiguousarray(arena.packets[rows, 4:8]).view(">u4").reshape(-1).astype(np.int64)
        came_ns = arrivals_ns[rows]
        rate = clock_rate(int(arena.packets[rows[-1], 1]) & 0x7F, stamps, came_ns)
        return Block(
            ssrc=int(known.ssrc[slot]),
            fraction_lost=min(255, 256 * (since - came) // since) if 0 <= came < since else 0,
            lost=expected - received,
            highest=int(known.highest[slot]),
            jitter=jitter(stamps, came_ns, rate),
            last_report=aim.sender_report,
            since_report=(now_ns - aim.sender_report_ns) * 65_536 // 1_000_000_000 if aim.sender_report else 0,
        )
