"""The wish: how a recording of a live call is to be made, whoever asks for it, a request or a rule.

What does not live here: whether anything is recorded at all (``policy``), and what becomes of it (``live``).
``write_wish`` and ``read_wish`` turn one into JSON and back; the keys are the fields' names, what is usual is left out.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from callvault.model.media import MediaFormat
from callvault.model.recording import Origin

OWN, FILE_NAME = "callvault", "file_name"
"""Where ``Recording.extras`` hold what a file is called."""


class Track(enum.StrEnum):
    """Whose voices."""

    BOTH = "both"
    INBOUND = "inbound"
    """What the recorded leg's party says: of an inbound call the caller, of an outbound one the callee."""
    OUTBOUND = "outbound"
    """What that party hears."""


class Cue(enum.StrEnum):
    """What a recording waits for."""

    NOW = "now"
    ANSWERED = "answered"
    """The first participant whose stream flows."""
    BRIDGED = "bridged"
    """The second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """Where a finished file is sent."""

    url: str
    method: str = "PUT"
    """``PUT`` or ``POST``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Everything that may be said of a recording before it is made."""

    format: MediaFormat = MediaFormat.WAV
    """What the recording says it is; every other form can be had of it all the same."""
    channels: int | None = None
    """1: one channel with everybody; 2: each side in its own; None: as many as there are sides."""
    track: Track = Track.BOTH
    cue: Cue = Cue.NOW
    most_s: float | None = None
    """The recording ends when it is so long; None: no limit."""
    least_s: float = 0.0
    """What is shorter is not kept."""
    silence_s: float | None = None
    """It ends when nobody has spoken for so long, once somebody has."""
    sample_rate: int | None = None
    """Of the file, in Hz; None: as it came."""
    trim: bool = False
    """Whether silence at its beginning and end is left out."""
    follows_transfer: bool = True
    """Whether it goes on when one of those who speak is replaced."""
    file_name: str | None = None
    """What the file is called where it is pushed or downloaded; never a path."""
    label: str | None = None
    """The name that the user gives it."""
    origin: Origin = Origin.CALL_COMMAND
    push: Push | None = None
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What only a dialect has a word for, by dialect; kept with the recording (``Recording.extras``)."""

    @property
    def as_it_comes(self) -> bool:
        """Whether its audio is just that of the call, as far as it runs."""
        plain = (USUAL.channels, USUAL.track, USUAL.cue, USUAL.silence_s, USUAL.sample_rate, USUAL.trim)
        return (self.channels, self.track, self.cue, self.silence_s, self.sample_rate, self.trim) == plain

    @property
    def kept(self) -> Mapping[str, Mapping[str, Any]]:
        """``extras``, and in our own the file's name, which whoever downloads the recording is told."""
        if self.file_name is None:
            return self.extras
        return {**self.extras, OWN: {**self.extras.get(OWN, {}), FILE_NAME: self.file_name}}


USUAL = Wish()


def write_wish(wish: Wish) -> dict[str, Any]:
    """The JSON document."""
    said = {item.name: getattr(wish, item.name) for item in fields(wish)}
    document = {name: value for name, value in said.items() if value != getattr(USUAL, name)}
    if wish.push is not None:
        document["push"] = {"url": wish.push.url, "method": wish.push.method}
    return document


def read_wish(document: Mapping[str, Any]) -> Wish:
    """Turn ``write_wish`` back.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    values = dict(document)
    readers: dict[str, Callable[[Any], Any]] = {
        "format": MediaFormat,
        "track": Track,
        "cue": Cue,
        "origin": Origin,
        "push": lambda said: Push(**said),
    }
    for name, read in readers.items():
        if name in values:
            values[name] = read(values[name])
    return Wish(**values)
