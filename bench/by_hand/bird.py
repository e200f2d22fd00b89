"""Bird's list by hand."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from bench.by_hand.forms import Archive, Asked, link, span
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.pages import write_token
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.query import RecordingQuery, RecordingSlice
from callvault.model.recording import Direction, Recording, Source


def ask(archive: Archive, asked: Asked) -> RecordingQuery:
    number = asked.get("from")
    return RecordingQuery(
        account_id=archive.account_id,
        from_number=number,
        to_number=asked.get("to"),
        connection_id=asked.get("channelId"),
        created=span(asked, "startAt", through="endAt"),
        limit=int(asked["limit"]),
    )


def tell(archive: Archive, page: RecordingSlice, asked: Asked, __: str) -> dict[str, Any]:
    told: dict[str, Any] = {"results": [_item(archive, item) for item in page.items]}
    if page.next is not None:
        document = orjson.dumps([write_token(page.next), asked], option=orjson.OPT_SORT_KEYS)
        told["nextPageToken"] = base64.urlsafe_b64encode(document).decode().rstrip("=")
    return told


def _item(archive: Archive, item: Recording) -> dict[str, Any]:
    in_conference = item.source is Source.CONFERENCE
    source = write_uuid(item.conference_id or item.call_id)
    caller, callee = item.caller.number or "", item.callee.number or ""
    told: dict[str, Any] = {
        "id": write_uuid(item.id),
        "sourceId": source,
        "originator": {
            "number": {
                "type": "pstn",
                "number": caller[1:],
                "callerIdName": item.caller.name,
                "identity": caller,
                "countryIsoCode": item.caller.country,
            }
        },
        "receiver": {
            "number": {
                "type": "pstn",
                "number": callee[1:],
                "identity": callee,
                "countryIsoCode": item.callee.country,
            }
        },
        "source": item.source,
        "direction": "incoming" if item.direction is Direction.INBOUND else "outgoing",
        "origin": "call-command-record-call" if in_conference else "create-call",
        "status": "available",
        "duration": item.duration_ms // 1000,
        "format": item.format,
        "stereo": item.channels == 2,
        "transcription": False,
    }
    if in_conference:
        told["conferenceId"] = source
    return told | {
        "url": link(archive, item, "wav"),
        "createdAt": iso_ms(item.created_at),
        "updatedAt": iso_ms(item.updated_at),
        "startedAt": iso_ms(item.started_at),
        "endedAt": iso_ms(item.ended_at) if item.ended_at else None,
    }
