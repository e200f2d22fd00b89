"""Samples in memory: the one form that the package works in, and how other forms become it.

A block is an ``int16`` array of shape (n, channels), C-contiguous.  What does not live here: where samples come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""A block: (n, channels)."""

BLOCK_SAMPLES = 65_536
"""Samples of one channel in a block: 8 s at 8 kHz, 1.4 s at 48 kHz.  Large enough that the cost of a call into an
encoder vanishes, small enough that nobody notices its memory."""


def from_unsigned_8(raw: bytes) -> Samples:
    """Offset binary: WAV's 8-bit samples have their zero at 128."""
    return (np.frombuffer(raw, dtype=np.uint8).astype(np.int16) - 128) << 8


def from_signed_24(raw: bytes) -> Samples:
    """Little-endian 24-bit samples, rounded to 16 bits."""
    octets = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3)
    wide = np.zeros((len(octets), 4), dtype=np.uint8)
    wide[:, 1:] = octets
    return from_integers(wide.reshape(-1).view("<i4"))


def from_integers(wide: npt.NDArray[np.int32]) -> Samples:
    """Full-scale 32-bit samples, rounded to 16 bits; the loudest stay the loudest."""
    high: npt.NDArray[np.int32] = (wide >> 15) + 1 >> 1
    return np.minimum(high, np.int32(32_767)).astype(np.int16)


def from_floats(values: npt.NDArray[np.floating[Any]]) -> Samples:
    """Samples of nominal range -1 to 1.  What lies outside is clipped, and what is not a number is silence."""
    audible: npt.NDArray[np.floating[Any]] = np.clip(np.nan_to_num(values, nan=0.0), -1.0, 1.0)
    whole: npt.NDArray[np.floating[Any]] = np.minimum(np.rint(audible * 32_768.0), 32_767.0)
    return whole.astype(np.int16)


def exactly(blocks: Iterable[Samples], *, samples: int, channels: int, skip: int = 0) -> Iterator[Samples]:
    """``samples`` samples after the first ``skip``: the rest is cut off, and what is missing is silence.

    A decoder may find a damaged packet, and a resampler may round: the length that was announced holds all the same.
    """
    left = samples
    for block in blocks if left else ():
        if skip >= len(block):
            skip -= len(block)
            continue
        piece = block[skip : skip + left]
        skip = 0
        left -= len(piece)
        yield piece
        if left == 0:
            return
    while left:
        piece = np.zeros((min(left, BLOCK_SAMPLES), channels), dtype=np.int16)
        left -= len(piece)
        yield piece
