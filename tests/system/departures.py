"""When what was sent left, packet by packet: a machine that is busy sends later than the plan says.

A verb is carried out at a moment, and packets are judged by when they came; so what is expected of a recording is told
by what had left until then, and not by the plan.  What does not live here: what is expected.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from callvault.caller.call import Call
from callvault.caller.report import CallReport, StreamReport

RATE = 8_000
PACKET = RATE // 50
NEAR = round(0.06 * RATE)
"""How far a cut may be from the moment of its verb, in samples: two packets, and one for the machine."""
PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Given:
    """When a verb was asked for, and when it was answered, in seconds since 1970: in between it was carried out."""

    asked_s: float
    answered_s: float

    def window(self, report: CallReport, stream: StreamReport) -> Window:
        """Where in a stream that was, by the packets that had left until then."""
        return Window(least=sent_by(report, stream, self.asked_s), most=sent_by(report, stream, self.answered_s))


@dataclass(frozen=True, kw_only=True)
class Window:
    """Between these samples of what was sent a verb was carried out."""

    least: int
    most: int

    def has(self, sample: int) -> bool:
        """Whether a cut is where the verb was."""
        return self.least - NEAR <= sample <= self.most + NEAR


def sent_by(report: CallReport, stream: StreamReport, unix_s: float) -> int:
    """How many samples of a stream with one source had left at a moment."""
    (ssrc,) = stream.ssrcs
    return max((end for left_s, end in _ends(report, ssrc) if left_s <= unix_s), default=0)


def lateness(report: CallReport) -> int:
    """By how many samples the latest packet left behind the rhythm of its source."""
    worst_s = 0.0
    for ssrc in {ssrc for stream in report.streams for ssrc in stream.ssrcs}:
        behind = [left_s - end / RATE for left_s, end in _ends(report, ssrc)]
        worst_s = max(worst_s, max(behind, default=0.0) - min(behind, default=0.0))
    return round(worst_s * RATE)


def edge(report: CallReport) -> int:
    """So long, in samples, a silence may be that stands where a stretch begins or ends.

    A verb's moment lies within a packet of either side, and what left late is left out with what left then.
    """
    return 2 * PACKET + lateness(report)


def _ends(report: CallReport, ssrc: int) -> list[tuple[float, int]]:
    """Of each packet of G.711 the moment at which it left, and up to where it is in its stream, in samples."""
    own = [(left_s, octets) for left_s, octets in report.packets if int.from_bytes(octets[8:12]) == ssrc]
    if not own:
        return []
    first = int.from_bytes(own[0][1][4:8])
    return [(left_s, (int.from_bytes(octets[4:8]) - first) % (1 << 32) + PACKET) for left_s, octets in own]


def said_s(call: Call) -> float:
    """How much has left of every stream so far, in seconds."""
    return min((len(outlet.left) for outlet in call._stage.outlets.values()), default=0) * PACKET / RATE


async def more_said(call: Call, seconds: float) -> None:
    """When so much more has left of every stream."""
    due_s = said_s(call) + seconds
    async with asyncio.timeout(PATIENCE_S):
        while said_s(call) < due_s:  # noqa: ASYNC110 - packets leave without a word
            await asyncio.sleep(PACKET / RATE)
