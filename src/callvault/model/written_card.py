"""The card, written: a recording as JSON values, field by field.

A page may have a thousand cards, and to ask each value of what kind it is took three times as long.  Words of the
enums are texts already.  What does not live here: the way back (``card``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callvault.model.party import NOBODY, Party
from callvault.model.recording import Recording, StoredMedia
from callvault.model.sealed import SealedMedia
from callvault.model.spelling import iso_ms, write_uuid
from callvault.model.transcription import Transcription


def write_card(recording: Recording) -> dict[str, Any]:
    """The whole recording; unknown fields are left out."""
    card: dict[str, Any] = {"id": write_uuid(recording.id), "account_id": write_uuid(recording.account_id)}
    _write_ids(recording, card)
    card["source"] = recording.source
    card["origin"] = recording.origin
    card["direction"] = recording.direction
    card["status"] = recording.status
    card["media_state"] = recording.media_state
    _write_sides(recording, card)
    card["channels"] = recording.channels
    card["format"] = recording.format
    card["duration_ms"] = recording.duration_ms
    if recording.media is not None:
        card["media"] = _media(recording.media)
    _write_times(recording, card)
    _write_remarks(recording, card)
    card["revision"] = recording.revision
    return card


def _write_ids(recording: Recording, card: dict[str, Any]) -> None:
    if recording.user_id is not None:
        card["user_id"] = write_uuid(recording.user_id)
    card["call_id"] = write_uuid(recording.call_id)
    if recording.parent_call_id is not None:
        card["parent_call_id"] = write_uuid(recording.parent_call_id)
    card["call_session_id"] = write_uuid(recording.call_session_id)
    if recording.conference_id is not None:
        card["conference_id"] = write_uuid(recording.conference_id)
    if recording.conference_name is not None:
        card["conference_name"] = recording.conference_name
    if recording.sip_call_id is not None:
        card["sip_call_id"] = recording.sip_call_id
    if recording.connection_id is not None:
        card["connection_id"] = recording.connection_id
    if recording.application_id is not None:
        card["application_id"] = recording.application_id


def _write_sides(recording: Recording, card: dict[str, Any]) -> None:
    if recording.caller is not NOBODY and (caller := _party(recording.caller)):
        card["caller"] = caller
    if recording.callee is not NOBODY and (callee := _party(recording.callee)):
        card["callee"] = callee
    if recording.transfer_caller_id is not None:
        card["transfer_caller_id"] = recording.transfer_caller_id
    if recording.transfer_to is not None:
        card["transfer_to"] = recording.transfer_to


def _write_times(recording: Recording, card: dict[str, Any]) -> None:
    card["started_at"] = iso_ms(recording.started_at)
    if recording.ended_at is not None:
        card["ended_at"] = iso_ms(recording.ended_at)
    card["created_at"] = iso_ms(recording.created_at)
    card["updated_at"] = iso_ms(recording.updated_at)
    card["taken_in_at"] = iso_ms(recording.taken_in_at)
    if recording.deleted_at is not None:
        card["deleted_at"] = iso_ms(recording.deleted_at)


def _write_remarks(recording: Recording, card: dict[str, Any]) -> None:
    if recording.label is not None:
        card["label"] = recording.label
    if recording.price is not None:
        card["price"] = recording.price
    if recording.price_unit is not None:
        card["price_unit"] = recording.price_unit
    if recording.error is not None:
        card["error"] = recording.error
    if recording.notes:
        card["notes"] = list(recording.notes)
    if recording.transcription is not None:
        card["transcription"] = _transcription(recording.transcription)
    if recording.foreign:
        card["foreign"] = _plain(recording.foreign)
    if recording.extras:
        card["extras"] = _plain(recording.extras)


def _party(party: Party) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if party.number is not None:
        told["number"] = party.number
    if party.name is not None:
        told["name"] = party.name
    if party.kind is not None:
        told["kind"] = party.kind
    if party.identity is not None:
        told["identity"] = party.identity
    if party.country is not None:
        told["country"] = party.country
    if party.anonymous is not None:
        told["anonymous"] = party.anonymous
    if party.contact_id is not None:
        told["contact_id"] = party.contact_id
    if party.contact_key is not None:
        told["contact_key"] = party.contact_key
    if party.contact_value is not None:
        told["contact_value"] = party.contact_value
    return told


def _media(media: StoredMedia) -> dict[str, Any]:
    told: dict[str, Any] = {
        "store": media.store,
        "key": media.key,
        "size_bytes": media.size_bytes,
        "sha256": media.sha256,
        "format": media.format,
        "codec": media.codec,
        "sample_rate": media.sample_rate,
        "samples": media.samples,
    }
    if media.repaired is not None:
        told["repaired"] = media.repaired
    if media.url is not None:
        told["url"] = media.url
    if media.trouble is not None:
        told["trouble"] = media.trouble
    if media.sealed is not None:
        told["sealed"] = _sealed(media.sealed)
    return told


def _sealed(sealed: SealedMedia) -> dict[str, Any]:
    return {
        "key_id": write_uuid(sealed.key_id),
        "wrapped_key": sealed.wrapped_key,
        "forms": [
            {
                "format": made.format,
                "channels": made.channels,
                "start": made.start,
                "size_bytes": made.size_bytes,
                "iv": made.iv,
            }
            for made in sealed.forms
        ],
    }


def _transcription(said: Transcription) -> dict[str, Any]:
    told = {
        "id": write_uuid(said.id),
        "status": said.status,
        "created_at": iso_ms(said.created_at),
        "updated_at": iso_ms(said.updated_at),
        "completed_at": said.completed_at and iso_ms(said.completed_at),
        "locale": said.locale,
        "transcripts": [
            {"text": part.text, "confidence": part.confidence}
            | ({} if part.speaker is None else {"speaker": part.speaker})
            for part in said.transcripts
        ],
    }
    return {name: value for name, value in told.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON values
    """What the core has no word for may have any shape, and come in any kind of mapping."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
