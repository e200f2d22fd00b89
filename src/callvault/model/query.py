"""A question to the catalogue, and a page of its answer.

Bounds are named by what they mean: ``_from`` is >=, ``_before`` is <, ``_through`` is <=.  Vendors differ in them,
and a wrong one loses a recording.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from callvault.model.life import LISTED
from callvault.model.recording import Direction, Recording, Source, Status

Item = TypeVar("Item")


class Axis(enum.StrEnum):
    """The time by which a list is sorted; ties go by id."""

    STARTED = "started"
    CREATED = "created"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time; every bound is optional, and they are combined with and."""

    from_: datetime | None = None
    before: datetime | None = None
    through: datetime | None = None


ALWAYS = Span()


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """A place in a sorted list: the sort time and the id of a recording."""

    at: datetime
    id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingQuery:
    """All conditions hold together; None means no condition.  Texts are matched exactly and case-sensitively."""

    account_id: UUID
    statuses: frozenset[Status] = LISTED
    user_id: UUID | None = None
    call_id: UUID | None = None
    call_session_id: UUID | None = None
    conference_id: UUID | None = None
    connection_id: str | None = None
    sip_call_id: str | None = None
    source: Source | None = None
    direction: Direction | None = None
    from_number: str | None = None
    to_number: str | None = None
    either_number: str | None = None
    """Matches either side."""
    silent: bool | None = None
    """True: nothing was captured, or the audio was erased (``MediaState``); False: neither."""
    deleted_from: datetime | None = None
    """Of those that are deleted, only those that were deleted then or later; of the others, all."""
    started: Span = ALWAYS
    created: Span = ALWAYS
    ended: Span = ALWAYS
    updated: Span = ALWAYS

    axis: Axis = Axis.CREATED
    descending: bool = True
    limit: int = 20
    """At most so many recordings in the answer."""
    after: Position | None = None
    """Begin behind this place (in the direction of the sort), the recording there not included."""
    at: Position | None = None
    """Begin at this place, the recording there included; not together with ``after``."""
    page: int | None = None
    """Begin at this page of ``limit``, counted from 1; not together with ``after`` or ``at``."""
    with_total: bool = False
    """Whether the answer has to say how many match in all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptionQuery:
    """Recordings that have a transcription, sorted by when that was asked for; ties go by the transcription's id.

    Positions are the transcription's: its ``created_at`` and id.
    """

    account_id: UUID
    recording_id: UUID | None = None
    created: Span = ALWAYS
    descending: bool = True
    limit: int = 20
    after: Position | None = None
    at: Position | None = None
    page: int | None = None
    with_total: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice(Generic[Item]):
    """One page."""

    items: tuple[Item, ...]
    more: bool
    """Whether anything follows."""
    next: Position | None = None
    """The place of the first item of the next page, where there is one."""
    total: int | None = None
    query: RecordingQuery | None = field(default=None, repr=False)
    """The question it answers."""


RecordingSlice = Slice[Recording]
