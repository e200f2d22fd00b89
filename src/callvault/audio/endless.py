"""Forms of audio whose end is not known while they are sent: WAV with lengths that say so, and MP3 without a tag.

What does not live here: files, whose lengths are known (``render``, ``mp3``), or will be (``late_header``).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from callvault.audio.mp3 import mp3_encoder
from callvault.audio.samples import Samples
from callvault.audio.wav_header import SAMPLE_BYTES
from callvault.model.media import MediaFormat

_UNKNOWN: Final = 0xFFFFFFFF
"""A length that nobody knows: FFmpeg, SoX, VLC and browsers read on to the end of the stream."""


class EndlessForm(Protocol):
    """Turns blocks of samples into bytes, as they come."""

    def begin(self) -> bytes:
        """What stands ahead of the first sample."""
        ...

    def encode(self, block: Samples) -> bytes:
        """A block's bytes; an encoder may owe some."""
        ...

    def finish(self) -> bytes:
        """What is owed."""
        ...


class EndlessWav:
    """16-bit PCM."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._channels = channels

    def begin(self) -> bytes:
        """The header, RIFF's and data's lengths unknown."""
        frame = self._channels * SAMPLE_BYTES
        fmt = struct.pack(
            "<4sIHHIIHH", b"fmt ", 16, 1, self._channels, self._sample_rate, self._sample_rate * frame, frame, 16
        )
        return struct.pack("<4sI4s", b"RIFF", _UNKNOWN, b"WAVE") + fmt + struct.pack("<4sI", b"data", _UNKNOWN)

    def encode(self, block: Samples) -> bytes:
        """As they are."""
        return block.astype("<i2", copy=False).tobytes()

    def finish(self) -> bytes:
        """Nothing."""
        return b""


class EndlessMp3:
    """Constant bit rate, from the first frame on; a player may begin at any frame."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """``sample_rate``: one of MP3's."""
        self._encoder = mp3_encoder(sample_rate, channels)

    def begin(self) -> bytes:
        """Nothing: each frame has its header."""
        return b""

    def encode(self, block: Samples) -> bytes:
        """The frames that are full."""
        return bytes(self._encoder.encode(np.ascontiguousarray(block)))

    def finish(self) -> bytes:
        """The last frames."""
        return bytes(self._encoder.flush())


_FORMS: Mapping[MediaFormat, type[EndlessWav | EndlessMp3]] = {MediaFormat.WAV: EndlessWav, MediaFormat.MP3: EndlessMp3}


def endless(form: MediaFormat, sample_rate: int, channels: int) -> EndlessForm:
    """What makes such bytes.  ``form``: WAV or MP3; ``sample_rate``: one of MP3's."""
    return _FORMS[form](sample_rate, channels)
