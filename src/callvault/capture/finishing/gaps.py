"""Gaps: where a stream has no audio, and why.

What does not live here: where its audio is (``strokes``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callvault.model.capture import Gap, GapKind

MEANT_SHARE = 0.5
"""How much of a gap has to be on hold for the gap to be the hold's: a client says so before or after it does."""

CLOCKS_MS = 15
"""So long may a gap without a missing packet be and be none: there the difference of two clocks is made good."""


@dataclass(kw_only=True, slots=True)
class Stretch:
    """Where a stream has audio.  Positions are samples, numbers those of the packets."""

    begin: int
    end: int
    first: int
    last: int
    source: int


class Stretches:
    """All of them, put together where they touch."""

    def __init__(self) -> None:
        self._found: list[Stretch] = []

    def add(self, stretch: Stretch) -> None:
        """One more; usually it goes on where the last one ended."""
        last = self._found[-1] if self._found else None
        if last and last.end == stretch.begin and last.source == stretch.source and last.last + 1 == stretch.first:
            last.end, last.last = stretch.end, stretch.last
        else:
            self._found.append(stretch)

    def in_order(self) -> Sequence[Stretch]:
        """By position; late packets may have come to it at any time."""
        joined: list[Stretch] = []
        for each in sorted(self._found, key=lambda stretch: (stretch.begin, stretch.end)):
            last = joined[-1] if joined else None
            if last and each.begin <= last.end and each.source == last.source:
                last.end, last.last = max(last.end, each.end), max(last.last, each.last)
            else:
                joined.append(
                    Stretch(begin=each.begin, end=each.end, first=each.first, last=each.last, source=each.source)
                )
        return joined


def gaps(
    stretches: Sequence[Stretch],
    *,
    samples: int,
    rate: int,
    held: Sequence[tuple[int, int]],
    others: frozenset[int] = frozenset(),
    masked: Sequence[tuple[int, int]] = (),
) -> Iterator[Gap]:
    """The gaps of one stream in a recording of so many samples, from a millisecond on.

    ``held``: spans of milliseconds for which the client said that nothing would come.  ``others``: numbers (16 bits) of
    packets that came and had no audio, such as pressed keys.  ``masked``: spans of milliseconds in which payloads
    were thrown away at somebody's wish.
    """
    for begin, end, kind in _empty(stretches, samples, others):
        from_ms, through_ms = begin * 1000 // rate, end * 1000 // rate
        if through_ms - from_ms > (CLOCKS_MS if kind is GapKind.QUIET else 0):
            yield Gap(from_ms=from_ms, through_ms=through_ms, kind=_kind(from_ms, through_ms, kind, held, masked))


def _empty(stretches: Sequence[Stretch], samples: int, others: frozenset[int]) -> Iterator[tuple[int, int, GapKind]]:
    """Where there is nothing: first and last sample, and why as far as the packets tell."""
    if not stretches:
        yield 0, samples, GapKind.LATE
        return
    yield 0, stretches[0].begin, GapKind.LATE
    for before, after in pairwise(stretches):
        yield before.end, after.begin, GapKind.LOST if _missing(before, after, others) else GapKind.QUIET
    yield stretches[-1].end, samples, GapKind.LATE


def _missing(before: Stretch, after: Stretch, others: frozenset[int]) -> bool:
    if before.source != after.source:
        return False
    absent = range(before.last + 1, after.first)
    return len(absent) > len(others) or any(number & 0xFFFF not in others for number in absent)


def _kind(
    from_ms: int,
    through_ms: int,
    kind: GapKind,
    held: Sequence[tuple[int, int]],
    masked: Sequence[tuple[int, int]],
) -> GapKind:
    def mostly(spans: Sequence[tuple[int, int]]) -> bool:
        covered = sum(max(0, min(through_ms, until) - max(from_ms, since)) for since, until in spans)
        return covered > MEANT_SHARE * (through_ms - from_ms)

    if mostly(masked):
        return GapKind.MASKED
    return GapKind.HELD if kind is not GapKind.LOST and mostly(held) else kind
