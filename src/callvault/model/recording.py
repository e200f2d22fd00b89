"""The recording: the catalogue's entry for one stretch of audio, with the words for its state.

What does not live here: the audio (``media``), which moves between states are allowed (``life``), how a recording is
written down as JSON (``card``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.model.media import MediaFormat
from callvault.model.party import NOBODY, Party
from callvault.model.sealed import SealedMedia
from callvault.model.storage import Trouble
from callvault.model.transcription import Transcription


class Status(enum.StrEnum):
    """Where a recording is in its life.  ``life.MOVES`` says what may follow what."""

    CAPTURING = "capturing"
    PAUSED = "paused"
    PROCESSING = "processing"
    AVAILABLE = "available"
    """The original is durable; renditions are made when they are asked for."""
    FAILED = "failed"
    DELETED = "deleted"


class MediaState(enum.StrEnum):
    """What there is to hear."""

    AWAITED = "awaited"
    WHOLE = "whole"
    PARTIAL = "partial"
    """It can be played, and pieces are missing."""
    ABSENT = "absent"
    """Nothing was captured."""
    DELETED = "deleted"
    """It was here; the entry outlives it."""


HEARABLE = frozenset({MediaState.WHOLE, MediaState.PARTIAL})


class Direction(enum.StrEnum):
    """Which way the recorded leg went, seen from the account."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Source(enum.StrEnum):
    """What was recorded."""

    CALL = "call"
    CONFERENCE = "conference"


class Origin(enum.StrEnum):
    """What started the recording."""

    DIAL = "dial"
    """A call flow that connected two parties and recorded them."""
    RECORD_VERB = "record-verb"
    """A call flow that recorded one party, as voicemail does."""
    CALL_CREATION = "call-creation"
    """The request that placed the call asked for it."""
    CALL_COMMAND = "call-command"
    """A request during the call."""
    CONFERENCE = "conference"
    """The conference records itself."""
    CONFERENCE_COMMAND = "conference-command"
    """A request during the conference."""
    TRUNK = "trunk"
    """A PBX, SBC or trunk that records by its own rule; what uploads are unless they say otherwise."""


CONFERENCE_ORIGINS = frozenset({Origin.CONFERENCE, Origin.CONFERENCE_COMMAND})
"""What they started is a recording of the conference; all else in one is a recording of a call that is in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMedia:
    """The original bytes: where they are, and what they are."""

    store: str
    """The store's name, as the settings name it; ``main`` for the server's own."""
    key: str
    """The object's key in that store."""
    size_bytes: int
    sha256: str
    """Lower-case hex of the bytes as they arrived."""
    format: MediaFormat
    codec: str
    sample_rate: int
    samples: int
    """Samples in one channel."""
    repaired: str | None = None
    """What was wrong with the container, where something was: then the bytes themselves are no sound file."""
    url: str | None = None
    """Where they lie in a store of the account's own, for whoever has keys to it; never signed."""
    trouble: Trouble | None = None
    """Why they are not in the store that the account chose for them, where they are not."""
    sealed: SealedMedia | None = None
    """How they were encrypted with the account's own key; then nothing else is kept, and size and hash are of that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One entry of the catalogue.  Times are aware and UTC, with milliseconds."""

    id: UUID
    account_id: UUID
    user_id: UUID | None = None
    """The user within the account who owns it."""

    call_id: UUID
    """The recorded leg."""
    parent_call_id: UUID | None = None
    """The leg that caused this one by a transfer."""
    call_session_id: UUID
    """All legs of one conversation share it."""
    conference_id: UUID | None = None
    conference_name: str | None = None
    sip_call_id: str | None = None
    """The Call-ID header of the recorded leg (RFC 3261 section 20.8)."""
    connection_id: str | None = None
    """The trunk, channel or connection that carried the call, as the source names it."""
    application_id: str | None = None

    source: Source = Source.CALL
    origin: Origin = Origin.TRUNK
    direction: Direction = Direction.INBOUND
    status: Status
    media_state: MediaState

    caller: Party = NOBODY
    callee: Party = NOBODY
    transfer_caller_id: str | None = None
    transfer_to: str | None = None

    channels: int
    """1 or 2."""
    format: MediaFormat
    """What the recording was made as: what a vendor's ``format`` field says."""
    duration_ms: int
    """Of the audio; never end minus start, since pauses are not in it."""
    media: StoredMedia | None = None

    started_at: datetime
    ended_at: datetime | None = None
    created_at: datetime
    """When the entry came to be in the system that recorded it; for what is recorded here, when it ended."""
    updated_at: datetime
    taken_in_at: datetime
    """When this archive took it in."""
    deleted_at: datetime | None = None

    label: str | None = None
    """The name that the user gave it."""
    price: str | None = None
    """A decimal, negative for a cost, as the vendor charged it."""
    price_unit: str | None = None
    """ISO 4217."""
    error: str | None = None
    notes: tuple[str, ...] = ()
    """What is worth telling about its intake, a sentence each."""
    transcription: Transcription | None = None

    foreign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Ids that a vendor gave: dialect to kind (``recording``, ``call``, ...) to id.  It keeps answering to them."""
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the core has no word for, by dialect, kept so that import then export loses nothing."""
    revision: int = 1
    """Counts the changes."""

    @property
    def hearable(self) -> bool:
        """Whether there is audio that can be fetched."""
        return self.status is Status.AVAILABLE and self.media_state in HEARABLE

    def foreign_id(self, dialect: str, kind: str) -> str | None:
        """The id that this dialect's vendor gave to the recording, its call, ... or None."""
        if not self.foreign:
            return None
        ids = self.foreign.get(dialect)
        return ids.get(kind) if ids else None
