"""How evenly a stream's packets come, and the clock that their timestamps count (RFC 3550 section 6.4.1, A.8).

What does not live here: the reports that say so (``reporter``, ``protocols.rtcp``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

STATIC_CLOCK_RATES: Final[Mapping[int, int]] = {
    0: 8000, 3: 8000, 4: 8000, 5: 8000, 6: 16000, 7: 8000, 8: 8000, 9: 8000, 10: 44100, 11: 44100, 12: 8000, 13: 8000,
    15: 8000, 16: 11025, 17: 22050, 18: 8000,
}  # fmt: skip
"""Of payload types that are fixed (RFC 3551 section 6)."""
CLOCK_RATES: Final = (8000, 16000, 32000, 44100, 48000, 90000)
"""Of the others: nobody tells us which, and the packets show it."""


def clock_rate(payload_type: int, timestamps: NDArray[np.int64], arrivals_ns: NDArray[np.int64]) -> int:
    """Of a stream's RTP timestamps, from some of its packets; 0 where they do not show it."""
    if payload_type in STATIC_CLOCK_RATES:
        return STATIC_CLOCK_RATES[payload_type]
    passed_ns = int(arrivals_ns[-1] - arrivals_ns[0])
    ticks = _since(timestamps[-1:], timestamps[:1])[0]
    if passed_ns <= 0 or ticks <= 0:
        return 0
    shown = ticks * 1e9 / passed_ns
    return min(CLOCK_RATES, key=lambda rate: abs(np.log(shown / rate)))


def jitter(timestamps: NDArray[np.int64], arrivals_ns: NDArray[np.int64], rate: int) -> int:
    """How much the packets' spacing differs from that of what they hold, on average, in units of the timestamp."""
    if len(timestamps) < 2 or rate == 0:
        return 0
    came = np.diff(arrivals_ns) * (rate / 1e9)
    return int(np.abs(came - _since(timestamps[1:], timestamps[:-1])).mean())


def _since(later: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.int64]:
    """Differences of 32-bit timestamps, the shorter way round."""
    difference: NDArray[np.int64] = (later - earlier + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
    return difference
