"""ITU-T G.711: µ-law and A-law, to and from 16-bit samples, by table.

Sources: ITU-T G.711 (11/88), tables 1 and 2 (decision and quantised values); the treatment of 16-bit input, where
the bits below the codec's resolution are cut off the magnitude, follows the reference software of ITU-T G.191
(negative values are complemented, not negated).  µ-law codes a 14-bit value and A-law a 13-bit one; both stand in the
upper bits of 16.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from callvault.audio.samples import Samples

Codes = npt.NDArray[np.uint8]

_ULAW_BIAS = 33
"""G.711 table 2: moves the segments' borders to powers of two."""


@functools.cache
def ulaw_values() -> Samples:
    """The 256 samples that µ-law codes stand for: shape (256,)."""
    code = ~np.arange(256, dtype=np.uint8)  # the line carries every bit inverted
    segment, step = code >> 4 & 7, (code & 15).astype(np.int32)
    magnitude = ((2 * step + _ULAW_BIAS) << segment) - _ULAW_BIAS
    return _signed(magnitude << 2, negative=code > 127)


@functools.cache
def alaw_values() -> Samples:
    """The 256 samples that A-law codes stand for: shape (256,)."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55  # the line carries every other bit inverted
    segment, step = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = np.where(segment == 0, 2 * step + 1, (2 * step + 33) << np.maximum(segment - 1, 0))
    return _signed(magnitude << 3, negative=code < 128)


@functools.cache
def _ulaw_codes() -> Codes:
    sample, magnitude = _every_sample()
    biased = np.minimum((magnitude >> 2) + _ULAW_BIAS, 0x1FFF)
    segment = _bit_length(biased) - 6
    code = segment << 4 | (biased >> segment + 1) & 15
    signed: npt.NDArray[np.int32] = code | np.where(sample < 0, 0x80, 0).astype(np.int32)
    return (~signed & 0xFF).astype(np.uint8)


@functools.cache
def _alaw_codes() -> Codes:
    sample, magnitude = _every_sample()
    coarse = magnitude >> 4
    segment = np.maximum(_bit_length(coarse) - 4, 0)
    code = segment << 4 | coarse >> np.maximum(segment - 1, 0) & 15
    signed: npt.NDArray[np.int32] = code | np.where(sample < 0, 0, 0x80).astype(np.int32)
    return (signed ^ 0x55).astype(np.uint8)


def decode_ulaw(raw: bytes) -> Samples:
    """µ-law octets as samples, in order: shape (n,)."""
    return ulaw_values()[np.frombuffer(raw, dtype=np.uint8)]


def decode_alaw(raw: bytes) -> Samples:
    """A-law octets as samples, in order: shape (n,)."""
    return alaw_values()[np.frombuffer(raw, dtype=np.uint8)]


def encode_ulaw(samples: Samples) -> bytes:
    """Samples of any shape as µ-law octets, in memory order."""
    return _ulaw_codes()[samples.reshape(-1).view(np.uint16)].tobytes()


def encode_alaw(samples: Samples) -> bytes:
    """Samples of any shape as A-law octets, in memory order."""
    return _alaw_codes()[samples.reshape(-1).view(np.uint16)].tobytes()


def _every_sample() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Each 16-bit value at the index of its bit pattern, and its magnitude as G.191 takes it."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return sample, np.where(sample < 0, ~sample, sample)


def _bit_length(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    return np.frexp(values.astype(np.float64))[1].astype(np.int32)


def _signed(magnitude: npt.NDArray[np.int32], *, negative: npt.NDArray[np.bool_]) -> Samples:
    return np.where(negative, -magnitude, magnitude).astype(np.int16)
