"""Key tones are heard as Q.24 asks it of a receiver, and nothing else is taken for one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import callvault.demo
from callvault.audio.decode import open_samples
from callvault.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from callvault.audio.key_tones import HIGH, KEYS, LOW, HeardKey, KeyTones
from callvault.audio.probe import probe
from tests.unit.audio.key_sounds import Signal, between, tones

ALL = "".join(KEYS)


def noisy(signal: Signal, snr_db: float | None, seed: int) -> Signal:
    if snr_db is None:
        return signal
    power = float((signal[signal != 0] ** 2).mean()) / 10 ** (snr_db / 10)
    return signal + np.random.default_rng(seed).normal(0, np.sqrt(power), len(signal))


def heard(signal: Signal, *, rate: int = 8000, piece: int = 160, law: str = "ulaw") -> list[HeardKey]:
    """As it comes out of a codec, packet by packet."""
    samples = np.clip(signal, -32_767, 32_767).astype(np.int16)
    if law == "ulaw":
        samples = decode_ulaw(encode_ulaw(samples))
    elif law == "alaw":
        samples = decode_alaw(encode_alaw(samples))
    ear = KeyTones(rate)
    return [key for at in range(0, len(samples), piece) for key in ear.hear(samples[at : at + piece])]


LIMITS = {
    "at -3 dBm0": {"level_db": -3.0},
    "at -25 dBm0": {"level_db": -25.0},
    "the high tone 4 dB louder": {"twist_db": 4.0},
    "the high tone 8 dB softer": {"twist_db": -8.0},
    "both 1.5 % too high": {"off": (0.015, 0.015)},
    "both 1.5 % too low": {"off": (-0.015, -0.015)},
    "1.5 % apart, with twist": {"off": (0.015, -0.015), "twist_db": -8.0},
}


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("law", ["ulaw", "alaw", "linear"])
def test_every_key_of_forty_milliseconds_is_heard_wherever_it_begins(limits: dict[str, float], law: str) -> None:
    for number, key in enumerate(ALL):
        for start in (300, 331, 377):
            signal = between(tones(key, 40, phase=number, **limits), before=start)  # type: ignore[arg-type]
            found = heard(signal, law=law)
            assert {each.key for each in found} == {key}
            assert start - 205 <= found[0].begin <= start + 64
            assert found[-1].end <= start + 320 + 205


@pytest.mark.parametrize("snr_db", [15.0, 12.0])
def test_every_key_is_heard_in_noise(snr_db: float) -> None:
    for number, key in enumerate(ALL):
        signal = between(tones(key, 50, phase=number))
        assert {each.key for each in heard(noisy(signal, snr_db, number))} == {key}


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("piece_ms", [5, 10, 20, 60, 200])
def test_at_every_rate_and_in_pieces_of_every_length(rate: int, piece_ms: int) -> None:
    signal = np.concatenate([between(tones(key, 60, rate=rate), rate // 20, rate // 20) for key in ALL])
    found = heard(signal, rate=rate, piece=piece_ms * rate // 1000, law="linear")
    told = [found[0].key, *(after.key for before, after in pairwise(found) if after != before)]
    assert "".join(dict.fromkeys(told)) == ALL


def test_a_key_that_is_held_is_told_until_it_ends() -> None:
    found = heard(between(tones("5", 1000)))
    assert {each.key for each in found} == {"5"}
    assert found[-1].end >= 401 + 8000 - 32
    assert all(after.begin <= before.end for before, after in pairwise(found))


@pytest.mark.parametrize("off", [(0.035, 0.0), (-0.035, 0.0), (0.0, 0.035), (0.0, -0.035)])
@pytest.mark.parametrize("snr_db", [None, 20.0])
def test_what_is_three_and_a_half_percent_off_is_no_key(off: tuple[float, float], snr_db: float | None) -> None:
    for number, key in enumerate(ALL):
        assert heard(noisy(between(tones(key, 100, off=off, phase=number)), snr_db, number)) == []


@pytest.mark.parametrize("ms", [10, 20, 23])
def test_what_is_too_short_is_no_key(ms: int) -> None:
    for number, key in enumerate(ALL):
        assert heard(between(tones(key, ms, phase=number))) == []


def test_one_tone_alone_is_no_key() -> None:
    turns = 2 * np.pi * np.arange(8000) / 8000
    for frequency in (*LOW, *HIGH, 350.0, 440.0, 1004.0):
        assert heard(8000 * np.sin(frequency * turns)) == []


def test_the_tones_of_exchanges_are_no_keys() -> None:
    """Dial, ringing, busy, and special information tones (ITU-T E.180)."""
    turns = 2 * np.pi * np.arange(16_000) / 8000
    for pair in ((350, 440), (440, 480), (480, 620), (425, 425), (400, 450), (950, 1400), (1400, 1800)):
        assert heard(6000 * (np.sin(pair[0] * turns) + np.sin(pair[1] * turns))) == []


@pytest.mark.parametrize("level", [300, 3000, 9000])
def test_noise_is_no_key(level: int) -> None:
    assert heard(np.random.default_rng(level).normal(0, level, 8000 * 30)) == []


@pytest.mark.parametrize("name", ["appointment", "bicycle-shop", "opening-hours", "tea-order", "voicemail"])
def test_speech_is_no_key_however_fast_it_is_played(name: str) -> None:
    path = Path(callvault.demo.__file__).parent / "audio" / f"{name}.wav"
    facts = probe(path)
    samples = np.concatenate(list(open_samples(path, facts))).astype(np.float64)
    for channel in samples.T:
        for speed in (0.7, 0.85, 1.0, 1.2, 1.4):
            moments = np.arange(int(len(channel) / speed * 8000 / facts.sample_rate)) * speed * facts.sample_rate / 8000
            assert heard(np.interp(moments, np.arange(len(channel)), channel)) == []
