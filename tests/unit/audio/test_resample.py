from __future__ import annotations

import numpy as np
import pytest

from callvault.audio.resample import resample, resampled_length
from callvault.audio.samples import Samples
from tests.unit.audio.soundfiles import noise, signal_to_noise_db, tone


def resampled(samples: Samples, from_rate: int, to_rate: int, *, block: int = 10_000) -> Samples:
    blocks = (samples[at : at + block] for at in range(0, len(samples), block))
    pieces = resample(blocks, samples=len(samples), channels=samples.shape[1], from_rate=from_rate, to_rate=to_rate)
    return np.concatenate(list(pieces))


@pytest.mark.parametrize(
    ("from_rate", "to_rate"), [(6_000, 8_000), (96_000, 48_000), (11_025, 12_000), (44_100, 48_000)]
)
@pytest.mark.parametrize("samples", [1, 2, 999, 30_000])
def test_the_length_is_what_was_announced(from_rate: int, to_rate: int, samples: int) -> None:
    length = resampled_length(samples, from_rate=from_rate, to_rate=to_rate)
    assert resampled(noise(samples, channels=2), from_rate, to_rate).shape == (length, 2)
    assert (length - 1) * from_rate < samples * to_rate <= length * from_rate


@pytest.mark.parametrize(("from_rate", "to_rate"), [(6_000, 8_000), (96_000, 48_000), (44_100, 48_000)])
def test_a_tone_stays_the_tone_and_where_it_was(from_rate: int, to_rate: int) -> None:
    copy = resampled(tone(from_rate * 2, rate=from_rate, channels=2), from_rate, to_rate)
    inside = slice(to_rate // 4, to_rate * 7 // 4)
    assert signal_to_noise_db(tone(to_rate * 2, rate=to_rate, channels=2)[inside], copy[inside]) > 60


def test_the_same_again_is_the_same_again() -> None:
    assert np.array_equal(resampled(noise(20_000), 44_100, 48_000), resampled(noise(20_000), 44_100, 48_000))


def test_one_rate_is_left_alone() -> None:
    assert np.array_equal(resampled(noise(20_000), 8_000, 8_000), noise(20_000))
