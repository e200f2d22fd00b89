"""The sounds of keys, and silence round them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from callvault.audio.key_tones import HIGH, KEYS, LOW

ZERO_DBM0 = 22_300.0
"""The amplitude of a tone of 0 dBm0 in G.711's decoded samples: 3.17 dB below the loudest (µ-law)."""
Signal = NDArray[np.float64]


def tones(
    key: str,
    ms: float,
    *,
    level_db: float = -10.0,
    twist_db: float = 0.0,
    off: tuple[float, float] = (0.0, 0.0),
    rate: int = 8000,
    phase: float = 0.0,
) -> Signal:
    """A key: the level is the low tone's, the twist how much louder the high one is, ``off`` parts of a frequency."""
    row = next(number for number, keys in enumerate(KEYS) if key in keys)
    turns = 2 * np.pi * np.arange(round(ms * rate / 1000)) / rate
    low = np.sin(LOW[row] * (1 + off[0]) * turns + phase)
    high = np.sin(HIGH[KEYS[row].index(key)] * (1 + off[1]) * turns + 2 * phase)
    amplitude = ZERO_DBM0 * 10 ** (level_db / 20)
    found: Signal = amplitude * (low + 10 ** (twist_db / 20) * high)
    return found


def between(signal: Signal, before: int = 401, behind: int = 700) -> Signal:
    return np.concatenate((np.zeros(before), signal, np.zeros(behind)))
