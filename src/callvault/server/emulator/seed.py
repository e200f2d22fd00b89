"""The cast: who is there when the emulator starts, and what will happen to each recording.  Values only.

What does not live here: the file that says it (``seed_file``), and its becoming true (``stage``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.model.card import Card
from callvault.model.events import EventKind
from callvault.model.ids import new_id
from callvault.model.media import MediaFormat
from callvault.model.recording import Status
from callvault.server.emulator.clock import ClockPlan

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
"""In the ids of accounts and users that have none of their own: the same at every start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioFile:
    """Audio that is there already."""

    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeAudio:
    """Audio that is made: no two recordings' speech is alike, and each recording's is the same at every start."""

    kind: str
    """``speech`` (like it, and no words), ``tone`` or ``silence``."""
    duration_ms: int
    channels: int = 1
    format: MediaFormat = MediaFormat.WAV
    sample_rate: int = 8_000
    hz: float = 440.0
    """Of a tone; the second channel has a fifth above it."""


Audio = AudioFile | MadeAudio


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A status that a recording comes to."""

    after: timedelta
    """After the start of the play; below zero: before it."""
    status: Status


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedRecording:
    """One recording."""

    name: str
    """Within the account; what tests call it by."""
    id: UUID | None = None
    card: Card
    """Without the id, and without the times of ``moments``."""
    moments: Mapping[str, timedelta] = field(default_factory=dict)
    """The card's times that are told by the play's clock: field to offset."""
    audio: Audio
    steps: tuple[Step, ...] = ()
    """None: it is finished, and was there before the start."""
    line: int = 0
    """Where the file says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedUser:
    """One user of an account."""

    id: UUID
    name: str
    password: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedHook:
    """Somebody who is told from the start."""

    dialect: str
    url: str
    failover_url: str | None = None
    method: str | None = None
    events: frozenset[EventKind] | None = None
    username: str | None = None
    password: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedAccount:
    """One account with all that is its own."""

    id: UUID
    serial: int = 0
    """0: the next that is free."""
    name: str
    key: str
    """64 hex characters."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    users: tuple[SeedUser, ...] = ()
    hooks: tuple[SeedHook, ...] = ()
    recordings: tuple[SeedRecording, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """All of it."""

    file: Path
    clock: ClockPlan
    accounts: tuple[SeedAccount, ...]


def entropy_of(*names: str) -> bytes:
    """32 bytes that are the same whenever the names are: what the emulator has instead of chance."""
    return hashlib.sha256("\0".join(("callvault emulator", *names)).encode()).digest()


def id_of(at: datetime, *names: str) -> UUID:
    """An id that is the same whenever time and names are."""
    return new_id(at, entropy_of(*names))
