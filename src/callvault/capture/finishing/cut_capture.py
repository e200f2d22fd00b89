"""What is said of a recording that was cut out of its take: the capture, with every moment where it is in the cut.

What does not live here: the audio (``cutting``).  Counts of packets stay those of the whole take, since packets are
not of one recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callvault.capture.finishing.cutting import Cut, Piece
from callvault.model.capture import Attendance, Capture, Digit, Gap, GapKind, StreamQuality


def capture_of_cut(capture: Capture, cut: Cut, *, whole_rate: int, reason: str) -> Capture:
    """The capture of one recording; ``capture`` is the whole take's, ``reason`` why this one ended."""
    times = _Times(cut.pieces, whole_rate)
    kept = frozenset(column + 1 for column in cut.columns)
    return replace(
        capture,
        reason=reason,
        streams=tuple(_stream(stream, times, kept, cut) for stream in capture.streams),
        attendances=tuple(_attendances(capture.attendances, times, kept, cut)),
        oddities=tuple(replace(oddity, at_ms=times.at(oddity.at_ms)) for oddity in capture.oddities),
    )


class _Times:
    """From milliseconds of the whole to milliseconds of the cut."""

    def __init__(self, pieces: Sequence[Piece], rate: int) -> None:
        self._spans: list[tuple[int, int, int]] = []
        self.silent: list[tuple[int, int]] = []
        passed = 0
        for piece in pieces:
            begin_ms, end_ms = piece.begin * 1000 // rate, piece.end * 1000 // rate
            self._spans.append((begin_ms, end_ms, passed))
            if piece.silent:
                self.silent.append((passed, passed + end_ms - begin_ms))
            passed += end_ms - begin_ms
        self.length = passed

    def at(self, at_ms: int) -> int:
        """Where a moment is; one that was left out is where the cut is."""
        for begin, end, passed in self._spans:
            if at_ms < end:
                return passed + max(0, at_ms - begin)
        return self.length

    def holds(self, at_ms: int) -> bool:
        """Whether a moment is in it."""
        return any(begin <= at_ms < end for begin, end, _ in self._spans)


def _channel(channel: int | None, kept: frozenset[int], cut: Cut) -> int | None:
    if channel is None or channel not in kept:
        return None
    return 1 if cut.channels == 1 else channel


def _stream(stream: StreamQuality, times: _Times, kept: frozenset[int], cut: Cut) -> StreamQuality:
    return replace(
        stream,
        channel=_channel(stream.channel, kept, cut),
        gaps=tuple(sorted((*_gaps(stream.gaps, times), *_paused(times)), key=lambda gap: gap.from_ms)),
        digits=tuple(_digits(stream.digits, times)),
    )


def _gaps(gaps: Sequence[Gap], times: _Times) -> Iterator[Gap]:
    for gap in gaps:
        from_ms, through_ms = times.at(gap.from_ms), times.at(gap.through_ms)
        if through_ms > from_ms:
            yield replace(gap, from_ms=from_ms, through_ms=through_ms)


def _paused(times: _Times) -> Iterator[Gap]:
    for from_ms, through_ms in times.silent:
        yield Gap(from_ms=from_ms, through_ms=through_ms, kind=GapKind.PAUSED)


def _digits(digits: Sequence[Digit], times: _Times) -> Iterator[Digit]:
    for digit in digits:
        if times.holds(digit.at_ms):
            yield replace(digit, at_ms=times.at(digit.at_ms))


def _attendances(found: Sequence[Attendance], times: _Times, kept: frozenset[int], cut: Cut) -> Iterator[Attendance]:
    for each in found:
        from_ms, through_ms = times.at(each.from_ms), times.at(each.through_ms)
        if through_ms > from_ms or each.from_ms == each.through_ms:
            yield replace(
                each, channel=_channel(each.channel, kept, cut), from_ms=from_ms, through_ms=max(from_ms, through_ms)
            )
