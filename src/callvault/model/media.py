"""What is known of the audio itself: container, codec, length, and the rendition that somebody asks for."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class MediaFormat(enum.StrEnum):
    """The containers that are taken in and given out."""

    WAV = "wav"
    MP3 = "mp3"
    OGG = "ogg"
    FLAC = "flac"


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioFacts:
    """What probing the bytes says, whatever the file's name or its sender claimed."""

    format: MediaFormat
    codec: str
    """``pcm_s16le``, ``pcm_mulaw``, ``pcm_alaw``, ``gsm_ms``, ``mp3``, ``opus``, ``vorbis``, ``flac``, ..."""
    sample_rate: int
    """Samples a second in one channel."""
    channels: int
    """1 or 2."""
    samples: int
    """Samples in one channel."""
    duration_ms: int
    repaired: str | None = None
    """One sentence on what was wrong with the container and is put right on reading; None where nothing was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenditionSpec:
    """The recording's audio in one form.  ``channels`` None: as recorded; 1: down-mixed to one."""

    format: MediaFormat
    channels: int | None = None
