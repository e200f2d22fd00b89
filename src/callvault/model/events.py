"""What happens to a recording that somebody else may want to be told of, read off its state before and after."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from callvault.model.ids import new_id
from callvault.model.life import LIVE
from callvault.model.recording import Recording, Status
from callvault.model.transcription import TranscriptionStatus


class EventKind(enum.StrEnum):
    """The core's words; every dialect says which of them its vendor has a notice for."""

    STARTED = "recording.started"
    PAUSED = "recording.paused"
    RESUMED = "recording.resumed"
    ENDED = "recording.ended"
    """Nothing more is recorded, and the entry stands; whether it can be heard is said by what follows."""
    AVAILABLE = "recording.available"
    """Its audio can be fetched from this moment on."""
    MISPLACED = "recording.misplaced"
    """Its audio is not in the store that the account chose for it, but in the server's own."""
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


_ENTRY_STANDS = frozenset({Status.PROCESSING, Status.AVAILABLE, Status.FAILED})
_SAID = {
    TranscriptionStatus.PROCESSING: None,
    TranscriptionStatus.AVAILABLE: EventKind.TRANSCRIPTION_AVAILABLE,
    TranscriptionStatus.FAILED: EventKind.TRANSCRIPTION_FAILED,
    TranscriptionStatus.TIMED_OUT: EventKind.TRANSCRIPTION_FAILED,
    TranscriptionStatus.TOO_LONG: EventKind.TRANSCRIPTION_FAILED,
    TranscriptionStatus.TOO_SHORT: EventKind.TRANSCRIPTION_FAILED,
}


def events_between(before: Recording | None, after: Recording) -> tuple[Event, ...]:
    """What a change means to others, in the order in which it is told.  ``before`` None: it is new here.

    The ids are computed, so that the same change has the same events however often its writing is tried.
    """
    revision = after.revision if before is None else before.revision + 1
    return tuple(
        Event(
            id=new_id(after.updated_at, hashlib.sha256(f"{after.id}/{revision}/{kind}".encode()).digest()),
            account_id=after.account_id,
            recording_id=after.id,
            kind=kind,
            at=after.updated_at,
        )
        for kind in kinds_between(before, after)
    )


def kinds_between(before: Recording | None, after: Recording) -> Iterator[EventKind]:
    """The kinds of ``events_between``."""
    earlier = None if before is None else before.status
    if earlier is not after.status:
        yield from _moved(earlier, after)
    elif before is not None and (_core(before) != _core(after) or (before.transcription and not after.transcription)):
        yield EventKind.CHANGED
    said = after.transcription
    if after.status is not Status.DELETED and said is not None and (before is None or before.transcription != said):
        kind = _SAID[said.status]
        if kind is not None:
            yield kind


def _moved(earlier: Status | None, after: Recording) -> Iterator[EventKind]:
    status = after.status
    if status is Status.CAPTURING:
        yield EventKind.STARTED if earlier is None else EventKind.RESUMED
    elif status is Status.PAUSED:
        yield EventKind.PAUSED
    elif status is Status.DELETED:
        yield EventKind.DELETED
    if status in _ENTRY_STANDS and (earlier is None or earlier in LIVE):
        yield EventKind.ENDED
    if status is Status.AVAILABLE and after.media is not None and after.media.trouble is not None:
        yield EventKind.MISPLACED
    if status is Status.AVAILABLE:
        yield EventKind.AVAILABLE if after.hearable else EventKind.FAILED
    elif status is Status.FAILED:
        yield EventKind.FAILED


def _core(recording: Recording) -> Recording:
    """The recording without what changes with every change, and without what has events of its own."""
    return replace(recording, revision=0, updated_at=recording.created_at, transcription=None)
