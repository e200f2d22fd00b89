"""Renditions: a recording's audio in another form, whose size is known before it exists where the form allows it.

WAV (16-bit PCM) and MP3 (constant bit rate) have their size from the number of samples alone, so that lengths, ranges
and ETags can be answered before a single byte is made.  Opus and FLAC have none until they are made.
Equal facts, equal bytes and one version of the encoders make an equal rendition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callvault.audio.decode import open_samples
from callvault.audio.mix import down_mix
from callvault.audio.mp3 import encode_mp3, mp3_rate, mp3_size
from callvault.audio.mux import encode_flac, encode_opus, opus_rate
from callvault.audio.resample import resample, resampled_length
from callvault.audio.samples import Samples
from callvault.audio.wav_header import wav_header, wav_size
from callvault.errors import BadRequest
from callvault.model.media import AudioFacts, MediaFormat, RenditionSpec

_HIGHEST_RATE = 48_000
"""Hz, in WAV and FLAC.  More than that is a studio's matter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    """What the rendition's samples look like."""

    sample_rate: int
    channels: int
    samples: int


def is_identity(facts: AudioFacts, spec: RenditionSpec) -> bool:
    """Whether the bytes that arrived are that rendition already, so that nothing need be made.

    A WAV file is, where it is 16-bit PCM with a sound header; every other format is, whoever encoded it, since
    coding it once more could only harm it.
    """
    if facts.format is not spec.format or _channels(facts, spec) != facts.channels or facts.repaired is not None:
        return False
    if facts.format is MediaFormat.WAV:
        return facts.codec == "pcm_s16le" and facts.sample_rate <= _HIGHEST_RATE
    return True


def rendition_size(facts: AudioFacts, spec: RenditionSpec) -> int | None:
    """Octets that ``render`` will give, exactly; None for Opus and FLAC, which nobody knows before they are made.

    It is the size of what ``render`` makes, also where ``is_identity`` says that nothing need be made.
    """
    shape = _shape(facts, spec)
    if spec.format is MediaFormat.WAV:
        return wav_size(channels=shape.channels, samples=shape.samples)
    if spec.format is MediaFormat.MP3:
        return mp3_size(samples=shape.samples, sample_rate=shape.sample_rate, channels=shape.channels)
    return None


def render(path: Path, facts: AudioFacts, spec: RenditionSpec) -> Iterator[bytes]:
    """The rendition, piece by piece.

    Raises:
        AudioError: while it is being made: the file is not what was probed.
    """
    shape = _shape(facts, spec)
    blocks = resample(
        _mixed(path, facts, shape),
        samples=facts.samples,
        channels=shape.channels,
        from_rate=facts.sample_rate,
        to_rate=shape.sample_rate,
    )
    return _encoded(blocks, shape, spec.format)


def _encoded(blocks: Iterator[Samples], shape: _Shape, media_format: MediaFormat) -> Iterator[bytes]:
    if media_format is MediaFormat.MP3:
        return encode_mp3(blocks, samples=shape.samples, sample_rate=shape.sample_rate, channels=shape.channels)
    if media_format is MediaFormat.OGG:
        return encode_opus(blocks, sample_rate=shape.sample_rate, channels=shape.channels)
    if media_format is MediaFormat.FLAC:
        return encode_flac(blocks, samples=shape.samples, sample_rate=shape.sample_rate, channels=shape.channels)
    return _wav(blocks, shape)


def _shape(facts: AudioFacts, spec: RenditionSpec) -> _Shape:
    rate = _rate(facts.sample_rate, spec.format)
    samples = resampled_length(facts.samples, from_rate=facts.sample_rate, to_rate=rate)
    return _Shape(sample_rate=rate, channels=_channels(facts, spec), samples=samples)


def _channels(facts: AudioFacts, spec: RenditionSpec) -> int:
    if spec.channels not in {None, 1, facts.channels}:
        raise BadRequest(f"A recording of {facts.channels} channel has no rendition of {spec.channels}.")
    return facts.channels if spec.channels is None else spec.channels


def _rate(sample_rate: int, media_format: MediaFormat) -> int:
    if media_format is MediaFormat.MP3:
        return mp3_rate(sample_rate)
    if media_format is MediaFormat.OGG:
        return opus_rate(sample_rate)
    if sample_rate <= _HIGHEST_RATE:
        return sample_rate
    return 44_100 if sample_rate % 44_100 == 0 else _HIGHEST_RATE


def _mixed(path: Path, facts: AudioFacts, shape: _Shape) -> Iterator[Samples]:
    blocks = open_samples(path, facts)
    return blocks if shape.channels == facts.channels else map(down_mix, blocks)


def _wav(blocks: Iterable[Samples], shape: _Shape) -> Iterator[bytes]:
    yield wav_header(sample_rate=shape.sample_rate, channels=shape.channels, samples=shape.samples)
    for block in blocks:
        yield block.astype("<i2", copy=False).tobytes()
