"""The card: a recording written down as JSON, and how it is read.

One form serves three uses: the metadata that an intake brings, the golden cases' ``core.json``, and what our own API
says.  Keys are the field names of ``Recording``; times are ISO 8601, ids are UUIDs.  Everything is optional when it
is read: what is missing is worked out by the vault (from the audio, the clock, the account) or stays unknown.  How
one is written is ``written_card``'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from uuid import UUID

from callvault.errors import BadRequest
from callvault.model import card_values as values
from callvault.model.media import MediaFormat
from callvault.model.party import NOBODY, Party
from callvault.model.recording import Direction, MediaState, Origin, Source, Status, StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.model.storage import Trouble
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus

DEEPEST = 64
"""Levels of nesting in a card; ``extras`` may have any shape, and JSON writers give up at about 250."""
_UNSOUND = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What somebody says of a recording; None and empty mean that they did not say."""

    id: UUID | None = None
    user_id: UUID | None = None
    call_id: UUID | None = None
    parent_call_id: UUID | None = None
    call_session_id: UUID | None = None
    conference_id: UUID | None = None
    conference_name: str | None = None
    sip_call_id: str | None = None
    connection_id: str | None = None
    application_id: str | None = None
    source: Source | None = None
    origin: Origin | None = None
    direction: Direction | None = None
    status: Status | None = None
    media_state: MediaState | None = None
    caller: Party = NOBODY
    callee: Party = NOBODY
    transfer_caller_id: str | None = None
    transfer_to: str | None = None
    channels: int | None = None
    format: MediaFormat | None = None
    duration_ms: int | None = None
    media: StoredMedia | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    taken_in_at: datetime | None = None
    deleted_at: datetime | None = None
    label: str | None = None
    price: str | None = None
    price_unit: str | None = None
    error: str | None = None
    notes: tuple[str, ...] = ()
    transcription: Transcription | None = None
    foreign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    revision: int | None = None


def read_card(document: object) -> Card:
    """Parse a card.

    Raises:
        BadRequest: it is not an object, a key is unknown, or a value is not of its kind; names the key.
    """
    entries = values.mapping(document, "card")
    _check_sound(entries, "card", 0)
    known: dict[str, Any] = {}
    for name, value in entries.items():
        if name == "account_id":
            continue  # said by whoever takes it in, never by the card
        reader = _READERS.get(name)
        if reader is None:
            raise BadRequest(f"A recording has no field {name!r}; it takes {', '.join(_READERS)}.", field=name)
        if value is not None:
            known[name] = reader(value, name)
    return Card(**known)


def instant(value: object, name: str) -> datetime:
    """Parse an ISO 8601 time; one without a zone is UTC.  The answer is UTC.

    Raises:
        BadRequest: it is something else.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            try:
                return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            except OverflowError:
                pass
    raise BadRequest(f"{name} must be an ISO 8601 time such as 2026-03-01T09:00:02.114Z, not {value!r}.", field=name)


def _check_sound(value: object, name: str, depth: int) -> None:
    """What a database or a JSON writer stumbles over is refused here: NUL, half a surrogate pair, endless nesting, and
    what JSON has no form for, such as a date out of YAML.
    """
    if isinstance(value, str):
        if _UNSOUND.search(value):
            raise BadRequest(f"{name} holds a NUL or half a surrogate pair; a text here has neither.", field=name)
        return
    if not isinstance(value, Mapping | list | tuple):
        if not _is_plain(value):
            raise BadRequest(f"{name} holds {value!r}, which JSON has no form for here.", field=name)
        return
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        inside = str(key) if depth == 0 else name
        if depth == DEEPEST:
            raise BadRequest(f"{name} is nested deeper than the {DEEPEST} levels that are kept.", field=name)
        if isinstance(value, Mapping) and not isinstance(key, str):
            raise BadRequest(f"{inside} has the key {key!r}; keys are texts.", field=inside)
        _check_sound(key, name, depth)
        _check_sound(item, inside, depth + 1)


def _is_plain(value: object) -> bool:
    """Whether it is one of JSON's values without parts, a whole number of at most 64 bits among them."""
    if isinstance(value, int):
        return -(1 << 63) <= value < 1 << 63
    return value is None or (isinstance(value, float) and isfinite(value))


_FORMAT = values.one_of(MediaFormat, [word.value for word in MediaFormat])
_TROUBLE = values.one_of(Trouble, [word.value for word in Trouble])

_PARTY = values.nested(
    Party,
    {
        "number": values.text,
        "name": values.text,
        "kind": values.text,
        "identity": values.text,
        "country": values.text,
        "anonymous": values.truth,
        "contact_id": values.text,
        "contact_key": values.text,
        "contact_value": values.text,
    },
)

_TRANSCRIPTION = values.nested(
    Transcription,
    {
        "id": values.uuid,
        "status": values.one_of(TranscriptionStatus, [word.value for word in TranscriptionStatus]),
        "created_at": instant,
        "updated_at": instant,
        "completed_at": instant,
        "locale": values.text,
        "transcripts": values.list_of(
            values.nested(Transcript, {"text": values.text, "confidence": values.fraction, "speaker": values.count})
        ),
    },
)

_STORED_MEDIA = values.nested(
    StoredMedia,
    {
        "store": values.text,
        "key": values.text,
        "size_bytes": values.count,
        "sha256": values.text,
        "format": _FORMAT,
        "codec": values.text,
        "sample_rate": values.count,
        "samples": values.count,
        "repaired": values.text,
        "url": values.text,
        "trouble": _TROUBLE,
        "sealed": values.nested(
            SealedMedia,
            {
                "key_id": values.uuid,
                "wrapped_key": values.text,
                "forms": values.list_of(
                    values.nested(
                        SealedForm,
                        {
                            "format": _FORMAT,
                            "channels": values.channels,
                            "start": values.count,
                            "size_bytes": values.count,
                            "iv": values.text,
                        },
                    )
                ),
            },
        ),
    },
)

_READERS: dict[str, Callable[[Any, str], Any]] = {
    "id": values.uuid,
    "user_id": values.uuid,
    "call_id": values.uuid,
    "parent_call_id": values.uuid,
    "call_session_id": values.uuid,
    "conference_id": values.uuid,
    "conference_name": values.text,
    "sip_call_id": values.text,
    "connection_id": values.text,
    "application_id": values.text,
    "source": values.one_of(Source, [word.value for word in Source]),
    "origin": values.one_of(Origin, [word.value for word in Origin]),
    "direction": values.one_of(Direction, [word.value for word in Direction]),
    "status": values.one_of(Status, [word.value for word in Status]),
    "media_state": values.one_of(MediaState, [word.value for word in MediaState]),
    "caller": _PARTY,
    "callee": _PARTY,
    "transfer_caller_id": values.text,
    "transfer_to": values.text,
    "channels": values.channels,
    "format": _FORMAT,
    "duration_ms": values.count,
    "media": _STORED_MEDIA,
    "started_at": instant,
    "ended_at": instant,
    "created_at": instant,
    "updated_at": instant,
    "taken_in_at": instant,
    "deleted_at": instant,
    "label": values.text,
    "price": values.decimal,
    "price_unit": values.text,
    "error": values.text,
    "notes": values.texts,
    "transcription": _TRANSCRIPTION,
    "foreign": values.ids,
    "extras": values.extras,
    "revision": values.count,
}
