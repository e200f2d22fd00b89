"""What sender reports tell of how the streams of one call lie to each other (RFC 3550 section 6.4.1).

Streams of one sender share its clock.  A report says what that clock showed at an RTP timestamp; how far the clock is
from ours is the same for all of them, and the report that came fastest tells it best.  Where two streams' reports
agree, both are placed by the sender's clock, and what one of them was delayed by more than the other does not count.
Where an SBC passes on the reports of parties with clocks of their own, they do not agree, and arrivals have to do.

What does not live here: the placing (``timeline``), RTCP's bytes (``rtcp``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callvault.protocols import rtcp

AGREE_NS: Final = 100_000_000
"""What the way of two streams' reports may differ by, if their clocks are one."""
MOST_NS: Final = 150_000_000
"""What packets are moved by at most: what tells of more is no delay of a network."""
_TIMESTAMPS: Final = 1 << 32


@dataclass(frozen=True, kw_only=True, slots=True)
class _Report:
    ntp_ns: int
    timestamp: int
    way_ns: int
    """Its arrival less its NTP time: the clocks' difference, and how long it took."""


class SenderClocks:
    """The reports of a take, window after window."""

    def __init__(self) -> None:
        self._fresh: dict[tuple[int, int], list[_Report]] = {}
        self._reports: dict[tuple[int, int], list[_Report]] = {}
        self._corrections: dict[tuple[int, int], int] = {}

    def note(self, stream: int, packet: bytes, arrival_ns: int) -> None:
        """Take one compound packet that came on a stream's socket."""
        for report in rtcp.read(packet):
            if isinstance(report, rtcp.SenderReport) and report.ntp:
                ntp_ns = rtcp.ns_of(report.ntp, arrival_ns)
                self._fresh.setdefault((stream, report.ssrc), []).append(
                    _Report(ntp_ns=ntp_ns, timestamp=report.timestamp, way_ns=arrival_ns - ntp_ns)
                )

    def settle(self) -> None:
        """A window is complete: what was noted counts for it, and what was before does not."""
        if self._fresh:
            self._reports, self._fresh = self._fresh, {}

    def correction_ns(self, stream: int, ssrc: int, clock_rate: int, tick: int, earliest_ns: int) -> int:
        """What has to be added to a source's arrivals, so that it lies as the sender's clock says.

        ``tick``: an extended timestamp of the window.  ``earliest_ns``: by the arrivals, when tick 0 was.
        """
        name = (stream, ssrc)
        way_ns = self._way_ns(name)
        if way_ns is not None:
            # a report may be written later than the timestamp that it tells: the earliest is the one that was not
            zero_ns = min(
                report.ntp_ns - (tick + _signed(report.timestamp - tick)) * 1_000_000_000 // clock_rate
                for report in self._reports[name]
            )
            correction_ns = zero_ns + way_ns - earliest_ns
            if abs(correction_ns) <= MOST_NS:
                self._corrections[name] = correction_ns
        return self._corrections.get(name, 0)

    def _way_ns(self, name: tuple[int, int]) -> int | None:
        """How far our clock is from the sender's, by all streams that agree; None where no other one does."""
        if name not in self._reports:
            return None
        ways = {each: min(report.way_ns for report in reports) for each, reports in self._reports.items()}
        agreeing = {each: way for each, way in ways.items() if abs(way - ways[name]) <= AGREE_NS}
        if len({stream for stream, _ in agreeing}) < 2:
            return None
        return min(agreeing.values())


def _signed(difference: int) -> int:
    """A difference of timestamps, the shorter way round."""
    return (difference + _TIMESTAMPS // 2) % _TIMESTAMPS - _TIMESTAMPS // 2
