"""SignalWire's and Twilio's list by hand."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from bench.by_hand.forms import Archive, Asked, span
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.pages import write_token
from callvault.dialects.toolbox.times import rfc2822
from callvault.model.ids import cloak
from callvault.model.query import Position, RecordingQuery, RecordingSlice
from callvault.model.recording import Recording, Source


def ask(archive: Archive, asked: Asked) -> RecordingQuery:
    return RecordingQuery(
        account_id=archive.account_id, created=span(asked, "DateCreated>"), limit=int(asked["PageSize"])
    )


def tell_signalwire(archive: Archive, page: RecordingSlice, asked: Asked, path: str) -> dict[str, Any]:
    return {
        **_paging(page, asked, path, (("Page", "0"), ("PageSize", asked["PageSize"]))),
        "recordings": [_signalwire_item(archive, item) for item in page.items],
    }


def _signalwire_item(archive: Archive, item: Recording) -> dict[str, Any]:
    account, sid = write_uuid(archive.account_id), str(cloak(item.id, archive.cloak_key))
    root, call = f"/api/laml/2010-04-01/Accounts/{account}", write_uuid(item.call_id)
    in_conference = item.source is Source.CONFERENCE
    conference = write_uuid(item.conference_id) if item.conference_id else None
    outer = f"/Conferences/{conference}" if in_conference else f"/Calls/{call}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": None if in_conference else call,
        "conference_sid": conference,
        "channels": item.channels,
        "date_created": rfc2822(item.created_at),
        "date_updated": rfc2822(item.updated_at),
        "start_time": rfc2822(item.started_at),
        "end_time": rfc2822(item.ended_at) if item.ended_at else None,
        "price": item.price,
        "price_unit": item.price_unit or "USD",
        "duration": str((item.duration_ms + 500) // 1000),
        "sid": sid,
        "source": "Conference" if in_conference else "Trunking",
        "status": "completed",
        "error_code": item.error,
        "uri": f"{root}{outer}/Recordings/{sid}.json",
        "subresource_uris": {"transcriptions": f"{root}/Recordings/{sid}/Transcriptions.json"},
    }


def tell_twilio(archive: Archive, page: RecordingSlice, asked: Asked, path: str) -> dict[str, Any]:
    return {
        **_paging(page, asked, path, (("PageSize", asked["PageSize"]), ("Page", "0"))),
        "start": 0,
        "end": len(page.items) - 1,
        "recordings": [_twilio_item(archive, item) for item in page.items],
    }


def _twilio_item(archive: Archive, item: Recording) -> dict[str, Any]:
    account, sid = "AC" + archive.account_id.hex, "RE" + cloak(item.id, archive.cloak_key).hex
    own = f"/2010-04-01/Accounts/{account}/Recordings/{sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": "CA" + item.call_id.hex,
        "conference_sid": "CF" + item.conference_id.hex if item.conference_id else None,
        "channels": item.channels,
        "date_created": rfc2822(item.created_at),
        "date_updated": rfc2822(item.updated_at),
        "start_time": rfc2822(item.started_at),
        "price": item.price,
        "price_unit": item.price_unit,
        "duration": str((item.duration_ms + 500) // 1000),
        "sid": sid,
        "source": "Conference" if item.source is Source.CONFERENCE else "Trunking",
        "status": "completed",
        "error_code": item.error,
        "encryption_details": None,
        "uri": own + ".json",
        "subresource_uris": {
            "add_on_results": own + "/AddOnResults.json",
            "transcriptions": own + "/Transcriptions.json",
        },
        "media_url": archive.base_url + own,
    }


def _paging(page: RecordingSlice, asked: Asked, path: str, counted: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    path = path if "AC" in path else path.removesuffix(".json")
    kept = [(name, value) for name, value in asked.items() if name not in {"Page", "PageSize"}]
    first = f"{path}?{urlencode([*kept, *counted])}"
    following = None
    if page.more:
        token = "PA" + write_token(Position(at=page.items[-1].created_at, id=page.items[-1].id))
        onwards = [(name, "1" if name == "Page" else value) for name, value in counted]
        following = f"{path}?{urlencode([*kept, *onwards, ('PageToken', token)])}"
    return {
        "uri": first,
        "first_page_uri": first,
        "next_page_uri": following,
        "previous_page_uri": None,
        "page": 0,
        "page_size": int(asked["PageSize"]),
    }
