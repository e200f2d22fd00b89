"""A track: one stream's audio at one sampling rate, painted on ahead of where it is heard, and silent elsewhere.

Positions are samples of this rate from the beginning of listening.  What does not live here: which channel it is heard
in (``live_sound``).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from callvault.audio.resample import resample
from callvault.audio.samples import Samples

MOST_AHEAD_S: Final = 10
"""What lies further ahead of what is heard is no audio of a call that is live, but somebody's odd timestamp."""
AROUND: Final = 25
"""The part of a second that is resampled with a block on both sides of it, so that blocks fit together."""


class Track:
    """Holds the samples around the position that is heard."""

    def __init__(self, rate: int, heard: int) -> None:
        """``heard``: the first position that can still be heard."""
        self.rate = rate
        self.end = heard
        """Behind the last sample that was painted."""
        self._heard = heard
        self._start = heard
        self._window: Samples = np.zeros(0, dtype=np.int16)

    def paint(self, at: int, samples: Samples) -> None:
        """Put samples where they belong; what was heard already, or lies too far ahead, is left out."""
        if at < self._heard:
            samples, at = samples[self._heard - at :], self._heard
        samples = samples[: max(0, self._heard + MOST_AHEAD_S * self.rate - at)]
        if not len(samples):
            return
        self.end = max(self.end, at + len(samples))
        missing = at + len(samples) - self._start - len(self._window)
        if missing > 0:
            self._window = np.concatenate((self._window, np.zeros(max(missing, self.rate), dtype=np.int16)))
        self._window[at - self._start : at - self._start + len(samples)] = samples

    def take(self, begin: int, end: int, wanted: int) -> Samples:
        """The samples from ``begin`` to ``end``, at the rate that is wanted; they have been heard then."""
        around = self.rate // AROUND if wanted != self.rate else 0
        block = self._between(begin - around, end + around)
        self.skip(end)
        if not around:
            return block
        skip, length = wanted // AROUND, end * wanted // self.rate - begin * wanted // self.rate
        blocks = resample([block.reshape(-1, 1)], samples=len(block), channels=1, from_rate=self.rate, to_rate=wanted)
        return np.concatenate(list(blocks))[skip : skip + length, 0]

    def skip(self, end: int) -> None:
        """What lies before ``end`` has been heard, or will never be."""
        self._heard = end
        keep_from = end - self.rate // AROUND
        if keep_from - self._start > self.rate:
            self._window = self._window[keep_from - self._start :].copy()
            self._start = keep_from

    def _between(self, begin: int, end: int) -> Samples:
        block = np.zeros(end - begin, dtype=np.int16)
        first, behind = max(begin, self._start), min(end, self._start + len(self._window))
        if first < behind:
            block[first - begin : behind - begin] = self._window[first - self._start : behind - self._start]
        return block
