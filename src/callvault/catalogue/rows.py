"""Rows to model and back: the only place where a column's form is known.

Ids are 16 raw bytes, times whole Unix milliseconds (rounded down), words small numbers that never change their
meaning.  What cannot be filtered or sorted by, and is seldom said, lies in the JSON column ``rest``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from callvault.model.actor import Account, Key, Scope, User
from callvault.model.media import MediaFormat
from callvault.model.party import NOBODY, Party
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status, StoredMedia
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus

STATUS = {
    Status.CAPTURING: 1,
    Status.PAUSED: 2,
    Status.PROCESSING: 3,
    Status.AVAILABLE: 4,
    Status.FAILED: 5,
    Status.DELETED: 6,
}
MEDIA_STATE = {
    MediaState.AWAITED: 1,
    MediaState.WHOLE: 2,
    MediaState.PARTIAL: 3,
    MediaState.ABSENT: 4,
    MediaState.DELETED: 5,
}
DIRECTION = {Direction.INBOUND: 1, Direction.OUTBOUND: 2}
SOURCE = {Source.CALL: 1, Source.CONFERENCE: 2}
ORIGIN = {
    Origin.DIAL: 1,
    Origin.RECORD_VERB: 2,
    Origin.CALL_CREATION: 3,
    Origin.CALL_COMMAND: 4,
    Origin.CONFERENCE: 5,
    Origin.CONFERENCE_COMMAND: 6,
    Origin.TRUNK: 7,
}
FORMAT = {MediaFormat.WAV: 1, MediaFormat.MP3: 2, MediaFormat.OGG: 3, MediaFormat.FLAC: 4}
TRANSCRIPTION_STATUS = {
    TranscriptionStatus.PROCESSING: 1,
    TranscriptionStatus.AVAILABLE: 2,
    TranscriptionStatus.FAILED: 3,
    TranscriptionStatus.TIMED_OUT: 4,
    TranscriptionStatus.TOO_LONG: 5,
    TranscriptionStatus.TOO_SHORT: 6,
}

_STATUS = {code: word for word, code in STATUS.items()}
_MEDIA_STATE = {code: word for word, code in MEDIA_STATE.items()}
_DIRECTION = {code: word for word, code in DIRECTION.items()}
_SOURCE = {code: word for word, code in SOURCE.items()}
_ORIGIN = {code: word for word, code in ORIGIN.items()}
_FORMAT = {code: word for word, code in FORMAT.items()}
_TRANSCRIPTION_STATUS = {code: word for word, code in TRANSCRIPTION_STATUS.items()}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

RECORDING_COLUMNS = (
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

_PARTY_REST = ("identity", "anonymous", "contact_id", "contact_key", "contact_value")
_RECORDING_REST = ("transfer_caller_id", "transfer_to", "price", "price_unit", "error")


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def milliseconds_up(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded up."""
    return -((_EPOCH - moment) // _MILLISECOND)


def moment_of(value: int) -> datetime:
    """The time that so many milliseconds since 1970 are."""
    return _EPOCH + timedelta(milliseconds=value)


def to_the_millisecond(moment: datetime) -> datetime:
    """The time as it will come out again: UTC, rounded down."""
    return moment_of(milliseconds(moment))


def _maybe_time(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def _maybe_moment(value: int | None) -> datetime | None:
    return None if value is None else moment_of(value)


def _maybe_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _maybe_uuid(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=bytes(value))


def recording_row(recording: Recording) -> tuple[Any, ...]:
    """The values of ``RECORDING_COLUMNS``."""
    media, caller, callee = recording.media, recording.caller, recording.callee
    return (
        recording.id.bytes,
        STATUS[recording.status],
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
        recording.sip_call_id,
        recording.connection_id,
        recording.application_id,
        SOURCE[recording.source],
        ORIGIN[recording.origin],
        DIRECTION[recording.direction],
        MEDIA_STATE[recording.media_state],
        caller.number,
        caller.name,
        caller.country,
        caller.kind,
        callee.number,
        callee.name,
        callee.country,
        callee.kind,
        recording.channels,
        FORMAT[recording.format],
        recording.duration_ms,
        *_media_row(media),
        recording.label,
        int(recording.transcription is not None),
        recording.revision,
        _rest_row(recording),
    )


def _media_row(media: StoredMedia | None) -> tuple[Any, ...]:
    if media is None:
        return (None,) * 8
    return (
        media.store,
        media.key,
        media.size_bytes,
        media.sha256,
        FORMAT[media.format],
        media.codec,
        media.sample_rate,
        media.samples,
    )


def _rest_row(recording: Recording) -> str | None:
    rest: dict[str, Any] = {}
    for side, party in (("caller", recording.caller), ("callee", recording.callee)):
        said = {name: getattr(party, name) for name in _PARTY_REST if getattr(party, name) is not None}
        if said:
            rest[side] = said
    for name in _RECORDING_REST:
        if (value := getattr(recording, name)) is not None:
            rest[name] = value
    if recording.notes:
        rest["notes"] = recording.notes
    if recording.foreign:
        rest["foreign"] = {dialect: dict(ids) for dialect, ids in recording.foreign.items()}
    if recording.extras:
        rest["extras"] = {dialect: dict(extra) for dialect, extra in recording.extras.items()}
    return orjson.dumps(rest).decode() if rest else None


def recording_of(row: Sequence[Any], account_id: UUID, transcription: Transcription | None = None) -> Recording:
    """The recording in a row of ``RECORDING_COLUMNS``."""
    (
        id_, status, started, created, ended, updated, taken_in, deleted,
        user_id, call_id, parent_call_id, call_session_id, conference_id, conference_name,
        sip_call_id, connection_id, application_id, source, origin, direction, media_state,
        caller_number, caller_name, caller_country, caller_kind,
        callee_number, callee_name, callee_country, callee_kind,
        channels, format_, duration_ms,
        media_store, media_key, media_size_bytes, media_sha256, media_format, media_codec, media_sample_rate,
        media_samples, label, _transcribed, revision, rest,
    ) = row  # fmt: skip
    said: Mapping[str, Any] = orjson.loads(rest) if rest is not None else {}
    return Recording(
        id=UUID(bytes=bytes(id_)),
        account_id=account_id,
        user_id=_maybe_uuid(user_id),
        call_id=UUID(bytes=bytes(call_id)),
        parent_call_id=_maybe_uuid(parent_call_id),
        call_session_id=UUID(bytes=bytes(call_session_id)),
        conference_id=_maybe_uuid(conference_id),
        conference_name=conference_name,
        sip_call_id=sip_call_id,
        connection_id=connection_id,
        application_id=application_id,
        source=_SOURCE[source],
        origin=_ORIGIN[origin],
        direction=_DIRECTION[direction],
        status=_STATUS[status],
        media_state=_MEDIA_STATE[media_state],
        caller=_party(caller_number, caller_name, caller_country, caller_kind, said.get("caller")),
        callee=_party(callee_number, callee_name, callee_country, callee_kind, said.get("callee")),
        transfer_caller_id=said.get("transfer_caller_id"),
        transfer_to=said.get("transfer_to"),
        channels=channels,
        format=_FORMAT[format_],
        duration_ms=duration_ms,
        media=None
        if media_store is None
        else StoredMedia(
            store=media_store,
            key=media_key,
            size_bytes=media_size_bytes,
            sha256=media_sha256,
            format=_FORMAT[media_format],
            codec=media_codec,
            sample_rate=media_sample_rate,
            samples=media_samples,
        ),
        started_at=moment_of(started),
        ended_at=_maybe_moment(ended),
        created_at=moment_of(created),
        updated_at=moment_of(updated),
        taken_in_at=moment_of(taken_in),
        deleted_at=_maybe_moment(deleted),
        label=label,
        price=said.get("price"),
        price_unit=said.get("price_unit"),
        error=said.get("error"),
        notes=tuple(said.get("notes", ())),
        transcription=transcription,
        foreign=said.get("foreign", {}),
        extras=said.get("extras", {}),
        revision=revision,
    )


def _party(
    number: str | None, name: str | None, country: str | None, kind: str | None, rest: Mapping[str, Any] | None
) -> Party:
    if rest is None:
        if number is None and name is None and country is None and kind is None:
            return NOBODY
        return Party(number=number, name=name, country=country, kind=kind)
    return Party(number=number, name=name, country=country, kind=kind, **rest)


def as_stored(recording: Recording) -> Recording:
    """The recording as it will come out again: every time UTC and to the millisecond."""
    times: dict[str, Any] = {
        name: to_the_millisecond(moment)
        for name in ("started_at", "ended_at", "created_at", "updated_at", "taken_in_at", "deleted_at")
        if (moment := getattr(recording, name)) is not None
    }
    said = recording.transcription
    if said is not None:
        said = dataclasses.replace(
            said,
            created_at=to_the_millisecond(said.created_at),
            updated_at=to_the_millisecond(said.updated_at),
            completed_at=None if said.completed_at is None else to_the_millisecond(said.completed_at),
        )
    return dataclasses.replace(recording, transcription=said, **times)


TRANSCRIPTION_COLUMNS = (
    "recording_id",
    "id",
    "status",
    "created",
    "updated",
    "completed",
    "locale",
    "transcripts",
)


def transcription_row(recording_id: UUID, said: Transcription) -> tuple[Any, ...]:
    """The values of ``TRANSCRIPTION_COLUMNS``."""
    return (
        recording_id.bytes,
        said.id.bytes,
        TRANSCRIPTION_STATUS[said.status],
        milliseconds(said.created_at),
        milliseconds(said.updated_at),
        _maybe_time(said.completed_at),
        said.locale,
        orjson.dumps([[part.text, part.confidence, part.speaker] for part in said.transcripts]).decode(),
    )


def transcription_of(row: Sequence[Any]) -> Transcription:
    """The transcription in a row of ``TRANSCRIPTION_COLUMNS``."""
    _, id_, status, created, updated, completed, locale, transcripts = row
    return Transcription(
        id=UUID(bytes=bytes(id_)),
        status=_TRANSCRIPTION_STATUS[status],
        created_at=moment_of(created),
        updated_at=moment_of(updated),
        completed_at=_maybe_moment(completed),
        locale=locale,
        transcripts=tuple(
            Transcript(text=text, confidence=confidence, speaker=speaker)
            for text, confidence, speaker in orjson.loads(transcripts)
        ),
    )


def account_of(row: Sequence[Any]) -> Account:
    """The account in a row of id, serial, name, created, settings."""
    id_, serial, name, created, settings = row
    return Account(
        id=UUID(bytes=bytes(id_)),
        serial=serial,
        name=name,
        created_at=moment_of(created),
        settings=orjson.loads(settings),
    )


def user_of(row: Sequence[Any], account_id: UUID) -> User:
    """The user in a row of id, name, created, credential_digests."""
    id_, name, created, digests = row
    return User(
        id=UUID(bytes=bytes(id_)),
        account_id=account_id,
        name=name,
        created_at=moment_of(created),
        credential_digests=orjson.loads(digests),
    )


def key_row(key: Key, serial: int) -> tuple[Any, ...]:
    """The values of id, account, label, scopes, secret_hash, sealed, created, revoked."""
    return (
        key.id,
        serial,
        key.label,
        " ".join(sorted(key.scopes)),
        key.secret_hash,
        key.sealed,
        milliseconds(key.created_at),
        _maybe_time(key.revoked_at),
    )


def key_of(row: Sequence[Any], account_id: UUID) -> Key:
    """The key in a row of id, label, scopes, secret_hash, sealed, created, revoked."""
    id_, label, scopes, secret_hash, sealed, created, revoked = row
    return Key(
        id=id_,
        account_id=account_id,
        label=label,
        scopes=frozenset(Scope(word) for word in scopes.split()),
        secret_hash=secret_hash,
        sealed=None if sealed is None else bytes(sealed),
        created_at=moment_of(created),
        revoked_at=_maybe_moment(revoked),
    )


def json_text(value: Mapping[str, Any]) -> str:
    """A mapping as JSON."""
    return orjson.dumps(dict(value)).decode()
