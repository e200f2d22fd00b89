"""Our own list by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from bench.by_hand.forms import Archive, Asked, span
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.pages import write_token
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.query import Axis, Position, RecordingQuery, RecordingSlice
from callvault.model.recording import Recording


def ask(archive: Archive, asked: Asked) -> RecordingQuery:
    return RecordingQuery(
        account_id=archive.account_id,
        from_number=asked.get("from"),
        to_number=asked.get("to"),
        connection_id=asked.get("connection_id"),
        started=span(asked, "started_from", through="started_through"),
        created=span(asked, "created_from", through="created_through"),
        axis=Axis.STARTED,
        limit=int(asked["limit"]),
    )


def tell(archive: Archive, page: RecordingSlice, asked: Asked, path: str) -> dict[str, Any]:
    token = url = None
    if page.more:
        last = page.items[-1]
        token = write_token(Position(at=last.started_at, id=last.id)) + "sd"
        url = f"{archive.base_url}{path}?{urlencode([*asked.items(), ('after', token)])}"
    return {
        "recordings": [_item(archive, item) for item in page.items],
        "next": token,
        "links": {"next": url} if url else {},
    }


def _item(archive: Archive, item: Recording) -> dict[str, Any]:
    media, said = item.media, item.transcription
    assert media is not None
    assert item.ended_at is not None
    url = f"{archive.base_url}/callvault/v1/recordings/{write_uuid(item.id)}"
    told: dict[str, Any] = {
        "id": item.id,
        "account_id": item.account_id,
        "call_id": item.call_id,
        "call_session_id": item.call_session_id,
    }
    if item.conference_id is not None:
        told |= {"conference_id": item.conference_id, "conference_name": item.conference_name}
    told |= {
        "sip_call_id": item.sip_call_id,
        "connection_id": item.connection_id,
        "source": item.source,
        "origin": item.origin,
        "direction": item.direction,
        "status": item.status,
        "media_state": item.media_state,
        "caller": {"number": item.caller.number, "name": item.caller.name, "country": item.caller.country},
        "callee": {"number": item.callee.number, "country": item.callee.country},
        "channels": item.channels,
        "format": item.format,
        "duration_ms": item.duration_ms,
        "media": {
            "size_bytes": media.size_bytes,
            "sha256": media.sha256,
            "format": media.format,
            "codec": media.codec,
            "sample_rate": media.sample_rate,
            "samples": media.samples,
        },
        "started_at": iso_ms(item.started_at),
        "ended_at": iso_ms(item.ended_at),
        "created_at": iso_ms(item.created_at),
        "updated_at": iso_ms(item.updated_at),
        "taken_in_at": iso_ms(item.taken_in_at),
    }
    if said is not None:
        told["transcription"] = {
            "id": said.id,
            "status": said.status,
            "created_at": iso_ms(said.created_at),
            "updated_at": iso_ms(said.updated_at),
            "completed_at": iso_ms(said.completed_at) if said.completed_at else None,
            "locale": said.locale,
            "transcripts": [{"text": part.text, "confidence": part.confidence} for part in said.transcripts],
        }
    return told | {"revision": item.revision, "links": {"self": url, "media": url + "/media"}}
