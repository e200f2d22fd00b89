"""Another sampling rate, by soxr, with a length that is known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from callvault.audio.samples import Samples, exactly, from_floats

_QUALITY = "HQ"


def resampled_length(samples: int, *, from_rate: int, to_rate: int) -> int:
    """Samples that so many become: rounded up, so that something stays something."""
    return -(-samples * to_rate // from_rate)


def resample(
    blocks: Iterable[Samples], *, samples: int, channels: int, from_rate: int, to_rate: int
) -> Iterator[Samples]:
    """The same audio at ``to_rate``: exactly ``resampled_length`` samples."""
    if from_rate == to_rate:
        return exactly(blocks, samples=samples, channels=channels)
    length = resampled_length(samples, from_rate=from_rate, to_rate=to_rate)
    return exactly(_stream(blocks, channels, from_rate, to_rate), samples=length, channels=channels)


def _stream(blocks: Iterable[Samples], channels: int, from_rate: int, to_rate: int) -> Iterator[Samples]:
    # in floats, since soxr dithers when it writes integers, and equal input shall give equal output
    stream = soxr.ResampleStream(from_rate, to_rate, channels, dtype="float32", quality=_QUALITY)
    for block in blocks:
        yield from_floats(stream.resample_chunk(block.astype(np.float32) / 32_768.0))
    yield from_floats(stream.resample_chunk(np.zeros((0, channels), dtype=np.float32), last=True))
