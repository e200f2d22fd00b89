from __future__ import annotations

import numpy as np

from callvault.audio.mix import down_mix
from tests.unit.audio.soundfiles import noise


def test_one_channel_stays_as_it_is() -> None:
    mono = noise(100)
    assert down_mix(mono) is mono


def test_two_channels_become_their_average_rounded_towards_zero() -> None:
    both = np.array([[100, 300], [1, 2], [-1, -2], [-1, 2], [0, -1]], dtype=np.int16)
    assert down_mix(both).tolist() == [[200], [1], [-1], [0], [0]]


def test_the_loudest_samples_do_not_run_over() -> None:
    both = np.array([[32_767, 32_767], [-32_768, -32_768], [32_767, -32_768]], dtype=np.int16)
    assert down_mix(both).tolist() == [[32_767], [-32_768], [0]]


def test_it_does_not_matter_which_channel_is_first() -> None:
    both = noise(10_000, channels=2)
    assert np.array_equal(down_mix(both), down_mix(both[:, ::-1]))
