"""Rows to recordings and back: the only place where the columns of a recording are known.

What cannot be filtered or sorted by, and is seldom said, lies in the JSON column ``rest``, which is parsed only where
there is one; so does a transcription in its own row's ``said``.  What does not live here: the forms of single values
(``codes``), accounts, users and keys (``accounts``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from callvault.catalogue import codes
from callvault.catalogue.codes import check_key, milliseconds, moment_of, uuid_of
from callvault.errors import BadRequest
from callvault.model.party import NOBODY, Party
from callvault.model.recording import Recording, StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.model.storage import Trouble
from callvault.model.transcription import Transcript, Transcription

COLUMNS = (
    "id",
    "status",
    "started",
    "created",
    "ended",
    "updated",
    "taken_in",
    "deleted",
    "user_id",
    "call_id",
    "parent_call_id",
    "call_session_id",
    "conference_id",
    "conference_name",
    "sip_call_id",
    "connection_id",
    "application_id",
    "source",
    "origin",
    "direction",
    "media_state",
    "caller_number",
    "caller_name",
    "caller_country",
    "caller_kind",
    "callee_number",
    "callee_name",
    "callee_country",
    "callee_kind",
    "channels",
    "format",
    "duration_ms",
    "media_store",
    "media_key",
    "media_size_bytes",
    "media_sha256",
    "media_format",
    "media_codec",
    "media_sample_rate",
    "media_samples",
    "label",
    "transcribed",
    "revision",
    "rest",
)
"""Of the table ``recordings``, all but ``account``."""

SAID = "CASE WHEN r.transcribed = 1 THEN (SELECT t.said FROM transcriptions AS t WHERE t.recording_id = r.id) END"
"""The transcription in the same row: asked for only where there is one, and from the same moment as the rest."""

SELECTED = ", ".join([*(f"r.{name}" for name in COLUMNS), SAID])
"""What ``recording_of`` reads, of ``recordings AS r``."""

ID, STATUS, STARTED, CREATED = (COLUMNS.index(name) for name in ("id", "status", "started", "created"))

_PARTY_REST = ("identity", "anonymous", "contact_id", "contact_key", "contact_value")
_MEDIA_REST = ("repaired", "url", "trouble")
_RECORDING_REST = ("transfer_caller_id", "transfer_to", "price", "price_unit", "error")


def recording_row(recording: Recording) -> tuple[Any, ...]:
    """The values of ``COLUMNS``.

    Raises:
        BadRequest: a text cannot be kept.
    """
    media, caller, callee = recording.media, recording.caller, recording.callee
    row = (
        recording.id.bytes,
        codes.STATUS[recording.status],
        milliseconds(recording.started_at),
        milliseconds(recording.created_at),
        _maybe_time(recording.ended_at),
        milliseconds(recording.updated_at),
        milliseconds(recording.taken_in_at),
        _maybe_time(recording.deleted_at),
        _maybe_bytes(recording.user_id),
        recording.call_id.bytes,
        _maybe_bytes(recording.parent_call_id),
        recording.call_session_id.bytes,
        _maybe_bytes(recording.conference_id),
        recording.conference_name,
        check_key(recording.sip_call_id, "sip_call_id"),
        check_key(recording.connection_id, "connection_id"),
        recording.application_id,
        codes.SOURCE[recording.source],
        codes.ORIGIN[recording.origin],
        codes.DIRECTION[recording.direction],
        codes.MEDIA_STATE[recording.media_state],
        check_key(caller.number, "caller.number"),
        caller.name,
        caller.country,
        caller.kind,
        check_key(callee.number, "callee.number"),
        callee.name,
        callee.country,
        callee.kind,
        recording.channels,
        codes.FORMAT[recording.format],
        recording.duration_ms,
        *_media_row(media),
        recording.label,
        int(recording.transcription is not None),
        recording.revision,
        _rest_row(recording),
    )
    _check_texts(row)
    return row


def _maybe_time(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def _maybe_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _media_row(media: StoredMedia | None) -> tuple[Any, ...]:
    if media is None:
        return (None,) * 8
    return (
        media.store,
        media.key,
        media.size_bytes,
        media.sha256,
        codes.FORMAT[media.format],
        media.codec,
        media.sample_rate,
        media.samples,
    )


def _rest_row(recording: Recording) -> str | None:
    rest: dict[str, Any] = {}
    for side, party in (("caller", recording.caller), ("callee", recording.callee)):
        said = {name: value for name in _PARTY_REST if (value := getattr(party, name)) is not None}
        if said:
            rest[side] = said
    for name in _RECORDING_REST:
        if (value := getattr(recording, name)) is not None:
            rest[name] = value
    if recording.media is not None:
        said_of_media = ((name, getattr(recording.media, name)) for name in _MEDIA_REST)
        rest |= {name: value for name, value in said_of_media if value is not None}
        if recording.media.sealed is not None:
            rest["sealed"] = _sealed_row(recording.media.sealed)
    if recording.notes:
        rest["notes"] = recording.notes
    if recording.foreign:
        rest["foreign"] = recording.foreign
    if recording.extras:
        rest["extras"] = recording.extras
    return json_text(rest) if rest else None


def _sealed_row(sealed: SealedMedia) -> list[Any]:
    forms = [[codes.FORMAT[made.format], made.channels, made.start, made.size_bytes, made.iv] for made in sealed.forms]
    return [sealed.key_id.hex, sealed.wrapped_key, forms]


def _sealed_of(entry: list[Any]) -> SealedMedia:
    key_id, wrapped_key, forms = entry
    return SealedMedia(
        key_id=UUID(key_id),
        wrapped_key=wrapped_key,
        forms=tuple(
            SealedForm(format=codes.FORMAT_OF[form], channels=channels, start=start, size_bytes=size, iv=iv)
            for form, channels, start, size, iv in forms
        ),
    )


def json_text(value: object) -> str:
    """A value as JSON; any mapping is an object.

    Raises:
        BadRequest: JSON has no words for it.
    """
    try:
        return orjson.dumps(value, default=_plain).decode()
    except orjson.JSONEncodeError as error:
        raise BadRequest(f"This cannot be kept as JSON: {error}.") from error


def _plain(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _check_texts(row: Sequence[object]) -> None:
    text = "".join([value for value in row if isinstance(value, str)])
    if "\0" not in text:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return
    raise BadRequest("A text of the recording holds a NUL or half a surrogate pair, which cannot be kept.")


_RecordingDraft: Any = type("_RecordingDraft", (), {"__slots__": Recording.__slots__})
_PartyDraft: Any = type("_PartyDraft", (), {"__slots__": Party.__slots__})
_MediaDraft: Any = type("_MediaDraft", (), {"__slots__": StoredMedia.__slots__})
"""The same slots without the frost: what is read from a row is written into a draft, and the finished draft becomes
the frozen class.  A frozen class's own ``__init__`` asks ``object.__setattr__`` once a field: 6.2 us for a recording,
against 0.5 us, and a page may have a thousand."""

_NOTHING: Mapping[str, Any] = {}


def recording_of(row: Sequence[Any], account_id: UUID) -> Recording:
    """The recording in a row of ``SELECTED``."""
    draft = _RecordingDraft()
    (
        id_, status, started, created, ended, updated, taken_in, deleted,
        user_id, call_id, parent_call_id, call_session_id, conference_id, draft.conference_name,
        draft.sip_call_id, draft.connection_id, draft.application_id, source, origin, direction, media_state,
        caller_number, caller_name, caller_country, caller_kind,
        callee_number, callee_name, callee_country, callee_kind,
        draft.channels, format_, draft.duration_ms,
        media_store, media_key, media_size_bytes, media_sha256, media_format, media_codec, media_sample_rate,
        media_samples, draft.label, _, draft.revision, rest, said,
    ) = row  # fmt: skip
    more: Mapping[str, Any] = _NOTHING if rest is None else orjson.loads(rest)
    draft.id = uuid_of(id_)
    draft.account_id = account_id
    draft.user_id = None if user_id is None else uuid_of(user_id)
    draft.call_id = uuid_of(call_id)
    draft.parent_call_id = None if parent_call_id is None else uuid_of(parent_call_id)
    draft.call_session_id = uuid_of(call_session_id)
    draft.conference_id = None if conference_id is None else uuid_of(conference_id)
    draft.source = codes.SOURCE_OF[source]
    draft.origin = codes.ORIGIN_OF[origin]
    draft.direction = codes.DIRECTION_OF[direction]
    draft.status = codes.STATUS_OF[status]
    draft.media_state = codes.MEDIA_STATE_OF[media_state]
    draft.caller = _party(caller_number, caller_name, caller_country, caller_kind, more.get("caller"))
    draft.callee = _party(callee_number, callee_name, callee_country, callee_kind, more.get("callee"))
    draft.format = codes.FORMAT_OF[format_]
    draft.media = None
    if media_store is not None:
        draft.media = media = _MediaDraft()
        media.store, media.key, media.size_bytes, media.sha256 = media_store, media_key, media_size_bytes, media_sha256
        media.format, media.codec = codes.FORMAT_OF[media_format], media_codec
        media.sample_rate, media.samples = media_sample_rate, media_samples
        media.repaired = media.url = media.trouble = media.sealed = None
        if rest is not None:
            media.repaired, media.url = more.get("repaired"), more.get("url")
            media.trouble = Trouble(trouble) if (trouble := more.get("trouble")) else None
            media.sealed = _sealed_of(sealed) if (sealed := more.get("sealed")) else None
        media.__class__ = StoredMedia
    draft.started_at = moment_of(started)
    draft.ended_at = None if ended is None else moment_of(ended)
    draft.created_at = moment_of(created)
    draft.updated_at = moment_of(updated)
    draft.taken_in_at = moment_of(taken_in)
    draft.deleted_at = None if deleted is None else moment_of(deleted)
    if rest is None:
        draft.transfer_caller_id = draft.transfer_to = draft.price = draft.price_unit = draft.error = None
        draft.notes, draft.foreign, draft.extras = (), _NOTHING, _NOTHING
    else:
        draft.transfer_caller_id, draft.transfer_to = more.get("transfer_caller_id"), more.get("transfer_to")
        draft.price, draft.price_unit, draft.error = more.get("price"), more.get("price_unit"), more.get("error")
        draft.notes = tuple(more.get("notes", ()))
        draft.foreign, draft.extras = more.get("foreign", _NOTHING), more.get("extras", _NOTHING)
    draft.transcription = None if said is None else transcription_of(said)
    draft.__class__ = Recording
    recording: Recording = draft
    return recording


def _party(
    number: str | None, name: str | None, country: str | None, kind: str | None, more: Mapping[str, Any] | None
) -> Party:
    if more is None and number is None and name is None and country is None and kind is None:
        return NOBODY
    draft = _PartyDraft()
    draft.number, draft.name, draft.country, draft.kind = number, name, country, kind
    if more is None:
        draft.identity = draft.anonymous = draft.contact_id = draft.contact_key = draft.contact_value = None
    else:
        draft.identity, draft.anonymous = more.get("identity"), more.get("anonymous")
        draft.contact_id, draft.contact_key = more.get("contact_id"), more.get("contact_key")
        draft.contact_value = more.get("contact_value")
    draft.__class__ = Party
    party: Party = draft
    return party


def as_stored(recording: Recording) -> Recording:
    """The recording as it will come out again: every time UTC and to the millisecond."""
    changes: dict[str, Any] = {
        name: moment_of(milliseconds(moment))
        for name in ("started_at", "ended_at", "created_at", "updated_at", "taken_in_at", "deleted_at")
        if (moment := getattr(recording, name)) is not None and _too_fine(moment)
    }
    said = recording.transcription
    if said is not None and any(map(_too_fine, (said.created_at, said.updated_at, said.completed_at))):
        changes["transcription"] = transcription_of(said_row(said))
    return replace(recording, **changes) if changes else recording


def _too_fine(moment: datetime | None) -> bool:
    return moment is not None and (moment.tzinfo is not UTC or moment.microsecond % 1000 != 0)


def said_row(said: Transcription) -> str:
    """A transcription as the value of ``said``.

    Raises:
        BadRequest: a text cannot be kept.
    """
    return json_text(
        [
            said.id.hex,
            codes.TRANSCRIPTION_STATUS[said.status],
            milliseconds(said.created_at),
            milliseconds(said.updated_at),
            _maybe_time(said.completed_at),
            said.locale,
            [[part.text, part.confidence, part.speaker] for part in said.transcripts],
        ]
    )


def transcription_of(text: str) -> Transcription:
    """Turn ``said_row`` back."""
    id_, status, created, updated, completed, locale, transcripts = orjson.loads(text)
    return Transcription(
        id=UUID(id_),
        status=codes.TRANSCRIPTION_STATUS_OF[status],
        created_at=moment_of(created),
        updated_at=moment_of(updated),
        completed_at=None if completed is None else moment_of(completed),
        locale=locale,
        transcripts=tuple(
            Transcript(text=text, confidence=confidence, speaker=speaker) for text, confidence, speaker in transcripts
        ),
    )
