"""What can be asked of an emulator beside what can be asked of a vault, as values.

The vault's own list of commands is closed; these never reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from callvault.model.actor import Account
from callvault.model.recording import Recording
from callvault.server.emulator.faults import Fault
from callvault.server.emulator.roles import Role
from callvault.server.emulator.seed import Seed
from callvault.server.emulator.stage import Cue


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How things stand.  Answer: ``Scene``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Advance:
    """Put the clock on.  Answer: ``Scene``, as soon as everything is done that was due on the way."""

    by: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Reset:
    """Begin anew.  Answer: ``Scene``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plant:
    """Let things go wrong.  Answer: ``Scene``."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clear:
    """Let nothing go wrong any more.  Answer: ``Scene``."""


Errand = Look | Advance | Reset | Plant | Clear


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One recording as it is now."""

    role: Role
    entry: Recording | None
    """None: it has not begun, or was never kept."""
    next: Cue | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The emulator as it is now."""

    seed: Seed
    plays: int
    """Counts the resets, from 1."""
    started_at: datetime
    now: datetime
    accounts: Mapping[str, Account]
    parts: tuple[Part, ...]
    faults: tuple[tuple[Fault, int | None], ...]
    """Each with the times that are left."""
