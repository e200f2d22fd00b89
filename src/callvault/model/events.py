"""What happens to a recording that somebody else may want to be told of."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class EventKind(enum.StrEnum):
    """The core's words; every dialect says which of them its vendor has a notice for."""

    STARTED = "recording.started"
    PAUSED = "recording.paused"
    RESUMED = "recording.resumed"
    AVAILABLE = "recording.available"
    """Its audio can be fetched from this moment on."""
    FAILED = "recording.failed"
    """Nothing of it can be heard, and ``Recording.error`` says why."""
    CHANGED = "recording.changed"
    DELETED = "recording.deleted"
    TRANSCRIPTION_AVAILABLE = "transcription.available"
    TRANSCRIPTION_FAILED = "transcription.failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happened, as the catalogue keeps it beside the change that it tells of."""

    id: UUID
    """The same in every attempt to tell of it."""
    account_id: UUID
    recording_id: UUID
    kind: EventKind
    at: datetime
