"""The reporter of a shelf: knows to whom receiver reports go, and sends those that are due.

A stream has reports only where the signalling has said where to (``Gate.aim``).  From then on they go to where its RTCP
really comes from, which may be elsewhere (NAT); with SRTP only what the sender's key opens can say so.
What does not live here: their bytes (``protocols.rtcp``, ``protocols.srtcp``), the counts (``reception``).
"""

from __future__ import annotations

import logging
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from callvault.capture.aim import Aim
from callvault.capture.media.arena import Arena
from callvault.capture.media.jitter import clock_rate, jitter
from callvault.capture.media.reception import Reception
from callvault.errors import ProtocolError
from callvault.protocols.rtcp import CNAME, SENDER_REPORT, Block, ReceiverReport, SourceDescription, write
from callvault.protocols.srtcp import ReportSeal
from callvault.protocols.srtp import Opener

log = logging.getLogger("callvault.media")

Address = tuple[str, int]
Rows = Callable[[int], NDArray[np.int64]]

EVERY_NS = 5_000_000_000
"""RFC 3550 section 6.2: five seconds, and each time half as much less or more."""


@dataclass(kw_only=True, slots=True)
class _Course:
    """One stream's reports."""

    aim: Aim
    by: socket.socket
    """On which port they go out."""
    ours: int
    """Our SSRC, which nobody had before us: see ``ReportSeal.seal``."""
    due_ns: int
    seal: ReportSeal | None = None
    """None where they go in clear."""
    opener: Opener | None = None
    """For the sender's own reports; None where they come in clear, or nobody here knows their keys."""
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
        self._courses: dict[int, _Course] = {}
        self._random = random.Random()  # noqa: S311 - spreads reports over time, guards nothing

    def aim(self, slot: int, aim: Aim | None, by: socket.socket, now_ns: int) -> None:
        """Reports of a stream go there from now on; None: nowhere."""
        if aim is None:
            self._courses.pop(slot, None)
            return
        course = self._courses.get(slot)
        if course is None or course.aim.key != aim.key:  # a seal has an SSRC of its own: see ``ReportSeal.seal``
            course = self._courses[slot] = _Course(
                aim=aim,
                by=by,
                ours=self._random.getrandbits(32),
                due_ns=now_ns + int(EVERY_NS * self._random.uniform(0.25, 0.75)),
                seal=ReportSeal(aim.key) if aim.key is not None else None,
                opener=_opener(aim),
            )
        elif course.aim.theirs != aim.theirs:
            course.opener = _opener(aim)
        course.aim = aim

    def aim_of(self, slot: int) -> Aim | None:
        """Where a stream's reports go."""
        course = self._courses.get(slot)
        return course.aim if course else None

    def forget(self, slot: int) -> None:
        """Somebody else has the slot from now on."""
        self._courses.pop(slot, None)

    def heard(self, slot: int, packet: bytes, at_ns: int, came_from: Address | None) -> None:
        """RTCP of a stream has come."""
        course = self._courses.get(slot)
        if course is None or int.from_bytes(packet[4:8], "big") != self._reception.ssrc[slot]:
            return
        if course.seal is not None:
            packet = (course.opener.open_one(packet) if course.opener else None) or b""
        if not packet:
            return
        if came_from is not None:
            course.aim = replace(course.aim, host=came_from[0], port=came_from[1])
        if packet[1] == SENDER_REPORT and len(packet) >= 28:
            course.sender_report, course.sender_report_ns = int.from_bytes(packet[10:14], "big"), at_ns

    def send(
        self, arena: Arena, arrivals_ns: NDArray[np.int64], slots: NDArray[np.int64], rows: Rows, now_ns: int
    ) -> None:
        """Send what is due of streams that have just had RTP: their slots, ascending, and where each has its rows."""
        for slot in [slot for slot, course in self._courses.items() if course.due_ns <= now_ns]:
            place = int(np.searchsorted(slots, slot))
            if place == len(slots) or slots[place] != slot:
                continue
            course = self._courses[slot]
            course.due_ns = now_ns + int(EVERY_NS * self._random.uniform(0.5, 1.5))
            block = self._block(slot, now_ns, arena, arrivals_ns, rows(place))
            report = self._packet(course.ours, block)
            to = course.aim.host, course.aim.port
            try:
                course.by.sendto(course.seal.seal(report, now_ns) if course.seal else report, to)
            except (OSError, ProtocolError) as error:  # nobody there, or a full queue: the next one says the same
                log.debug("a receiver report to %s was not sent: %s", to, error)

    def _packet(self, ours: int, block: Block) -> bytes:
        names = SourceDescription(ssrc=ours, items=((CNAME, self._cname),))
        return write([ReceiverReport(ssrc=ours, blocks=(block,)), names])

    def _block(
        self, slot: int, now_ns: int, arena: Arena, arrivals_ns: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> Block:
        known, course = self._reception, self._courses[slot]
        expected = int(known.highest[slot] - known.lowest[slot]) + 1
        received = int(known.received[slot])
        since, came = expected - course.expected, received - course.received
        course.expected, course.received = expected, received
        stamps = np.ascontiguousarray(arena.packets[rows, 4:8]).view(">u4").reshape(-1).astype(np.int64)
        came_ns = arrivals_ns[rows]
        rate = clock_rate(int(arena.packets[rows[-1], 1]) & 0x7F, stamps, came_ns)
        return Block(
            ssrc=int(known.ssrc[slot]),
            fraction_lost=min(255, 256 * (since - came) // since) if 0 <= came < since else 0,
            lost=expected - received,
            highest=int(known.highest[slot]),
            jitter=jitter(stamps, came_ns, rate),
            last_report=course.sender_report,
            since_report=(now_ns - course.sender_report_ns) * 65_536 // 1_000_000_000 if course.sender_report else 0,
        )


def _opener(aim: Aim) -> Opener | None:
    return Opener(aim.theirs, reports=True) if aim.theirs else None
