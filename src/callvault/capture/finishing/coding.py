"""How samples lie in a file: as they came, where their codec is one byte a sample (G.711), else 16 bits each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from callvault.audio.g711 import alaw_values, ulaw_values
from callvault.audio.late_header import Coding
from callvault.audio.samples import Samples

Frames = NDArray[Any]
"""Samples as they lie in a file: octets of G.711, 16-bit samples, or sums of these."""
LAWS = {"PCMU": Coding.ULAW, "PCMA": Coding.ALAW}


def coding_of(codec: str) -> Coding:
    """How audio of a codec, by its encoding name, can be kept."""
    return LAWS.get(codec, Coding.PCM)


def linear(frames: Frames, coding: Coding) -> Samples:
    """As 16-bit samples; of the same shape."""
    if coding is Coding.ULAW:
        return ulaw_values()[frames]
    if coding is Coding.ALAW:
        return alaw_values()[frames]
    return frames.astype(np.int16, copy=False)
