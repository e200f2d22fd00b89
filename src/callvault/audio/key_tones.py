"""Key tones (DTMF, ITU-T Q.23): which keys are heard in samples, as far as Q.24 asks it of a receiver.

A key is two tones at once, one of four low and one of four high frequencies.  A frame of samples holds one where two
such tones together are nearly all of its energy, where neither is much louder than the other, and where each is loudest
close to its frequency; a key is heard where three frames in a row hold the same one.
What does not live here: keys that RTP carries as events (``protocols.telephone_events``).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callvault.audio.samples import Samples

LOW: Final = (697.0, 770.0, 852.0, 941.0)
HIGH: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = ("123A", "456B", "789C", "*0#D")
"""By low frequency, then by high frequency."""

FRAME_S: Final = 205 / 8000
"""Bins of 39 Hz: the lowest two frequencies are 73 Hz apart."""
HOP_S: Final = 32 / 8000
IN_A_ROW: Final = 3
"""Frames: 33.6 ms of one key.  Q.24 wants 40 ms to be heard, and some administrations 20 ms not to be."""
LEAST_SHARE: Final = 0.9
"""Of a frame's energy that the two tones are."""
LEAST_AMPLITUDE: Final = 300.0
"""Of each tone: -37 dBm0 as G.711 has it; Q.24 has receivers hear -25 dBm."""
MOST_TWIST: Final = 10 ** (10 / 10)
MOST_REVERSE_TWIST: Final = 10 ** (7 / 10)
"""How much stronger the low tone may be than the high one, and the high one than the low one (Q.24: 8 dB and 4 dB)."""
OFFSETS: Final = (-0.03, -0.0225, -0.015, -0.0075, 0.0, 0.0075, 0.015, 0.0225, 0.03)
"""Frequencies around the nominal ones; what is loudest at the outermost is another tone (Q.24: within 1.5 % it has to
be heard, beyond 3.5 % it must not)."""
MOST_SWING: Final = 10 ** (3 / 10)
"""From frame to frame, of either tone."""
MOST_STEPS: Final = 2
"""Of ``OFFSETS``, from frame to frame."""
_SUSPECT_SHARE = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class HeardKey:
    """One key, for as long as it was heard without a break in one piece of samples."""

    key: str
    begin: int
    end: int
    """First sample and the one behind the last, counted from the first that was ever heard."""


class KeyTones:
    """Listens to one stream, piece by piece."""

    def __init__(self, sample_rate: int) -> None:
        self._bank = _Bank.at(sample_rate)
        self._left: Samples = np.zeros(0, dtype=np.int16)
        self._frames = 0
        """That have been heard."""
        self._last: _Held | None = None
        self._last_number = 0
        self._row = 0
        """How many frames up to the last one that held a key held the same."""

    def hear(self, samples: Samples) -> list[HeardKey]:
        """The keys in more samples: shape (n,).  One that goes on is told anew in each piece."""
        bank = self._bank
        samples = np.concatenate((self._left, samples))
        count = (len(samples) - bank.frame) // bank.hop + 1
        if count <= 0:
            self._left = samples
            return []
        frames = np.lib.stride_tricks.sliding_window_view(samples, bank.frame)[:: bank.hop]
        found = self._told(bank.keys(frames))
        self._left = samples[count * bank.hop :]
        self._frames += count
        return found

    def _told(self, held: Mapping[int, _Held]) -> list[HeardKey]:
        found: list[HeardKey] = []
        bank = self._bank
        for place, now in sorted(held.items()):
            number = self._frames + place
            goes_on = self._last is not None and number == self._last_number + 1 and now.goes_on_from(self._last)
            self._row = self._row + 1 if goes_on else 1
            self._last, self._last_number = now, number
            if self._row < IN_A_ROW:
                continue
            end = number * bank.hop + bank.frame
            begin = end - bank.frame - (IN_A_ROW - 1) * bank.hop
            if found and found[-1].key == now.key and found[-1].end >= begin:
                begin = found.pop().begin
            found.append(HeardKey(key=now.key, begin=begin, end=end))
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    """What one frame holds."""

    key: str
    powers: tuple[float, float]
    places: tuple[int, int]
    """Of the low and the high tone: how strong it is, and which of ``OFFSETS`` it is closest to."""

    def goes_on_from(self, before: _Held) -> bool:
        """Whether it is the same key, as loud and of the same pitch: what voices hold moves."""
        return (
            self.key == before.key
            and all(
                1 / MOST_SWING < now / then < MOST_SWING for now, then in zip(self.powers, before.powers, strict=True)
            )
            and all(abs(now - then) <= MOST_STEPS for now, then in zip(self.places, before.places, strict=True))
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Bank:
    """Goertzel's filters at one sampling rate, as one matrix."""

    frame: int
    hop: int
    least: float
    """The energy of the softest tone."""
    nominal: NDArray[np.float32]
    """A cosine and a sine of each of the eight frequencies: shape (frame, 16)."""
    around: tuple[NDArray[np.float32], ...]
    """For each of the eight, those of its neighbourhood: shape (frame, 2 * offsets)."""

    @classmethod
    @functools.lru_cache(maxsize=8)
    def at(cls, sample_rate: int) -> _Bank:
        frame = round(FRAME_S * sample_rate)
        frequencies = (*LOW, *HIGH)
        return cls(
            frame=frame,
            hop=round(HOP_S * sample_rate),
            least=LEAST_AMPLITUDE**2 * frame / 2,
            nominal=_waves(frequencies, frame, sample_rate),
            around=tuple(
                _waves([each * (1 + offset) for offset in OFFSETS], frame, sample_rate) for each in frequencies
            ),
        )

    def keys(self, frames: Samples) -> dict[int, _Held]:
        """The frames that hold a key, of shape (n, frame), by their number."""
        wide = frames.astype(np.float32)
        energy = np.einsum("ij,ij->i", wide, wide)
        loud = np.flatnonzero(energy > 2 * self.least)
        if not len(loud):
            return {}
        power = _power(wide[loud], self.nominal)
        low, high = power[:, :4].argmax(axis=1), power[:, 4:].argmax(axis=1)
        suspect = power[:, :4].max(axis=1) + power[:, 4:].max(axis=1) > _SUSPECT_SHARE * energy[loud]
        found = {}
        for row, low_tone, high_tone in zip(
            loud[suspect].tolist(), low[suspect].tolist(), high[suspect].tolist(), strict=True
        ):
            held = self._held(wide[row], float(energy[row]), low_tone, high_tone)
            if held is not None:
                found[row] = held
        return found

    def _held(self, frame: NDArray[np.float32], energy: float, low_tone: int, high_tone: int) -> _Held | None:
        lows = _power(frame[None], self.around[low_tone])[0]
        highs = _power(frame[None], self.around[4 + high_tone])[0]
        places = int(lows.argmax()), int(highs.argmax())
        low, high = float(lows[places[0]]), float(highs[places[1]])
        is_key = (
            low + high > LEAST_SHARE * energy
            and min(low, high) > self.least
            and low < MOST_TWIST * high
            and high < MOST_REVERSE_TWIST * low
            and not set(places) & _OUTERMOST
        )
        return _Held(key=KEYS[low_tone][high_tone], powers=(low, high), places=places) if is_key else None


_OUTERMOST = {0, len(OFFSETS) - 1}


def _waves(frequencies: tuple[float, ...] | list[float], frame: int, sample_rate: int) -> NDArray[np.float32]:
    turns = np.outer(np.arange(frame), 2 * np.pi / sample_rate * np.array(frequencies))
    scale = np.sqrt(2 / frame)
    return np.concatenate((np.cos(turns), np.sin(turns)), axis=1).astype(np.float32) * np.float32(scale)


def _power(frames: NDArray[np.float32], waves: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of each frame's energy is each wave: shape (frames, waves)."""
    parts = frames @ waves
    half = waves.shape[1] // 2
    found: NDArray[np.float32] = parts[:, :half] ** 2 + parts[:, half:] ** 2
    return found
