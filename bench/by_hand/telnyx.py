"""Telnyx's list by hand."""

from __future__ import annotations

import base64
from typing import Any

from bench.by_hand.forms import Archive, Asked, link, span
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.query import RecordingQuery, RecordingSlice
from callvault.model.recording import Recording, Source, Status


def ask(archive: Archive, asked: Asked) -> RecordingQuery:
    return RecordingQuery(
        account_id=archive.account_id,
        statuses=frozenset({Status.AVAILABLE}),
        from_number=asked.get("filter[from]"),
        to_number=asked.get("filter[to]"),
        connection_id=asked.get("filter[connection_id]"),
        created=span(asked, "filter[created_at][gte]", through="filter[created_at][lte]"),
        started=span(asked, "filter[start_time][gte]", through="filter[start_time][lte]"),
        ended=span(asked, "filter[end_time][gte]", through="filter[end_time][lte]"),
        limit=int(asked["page[size]"]),
        page=int(asked.get("page[number]", "1")),
        with_total=True,
    )


def tell(archive: Archive, page: RecordingSlice, asked: Asked, __: str) -> dict[str, Any]:
    size, total = int(asked["page[size]"]), page.total or 0
    return {
        "data": [_item(archive, item) for item in page.items],
        "meta": {
            "total_pages": -(-total // size),
            "total_results": total,
            "page_number": int(asked.get("page[number]", "1")),
            "page_size": size,
        },
    }


def _item(archive: Archive, item: Recording) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "call_control_id": "v3:" + base64.urlsafe_b64encode(item.call_id.bytes).decode().rstrip("="),
        "call_leg_id": write_uuid(item.call_id),
        "call_session_id": write_uuid(item.call_session_id),
        "channels": "dual" if item.channels == 2 else "single",
        "conference_id": write_uuid(item.conference_id) if item.conference_id else None,
        "created_at": iso_ms(item.created_at),
        "download_urls": {"mp3": link(archive, item, "mp3"), "wav": link(archive, item, "wav")},
        "duration_millis": item.duration_ms,
        "id": write_uuid(item.id),
        "record_type": "recording",
        "recording_started_at": iso_ms(item.started_at),
        "recording_ended_at": iso_ms(item.ended_at) if item.ended_at else None,
        "source": item.source,
        "status": "completed",
        "updated_at": iso_ms(item.updated_at),
    }
    return {
        **printed,
        "connection_id": item.connection_id,
        "from": item.caller.number,
        "to": item.callee.number,
        "initiated_by": "Conference" if item.source is Source.CONFERENCE else "Trunking",
        "data": printed,
    }
