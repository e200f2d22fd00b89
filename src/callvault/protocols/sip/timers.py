"""Timers on the caller's clock: what is due, and when to come back.

What lives here: RFC 3261's intervals, and a heap of deadlines.  What does not: waiting.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Intervals:
    """RFC 3261 section 17, table 4, in seconds."""

    t1_s: float = 0.5
    """A round trip, as first guessed."""
    t2_s: float = 4.0
    """The longest time between two sendings of one message."""
    t4_s: float = 5.0
    """How long a message may linger in the network."""

    @property
    def patience_s(self) -> float:
        """64 × T1: timers B, F, H, J and L."""
        return 64 * self.t1_s


Key = tuple[str, Any]
"""What kind of timer, and whose; hashable."""


class Timers:
    """One deadline for each key; setting it again moves it."""

    def __init__(self) -> None:
        self._deadlines: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._deadlines)

    def set(self, key: Key, at: float | None) -> None:
        """Due at this moment; None takes the deadline away."""
        if at is None:
            self._deadlines.pop(key, None)
        elif self._deadlines.get(key) != at:
            self._deadlines[key] = at
            self._count += 1  # keys need not be comparable
            heapq.heappush(self._heap, (at, self._count, key))
            self._sweep()

    def next(self) -> float | None:
        """The earliest deadline."""
        while self._heap:
            at, _, key = self._heap[0]
            if self._deadlines.get(key) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def due(self, now: float) -> Iterator[Key]:
        """Every key whose time has come, the earliest first; each has no deadline any more once it is given out."""
        while (at := self.next()) is not None and at <= now:
            key = heapq.heappop(self._heap)[2]
            del self._deadlines[key]
            yield key

    def _sweep(self) -> None:
        """Moved deadlines leave entries behind; they are dropped before they outnumber what is live."""
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._deadlines):
            self._heap = [entry for entry in self._heap if self._deadlines.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)
