"""Audio for recordings of nobody: something like speech, a tone, or silence, the same for the same name.

Speech has what software looks at: syllables, pauses, a pitch that moves, formants, and two voices that take turns
where there are two channels.  It has no words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callvault.audio.probe import probe
from callvault.audio.render import render
from callvault.audio.samples import BLOCK_SAMPLES, Samples
from callvault.audio.wav_header import wav_header
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.server.emulator.seed import MadeAudio, entropy_of

_Wave = npt.NDArray[np.floating[Any]]

_LOUDNESS = 0.3
"""Of full scale: -10 dBFS, about what a telephone call peaks at."""
_FIFTH = 1.5
_TURN_S = 2.5
_SYLLABLES = 4.2
"""A second."""
_HARMONICS = 16
_MOVES_PER_S = 200
"""How often the mouth's shape is worked out; in between it moves evenly."""


def write_audio(audio: MadeAudio, name: str, target: Path) -> None:
    """Make the file.  ``name``: of the recording; another has another voice."""
    plain = target.with_suffix(".plain") if audio.format is not MediaFormat.WAV else target
    samples = max(1, audio.duration_ms * audio.sample_rate // 1000)
    with plain.open("wb") as file:
        file.write(wav_header(sample_rate=audio.sample_rate, channels=audio.channels, samples=samples))
        for block in blocks(audio, name, samples):
            file.write(block.astype("<i2", copy=False).tobytes())
    if plain != target:
        with target.open("wb") as file:
            file.writelines(render(plain, probe(plain), RenditionSpec(format=audio.format)))
        plain.unlink()


def blocks(audio: MadeAudio, name: str, samples: int) -> Iterator[Samples]:
    """The samples, piece by piece."""
    voices = [_Voice(name, channel) for channel in range(audio.channels)]
    for start in range(0, samples, BLOCK_SAMPLES):
        seconds = np.arange(start, min(start + BLOCK_SAMPLES, samples)) / audio.sample_rate
        planes = [_plane(audio, voice, seconds) for voice in voices]
        yield np.ascontiguousarray(np.rint(np.stack(planes, axis=1) * _LOUDNESS * 32_767).astype(np.int16))


def _plane(audio: MadeAudio, voice: _Voice, seconds: _Wave) -> _Wave:
    if audio.kind == "tone":
        pitch = audio.hz * _FIFTH**voice.channel
        wave: _Wave = np.sin(2 * np.pi * pitch * seconds)
        return wave
    if audio.kind == "silence":
        return np.zeros_like(seconds)
    return voice.speak(seconds, audio.channels, audio.sample_rate)


class _Voice:
    """One speaker."""

    def __init__(self, name: str, channel: int) -> None:
        seed = entropy_of("voice", name, str(channel))
        self.channel = channel
        self._pitch = 105 + 40 * seed[0] / 255 + 75 * ((seed[1] + channel) % 2)
        self._turns = [2 * np.pi * octet / 255 for octet in seed[2:6]]
        """Where its slow movements begin."""

    def speak(self, seconds: _Wave, channels: int, sample_rate: int) -> _Wave:
        """From -1 to 1."""
        sway = 2 * np.pi * (0.4 + 0.1 * self._turns[0])
        phase = 2 * np.pi * self._pitch * (seconds + 0.06 * np.sin(sway * seconds + self._turns[1]) / sway)
        turning = np.exp(1j * phase)
        overtone = np.ones_like(turning)
        sound: _Wave = np.zeros_like(seconds)
        slowly = seconds[:: sample_rate // _MOVES_PER_S]
        for harmonic in range(1, _HARMONICS + 1):
            overtone *= turning
            pitch = self._pitch * harmonic
            if pitch * 1.1 < sample_rate / 2:
                sound += np.interp(seconds, slowly, self._strength(pitch, slowly)) * overtone.imag
        spoken: _Wave = np.tanh(0.6 * sound) * self._mouth(seconds, channels)
        return spoken

    def _strength(self, pitch: float, seconds: _Wave) -> _Wave:
        """How strongly a pitch sounds: two formants go up and down."""
        first = 520 + 230 * np.sin(2 * np.pi * 1.9 * seconds + self._turns[2])
        second = 1500 + 600 * np.sin(2 * np.pi * 1.3 * seconds + self._turns[3])
        strength: _Wave = np.exp(-(((pitch - first) / 130) ** 2)) + 0.5 * np.exp(-(((pitch - second) / 220) ** 2))
        return strength + 0.05 * self._pitch / pitch

    def _mouth(self, seconds: _Wave, channels: int) -> _Wave:
        """How far it is open: by syllable, by breath, and by whose turn it is."""
        syllable = np.abs(np.sin(np.pi * _SYLLABLES * seconds + self._turns[0])) ** 0.7
        breath = np.clip(6 * np.sin(np.pi * seconds / _TURN_S) ** 2, 0, 1)
        turn = np.floor(seconds / _TURN_S) % channels == self.channel
        opened: _Wave = syllable * breath * turn
        return opened
