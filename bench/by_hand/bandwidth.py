"""Bandwidth's list by hand."""

from __future__ import annotations

import zlib
from typing import Any

from bench.by_hand.forms import Archive, Asked, span
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.times import duration_iso, iso_ms
from callvault.model.query import Axis, RecordingQuery, RecordingSlice
from callvault.model.recording import Source


def ask(archive: Archive, asked: Asked) -> RecordingQuery:
    return RecordingQuery(
        account_id=archive.account_id,
        source=Source.CALL,
        from_number=asked.get("from"),
        to_number=asked.get("to"),
        started=span(asked, "minStartTime", before="maxStartTime"),
        axis=Axis.STARTED,
        descending=False,
        limit=1000,
    )


def tell(archive: Archive, page: RecordingSlice, _: Asked, __: str) -> list[dict[str, Any]]:
    account = str(archive.serial)
    stem = f"{archive.base_url}/api/v2/accounts/{account}/calls/"
    told = []
    for item in page.items:
        call = f"c-{zlib.crc32(item.call_id.bytes):08x}-{write_uuid(item.call_id)}"
        recording = f"r-{write_uuid(item.id)}"
        url = f"{stem}{call}/recordings/{recording}"
        said = item.transcription
        told.append(
            {
                "accountId": account,
                "callId": call,
                "parentCallId": None,
                "recordingId": recording,
                "to": item.callee.number,
                "from": item.caller.number,
                "transferCallerId": item.transfer_caller_id,
                "transferTo": item.transfer_to,
                "duration": duration_iso(item.duration_ms),
                "direction": item.direction,
                "channels": item.channels,
                "startTime": iso_ms(item.started_at),
                "endTime": iso_ms(item.ended_at) if item.ended_at else None,
                "fileFormat": item.format,
                "status": "complete",
                "mediaUrl": url + "/media",
                "transcription": {
                    "id": f"t-{write_uuid(said.id)}",
                    "url": url + "/transcription",
                    "status": "available",
                    "completedTime": iso_ms(said.completed_at) if said.completed_at else None,
                }
                if said
                else None,
            }
        )
    return told
