"""What a take becomes: its audio as files, and how each was captured.

What does not live here: how it is made (``finishing``), how it becomes a recording (``vault``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callvault.model.capture import Capture


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedAudio:
    """One sound file, and where it lies in time."""

    path: Path
    """A WAV file: µ-law or A-law as it came where every stream was that, else PCM of 16 bits."""
    streams: tuple[int, ...]
    """The streams that are in it; for two channels, the first is channel 1."""
    channels: int
    began_ns: int
    """When its first sample was spoken: nanoseconds since 1970, UTC."""
    sample_rate: int
    samples: int
    """Of one channel."""
    capture: Capture
    partial: bool
    """Whether something that reached us, or should have, is not in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """All files of a take: one for up to two streams; the mix first, then one for each stream, where there are more."""

    files: tuple[FinishedAudio, ...]
    """None at all where no audio came."""
    capture: Capture
    """Of the whole take: what is said of it where there is no file."""
