"""Which piece of its track a piece is, where the vendor counts.

Some count each track on its own, some count all pieces of a stream; none says which.  It shows when the second track
begins: with a number that the first one has had already, or with the next one.  Where all are counted together, it
cannot be known which track a missing piece was of, and the missing ones are shared out.
"""

from __future__ import annotations

from dataclasses import dataclass

from callvault.protocols.media_streams.events import Track


@dataclass(kw_only=True, slots=True)
class _Count:
    """Of one track."""

    told: int
    """The last number that was told in order."""
    own: int
    """The same, counted within the track."""
    others: int = 0
    """Pieces of other tracks since then."""


class Counting:
    """Of one stream."""

    def __init__(self) -> None:
        self._counts: dict[Track, _Count] = {}
        self._together = False

    def own(self, track: Track, number: int) -> int:
        """The piece's number within its track."""
        count = self._counts.get(track)
        if count is None:
            last = max((each.told for each in self._counts.values()), default=None)
            self._together = self._together or (last is not None and number > last)
            count = self._counts[track] = _Count(told=number, own=number)
        elif not self._together:
            count.told = count.own = number
        else:
            return self._shared(track, count, number)
        if self._together:
            self._pass(track)
        return count.own

    def _shared(self, track: Track, count: _Count, number: int) -> int:
        tracks = len(self._counts)
        step = number - count.told
        if step <= 0:
            return count.own + (-(-step // tracks) if step else 0)
        missing = max(0, step - 1 - count.others)
        count.told, count.own, count.others = number, count.own + 1 + missing // tracks, 0
        self._pass(track)
        return count.own

    def _pass(self, track: Track) -> None:
        for other, count in self._counts.items():
            if other is not track:
                count.others += 1
