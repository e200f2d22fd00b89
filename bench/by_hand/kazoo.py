"""Kazoo's list by hand."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson

from bench.by_hand.forms import Archive, Asked, month
from callvault import __version__
from callvault.dialects.toolbox.times import gregorian
from callvault.model.ids import time_of
from callvault.model.query import RecordingQuery, RecordingSlice
from callvault.model.recording import Direction, Recording, Source, Status


def ask(archive: Archive, asked: Asked) -> RecordingQuery:
    return RecordingQuery(
        account_id=archive.account_id,
        statuses=frozenset({Status.PROCESSING, Status.AVAILABLE, Status.FAILED}),
        from_number=asked.get("filter_caller_id_number"),
        to_number=asked.get("filter_callee_id_number"),
        limit=int(asked["page_size"]),
    )


def tell(archive: Archive, page: RecordingSlice, _: Asked, __: str) -> dict[str, Any]:
    items = [_item(item) for item in page.items]
    following = {}
    if page.next is not None:
        at, core_id = page.next.at, page.next.id
        name = f"{month(core_id)}-{core_id.hex}".encode()
        milliseconds = at.microsecond // 1000
        key = b"\x83l\0\0\0" + (b"\x03" if milliseconds else b"\x02") + b"n\x05\0"
        key += gregorian(at).to_bytes(5, "little") + b"m\0\0\0" + bytes((len(name),)) + name
        if milliseconds:
            key += b"a" + bytes((milliseconds,)) if milliseconds < 256 else b"b" + milliseconds.to_bytes(4, "big")
        following["next_start_key"] = base64.urlsafe_b64encode(key + b"j").decode().rstrip("=")
    now = datetime.now(UTC)
    edge = b"\x83l\0\0\0\x02n\x05\0" + gregorian(now).to_bytes(5, "little") + b"h\x01jj"
    return {
        "page_size": len(items),
        "start_key": base64.urlsafe_b64encode(edge).decode().rstrip("="),
        **following,
        "data": items,
        "revision": hashlib.md5(orjson.dumps([following, items]), usedforsecurity=False).hexdigest(),
        "status": "success",
        "request_id": "",
        "node": hashlib.blake2s(archive.base_url.encode(), digest_size=5).hexdigest(),
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "tokens": {"consumed": 0, "remaining": 100},
        "auth_token": archive.token,
        "version": __version__,
    }


def _item(item: Recording) -> dict[str, Any]:
    name = f"{item.id.hex}.wav"
    to = f"{item.callee.number}@127.0.0.1"
    told: dict[str, Any] = {
        "call_id": item.sip_call_id,
        "callee_id_number": item.callee.number,
        "caller_id_name": item.caller.name,
        "caller_id_number": item.caller.number,
        "cdr_id": f"{item.started_at.year:04}{item.started_at.month:02}-{item.sip_call_id}",
    }
    if item.conference_id is not None:
        told["conference_id"] = item.conference_id.hex
        told["conference_name"] = item.conference_name
        told["conference_recording"] = True
    automatic = "inbound from offnet to account"
    if item.direction is Direction.OUTBOUND:
        automatic = "outbound to offnet from account"
    told |= {
        "content_type": "audio/x-wav",
        "description": f"recording {name}",
        "direction": item.direction,
        "duration": item.duration_ms // 1000,
        "duration_ms": item.duration_ms,
        "from": f"{item.caller.number}@127.0.0.1",
        "id": f"{month(item.id)}-{item.id.hex}",
        "interaction_id": f"{gregorian(time_of(item.call_session_id))}-{item.call_session_id.hex}",
        "media_source": "recorded",
        "media_type": item.format,
        "name": name,
        "origin": "conference" if item.source is Source.CONFERENCE else automatic,
        "request": to,
        "source_type": "kzc_recording",
        "start": gregorian(item.started_at),
        "to": to,
        "_read_only": {"content_types": ["audio/x-wav"]},
    }
    return told
