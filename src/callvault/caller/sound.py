"""What is said in a call: a file's audio, or noise and something like speech, made from a seed.

A sound is one channel of 16-bit samples at its own rate.  What does not live here: codecs, packets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.audio.resample import resample

KEYPAD = "123A456B789C*0#D"
_ROWS_HZ, _COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_TONE_LEVEL = 8_000
"""Of each tone: some 9 dB below the loudest for the two together."""

Samples = npt.NDArray[np.int16]
"""Shape (n,)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sound:
    """Samples, and how many of them are a second."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate

    def at_rate(self, rate: int) -> Sound:
        """The same at another rate; at the same one, the very same samples."""
        if rate == self.rate:
            return self
        blocks = [self.samples.reshape(-1, 1)]
        made = resample(blocks, samples=len(self.samples), channels=1, from_rate=self.rate, to_rate=rate)
        return Sound(samples=np.concatenate(list(made)).reshape(-1), rate=rate)

    def lasting(self, seconds: float) -> Sound:
        """Exactly so long: cut, or with silence behind it."""
        wanted = round(seconds * self.rate)
        samples = np.zeros(wanted, dtype=np.int16)
        samples[: len(self.samples)] = self.samples[:wanted]
        return Sound(samples=samples, rate=self.rate)


def keyed(sound: Sound, keys: str, *, from_s: float, every_s: float = 0.2) -> Sound:
    """The same with keys to be heard in it: the two tones of each (ITU-T Q.23), and as long silence after them."""
    samples = sound.samples.copy()
    for number, key in enumerate(keys):
        row, column = divmod(KEYPAD.index(key), len(_COLUMNS_HZ))
        begin, end = (round((from_s + (number + part) * every_s) * sound.rate) for part in (0, 1))
        time = np.arange(round(every_s / 2 * sound.rate)) / sound.rate
        tones = np.sin(2 * np.pi * _ROWS_HZ[row] * time) + np.sin(2 * np.pi * _COLUMNS_HZ[column] * time)
        stretch = np.zeros(end - begin, dtype=np.int16)
        stretch[: len(time)] = (_TONE_LEVEL * tones).astype(np.int16)
        samples[begin:end] = stretch[: max(0, len(samples) - begin)]
    return Sound(samples=samples, rate=sound.rate)


def from_file(path: Path) -> Sound:
    """A file's first channel.

    Raises:
        NotAudio: it is no audio that can be read.
    """
    facts = probe(path)
    blocks = [block[:, 0] for block in open_samples(path, facts)]
    return Sound(samples=np.concatenate(blocks), rate=facts.sample_rate)


def noise(seed: int, *, seconds: float, rate: int = 8_000, level: int = 8_000) -> Sound:
    """White noise: no two stretches of it are alike, so that misplaced samples show."""
    source = np.random.default_rng(seed)
    samples = source.integers(-level, level, round(seconds * rate), dtype=np.int16, endpoint=True)
    return Sound(samples=samples, rate=rate)


def speechlike(seed: int, *, seconds: float, rate: int = 8_000) -> Sound:
    """Syllables of a voiced tone with harmonics, and pauses of true silence between the phrases."""
    source = np.random.default_rng(seed)
    samples = np.zeros(round(seconds * rate), dtype=np.float64)
    at = 0.0
    while at < seconds:
        for _ in range(int(source.integers(3, 8))):
            length = float(source.uniform(0.08, 0.25))
            _add(samples, _syllable(float(source.uniform(90, 240)), length, rate), round(at * rate))
            at += length
        at += float(source.uniform(0.3, 0.8))
    return Sound(samples=np.clip(samples, -32_768, 32_767).astype(np.int16), rate=rate)


def _syllable(pitch_hz: float, seconds: float, rate: int) -> npt.NDArray[np.float64]:
    time = np.arange(round(seconds * rate)) / rate
    harmonics = (np.sin(2 * np.pi * pitch_hz * number * time) / number for number in range(1, 9))
    swell: npt.NDArray[np.float64] = np.sin(np.pi * time / seconds) ** 2
    voiced: npt.NDArray[np.float64] = np.sum(list(harmonics), axis=0)
    return 5_000.0 * swell * voiced


def _add(samples: npt.NDArray[np.float64], piece: npt.NDArray[np.float64], at: int) -> None:
    end = min(at + len(piece), len(samples))
    if end > at:
        samples[at:end] += piece[: end - at]
