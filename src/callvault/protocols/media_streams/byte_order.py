"""Whether L16 comes with the octets of its samples in the order that is assumed: no vendor says, and it can be heard.

Speech changes little from one sample to the next; with its octets swapped it leaps about like noise.  True noise leaps
either way, so only a clear difference is told.  What does not live here: what is done about it.
"""

from __future__ import annotations

import numpy as np

ENOUGH = 16_000
"""Samples that are not silent."""
CLEARLY = 4.0
"""Times smoother."""
_QUIET = 64


class ByteOrder:
    """Of one stream, in its first seconds."""

    def __init__(self, *, little_endian: bool) -> None:
        """``little_endian``: what is assumed."""
        self._assumed, self._other = ("<i2", ">i2") if little_endian else (">i2", "<i2")
        self._steps = np.zeros(2, dtype=np.float64)
        self._heard = 0
        self.decided = False
        """Whether enough was heard."""
        self.is_wrong = False
        """Whether the other order is clearly the right one."""

    def listen(self, payload: bytes) -> None:
        """A piece has come."""
        count = len(payload) // 2
        if count < 2:
            return
        read = [
            np.frombuffer(payload, dtype=kind, count=count).astype(np.int32) for kind in (self._assumed, self._other)
        ]
        if min(int(np.abs(samples).max()) for samples in read) < _QUIET:
            return
        self._steps += [float(np.abs(np.diff(samples)).sum()) for samples in read]
        self._heard += count
        if self._heard >= ENOUGH:
            self.decided = True
            assumed, other = self._steps.tolist()
            self.is_wrong = assumed > CLEARLY * other
