"""A file's samples, in blocks.

PCM and G.711 are read straight off the file; all others go through a decoder.  Memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from callvault.audio import g711, libav, mpeg_stream, samples, wav
from callvault.audio.samples import BLOCK_SAMPLES, Samples, exactly
from callvault.audio.wav import WavLayout
from callvault.audio.wav_window import open_window
from callvault.errors import AudioError, NotAudio
from callvault.model.media import AudioFacts, MediaFormat

_DIRECT: dict[str, Callable[[bytes], Samples]] = {
    "pcm_u8": samples.from_unsigned_8,
    "pcm_s16le": lambda raw: np.frombuffer(raw, dtype="<i2").astype(np.int16, copy=False),
    "pcm_s24le": samples.from_signed_24,
    "pcm_s32le": lambda raw: samples.from_integers(np.frombuffer(raw, dtype="<i4")),
    "pcm_f32le": lambda raw: samples.from_floats(np.frombuffer(raw, dtype="<f4")),
    "pcm_f64le": lambda raw: samples.from_floats(np.frombuffer(raw, dtype="<f8")),
    "pcm_mulaw": g711.decode_ulaw,
    "pcm_alaw": g711.decode_alaw,
}
"""Codecs whose samples stand side by side in the file, each for itself."""


def open_samples(path: Path, facts: AudioFacts) -> Iterator[Samples]:
    """The samples: blocks of shape (n, channels), ``facts.samples`` in all.

    ``facts`` is what ``probe`` said of this file.

    Raises:
        AudioError: the file is no longer what was probed, or cannot be decoded after all.
    """
    with path.open("rb") as file:
        if facts.format is MediaFormat.WAV:
            yield from _wav(file, facts)
        elif facts.format is MediaFormat.MP3:
            stream = mpeg_stream.find(file)
            if stream is None:
                raise _changed(facts)
            yield from stream.decode(file, samples=facts.samples)
        else:
            yield from _contained(file, facts)


def _wav(file: BinaryIO, facts: AudioFacts) -> Iterator[Samples]:
    try:
        layout = wav.read_layout(file)
    except NotAudio as cause:
        raise _changed(facts) from cause
    if layout.codec.name != facts.codec or layout.samples < facts.samples:
        raise _changed(facts)
    if facts.codec in _DIRECT:
        return _direct(file, facts, layout)
    return _contained(open_window(file, layout), facts)


def _direct(file: BinaryIO, facts: AudioFacts, layout: WavLayout) -> Iterator[Samples]:
    convert = _DIRECT[facts.codec]
    size = layout.codec.block_bytes
    file.seek(layout.data_offset)
    left = facts.samples
    while left > 0:
        raw = file.read(min(left, BLOCK_SAMPLES) * size)
        if len(raw) < min(left, BLOCK_SAMPLES) * size:
            raise _changed(facts)
        block = convert(raw).reshape(-1, facts.channels)
        left -= len(block)
        yield block


def _contained(file: BinaryIO, facts: AudioFacts) -> Iterator[Samples]:
    error = AudioError(f"The {facts.format.upper()} file could not be decoded.")
    blocks = libav.decode_container(file, facts.format.value, channels=facts.channels, error=error)
    return exactly(blocks, samples=facts.samples, channels=facts.channels)


def _changed(facts: AudioFacts) -> AudioError:
    return AudioError(f"The file no longer holds the {facts.samples:,} samples of {facts.codec} that were found in it.")
