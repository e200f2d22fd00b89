"""Sounds are what they were made of, at any rate, and always the same from the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import callvault.demo
from callvault.caller.plan import Voice
from callvault.caller.sound import Sound, from_file, keyed, noise, speechlike
from callvault.caller.srtp import Protection, keys
from callvault.caller.stage import mixed
from callvault.caller.styles.scene import Key
from callvault.errors import HouseError

DEMO = Path(callvault.demo.__file__).parent / "audio"


@given(st.integers(0, 50), st.floats(0.01, 1.5))
def test_a_seed_is_a_sound(seed: int, seconds: float) -> None:
    for make in (noise, speechlike):
        one, again, other = make(seed, seconds=seconds), make(seed, seconds=seconds), make(seed + 1, seconds=seconds)
        assert np.array_equal(one.samples, again.samples)
        assert not np.array_equal(one.samples, other.samples)
        assert one.seconds == pytest.approx(seconds, abs=1 / 8_000)


def test_noise_is_nowhere_like_itself() -> None:
    samples = noise(1, seconds=2).samples
    assert samples.tobytes().count(samples[4_000:4_008].tobytes()) == 1


def test_something_like_speech_has_pauses_of_true_silence() -> None:
    samples = speechlike(2, seconds=5).samples.astype(np.int32)
    frames = np.abs(samples[: len(samples) // 160 * 160].reshape(-1, 160)).max(axis=1)
    assert 0.1 < (frames == 0).mean() < 0.8
    assert frames.max() > 8_000


def test_a_file_is_heard_by_its_first_channel() -> None:
    sound = from_file(DEMO / "tea-order.wav")
    assert sound.rate == 8_000
    assert sound.seconds > 1
    assert np.abs(sound.samples.astype(np.int32)).max() > 1_000


def test_the_same_rate_is_the_same_sound_and_another_one_lasts_as_long() -> None:
    sound = speechlike(3, seconds=1)
    assert sound.at_rate(8_000) is sound
    assert sound.at_rate(16_000).seconds == pytest.approx(1)
    cut = sound.lasting(0.5)
    assert np.array_equal(cut.samples, sound.samples[:4_000])
    assert not sound.lasting(2).samples[8_000:].any()


def test_keys_are_heard_as_their_two_tones() -> None:
    sound = keyed(noise(1, seconds=1), "5#", from_s=0.5)
    assert np.array_equal(sound.samples[:4_000], noise(1, seconds=1).samples[:4_000])
    for begin, tones in ((4_000, (770, 1336)), (5_600, (941, 1477))):
        heard = np.abs(np.fft.rfft(sound.samples[begin : begin + 800]))
        loudest = np.argsort(heard)[-2:] * 10
        assert sorted(loudest.tolist()) == pytest.approx(tones, abs=10)
        assert not sound.samples[begin + 800 : begin + 1_600].any()


def test_voices_on_one_line_are_added_and_never_run_over() -> None:
    loud = Sound(samples=np.full(800, 30_000, dtype=np.int16), rate=8_000)
    voice = mixed([Voice(sound=loud), Voice(sound=loud, begins_at_s=0.05)])
    assert voice.sound.samples.tolist() == [30_000] * 400 + [32_767] * 400 + [30_000] * 400


def test_a_key_for_each_suite_has_its_length() -> None:
    made = keys(["AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_80"], bytes)
    assert [(key.tag, len(key.secret)) for key in made] == [(1, 44), (2, 30)]


def test_a_suite_that_nobody_here_can_do_is_said() -> None:
    with pytest.raises(HouseError, match=r"chose F8_128_HMAC_SHA1_80; this client can encrypt with"):
        Protection(Key(tag=9, suite="F8_128_HMAC_SHA1_80", secret=bytes(30)))
