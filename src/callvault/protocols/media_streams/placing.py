"""Where the pieces of one track belong: a number and a moment for each, on the clock of its audio.

Pieces that follow one another by their numbers follow one another by the sample, as they do in the call; the vendor's
own clock counts in whole milliseconds and is only asked where it says something else altogether, because the stream
stood still for a while.  What does not live here: packets.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

PAUSE_MS = 60
"""What the vendor's clock may differ from the count before it is believed."""
RESTART = 3000
"""A step in numbers that is a new beginning, and no loss."""
_MOST_RUNS = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """From this number on pieces follow one another."""

    number: int
    ticks: int


class Placing:
    """Of one track."""

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._runs: list[_Run] = []
        self._number = 0
        self._ticks = 0
        self._size = 0
        self._timestamp_ms: int | None = None

    @property
    def due(self) -> int:
        """The tick at which the next piece begins, if none is lost."""
        return self._ticks + self._size

    def starts_anew(self, number: int | None) -> bool:
        """Whether a number can only be that of another count."""
        return number is not None and bool(self._runs) and abs(number - self._number) > RESTART

    def place(self, *, number: int | None, timestamp_ms: int | None, size: int) -> tuple[int, int]:
        """The next piece's number, by which neighbours differ by one, and the tick of its first sample.

        ``size``: ticks that it lasts.
        """
        if not self._runs:
            return self._run(number if number is not None else 0, 0, timestamp_ms, size)
        step = 1 if number is None else number - self._number
        if step <= 0:
            return self._number + step, self._earlier(self._number + step)
        counted = self.due + (step - 1) * self._size
        timed = self._timed(timestamp_ms)
        if timed is not None and abs(timed - counted) > PAUSE_MS * self._clock_rate // 1000 and timed > self.due:
            return self._run(self._number + step, timed, timestamp_ms, size)
        if size != self._size:
            return self._run(self._number + step, counted, timestamp_ms, size)
        return self._keep(self._number + step, counted, timestamp_ms, size)

    def _timed(self, timestamp_ms: int | None) -> int | None:
        if timestamp_ms is None or self._timestamp_ms is None:
            return None
        return self._ticks + (timestamp_ms - self._timestamp_ms) * self._clock_rate // 1000

    def _earlier(self, number: int) -> int:
        """Where a piece belongs that was overtaken."""
        at = bisect_right(self._runs, number, key=lambda run: run.number) - 1
        run = self._runs[max(0, at)]
        return run.ticks + (number - run.number) * self._size

    def _run(self, number: int, ticks: int, timestamp_ms: int | None, size: int) -> tuple[int, int]:
        self._runs = [*self._runs[1 - _MOST_RUNS :], _Run(number=number, ticks=ticks)]
        return self._keep(number, ticks, timestamp_ms, size)

    def _keep(self, number: int, ticks: int, timestamp_ms: int | None, size: int) -> tuple[int, int]:
        self._number, self._ticks, self._size, self._timestamp_ms = number, ticks, size, timestamp_ms
        return number, ticks
