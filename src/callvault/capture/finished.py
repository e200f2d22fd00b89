"""What a take becomes: its audio as files, and how each was captured.

What does not live here: how it is made (``finishing``), how it becomes a recording (``vault``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from callvault.model.capture import Capture
from callvault.model.wish import Wish


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
    recording: UUID | None = None
    """The recording that it becomes; None: one of those that every take becomes unless somebody says otherwise."""
    wish: Wish | None = None
    """How it was asked for, where it was."""
    ended_ns: int | None = None
    """When the recording ended, where pauses were cut out of it; else its length says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """A recording that was asked for, and of which nothing is kept."""

    recording: UUID | None
    """None: the take's own."""
    wish: Wish | None
    at_ns: int
    """When it was asked for, or began."""
    capture: Capture
    sentence: str | None
    """Why; None: no audio came at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """What a take becomes: one file for up to two streams, or the mix first and then one for each stream.

    Where recordings were asked for one by one there is a file for each of them.
    """

    files: tuple[FinishedAudio, ...]
    missed: tuple[Missed, ...] = ()
    """Neither these nor files: nobody wanted anything of the take."""
