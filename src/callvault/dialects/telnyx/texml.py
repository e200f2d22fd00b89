"""The TeXML mirror: the same recordings under Twilio's paths and names, with Telnyx's ids, times and bearer token.

Told by the vendor's client (types and paths of 4.189); what can be read and deleted, both ways.  What does not live
here: what is steered there (``texml_steering``).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import words
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.links import link_to
from callvault.dialects.toolbox.parameters import whole_number
from callvault.dialects.toolbox.times import iso_ms, parse_iso
from callvault.errors import BadRequest, NotFound
from callvault.model.actor import Scope
from callvault.model.media import MediaFormat
from callvault.model.query import Axis, RecordingQuery, RecordingSlice, Span
from callvault.model.recording import MediaState, Recording, Status
from callvault.vault.commands import DeleteRecording, FindRecordings, GetRecording, Ref
from callvault.wire import WireReply, WireRequest

ROOT = "/v2/texml"
PAGE_SIZE = 20
MOST = 1000
LAST_PAGE = 2**31 - 2

STATUS: dict[Status, str] = {
    Status.CAPTURING: "in-progress",
    Status.PAUSED: "paused",
    Status.PROCESSING: "stopped",
    Status.AVAILABLE: "completed",
    Status.FAILED: "stopped",
    Status.DELETED: "stopped",
}

CONFERENCE_STATUS: dict[Status, str] = {
    Status.CAPTURING: "processing",
    Status.PAUSED: "processing",
    Status.PROCESSING: "processing",
    Status.AVAILABLE: "completed",
    Status.FAILED: "absent",
    Status.DELETED: "deleted",
}
"""What a conference's list without ``.json`` says: other words than everywhere else."""

_DATE = re.compile(r"\d{4}-?\d\d-?\d\d", re.ASCII)


def list_of_account(visit: Visit) -> FindRecordings:
    """``DateCreated``, with its inequalities, ``Page`` (from 0 on) and ``PageSize``."""
    return _list(visit)


def list_of_call(visit: Visit) -> FindRecordings:
    """A call's recordings, the call by its control id or its leg id."""
    return _list(visit, call=_call(visit.request.parts["call"]))


def list_of_conference(visit: Visit) -> FindRecordings:
    """A conference's recordings."""
    return _list(visit, conference=words.conference_ref(visit.request.parts["conference"]))


def one(visit: Visit) -> GetRecording:
    """One recording."""
    return GetRecording(account_id=account_of(visit), recording=_recording(visit))


def delete(visit: Visit) -> DeleteRecording:
    """Metadata and media at once."""
    return DeleteRecording(account_id=account_of(visit), recording=_recording(visit))


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """A page with the links of its neighbours, relative to the host."""
    return json_reply({"recordings": [recording_object(item, visit) for item in page.items], **_paging(page, visit)})


def say_list_of_conference(page: RecordingSlice, visit: Visit) -> WireReply:
    """The shape that a conference's list has where its path does not end with ``.json``."""
    recordings = [conference_recording_object(item, visit) for item in page.items]
    return json_reply({"participants": [], "recordings": recordings, **_paging(page, visit)})


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """One object."""
    return json_reply(recording_object(recording, visit))


def say_deleted(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty: here, unlike elsewhere in this API."""
    return WireReply(status=204)


def recording_object(recording: Recording, visit: Visit) -> dict[str, Any]:
    """The keys of the client's type; the subresource's key is misspelt there, and so here."""
    return {
        **_common(recording, visit),
        "duration": str(recording.duration_ms // 1000),
        "status": STATUS[recording.status],
        "subresources_uris": {"transcriptions": None},
    }


def conference_recording_object(recording: Recording, visit: Visit) -> dict[str, Any]:
    """The same with a duration that is a number, other words for the status, and the key spelt right."""
    gone = recording.media_state is MediaState.DELETED
    return {
        **_common(recording, visit),
        "duration": recording.duration_ms // 1000,
        "status": "deleted" if gone else CONFERENCE_STATUS[recording.status],
        "subresource_uris": {"transcriptions": None},
    }


def _common(recording: Recording, visit: Visit) -> dict[str, Any]:
    sid = words.recording_id(recording)
    form = MediaFormat.MP3 if recording.format is MediaFormat.MP3 else MediaFormat.WAV
    return {
        "account_sid": str(recording.account_id),
        "call_sid": words.call_control_id(recording),
        "channels": recording.channels,
        "conference_sid": words.conference_id(recording),
        "date_created": iso_ms(recording.created_at),
        "date_updated": iso_ms(recording.updated_at),
        "error_code": recording.error,
        "media_url": link_to(recording, form, visit.terms) if visit.actor.may(Scope.MEDIA) else None,
        "sid": sid,
        "source": words.INITIATED_BY[recording.origin],
        "start_time": iso_ms(recording.started_at),
        "uri": f"{ROOT}/Accounts/{recording.account_id}/Recordings/{sid}.json",
    }


def _list(visit: Visit, *, call: Ref | None = None, conference: Ref | None = None) -> FindRecordings:
    account_id = account_of(visit)
    number, size = _asked_page(visit)
    return FindRecordings(
        query=RecordingQuery(
            account_id=account_id,
            created=_created(visit),
            axis=Axis.CREATED,
            descending=True,
            limit=size,
            page=number + 1,
        ),
        call=call,
        conference=conference,
    )


def _asked_page(visit: Visit) -> tuple[int, int]:
    number, size = visit.request.first("Page"), visit.request.first("PageSize")
    return (
        whole_number(number, "Page", default=0, least=0, most=LAST_PAGE),
        whole_number(size, "PageSize", default=PAGE_SIZE, least=1, most=MOST),
    )


def _paging(page: RecordingSlice, visit: Visit) -> dict[str, Any]:
    number, size = _asked_page(visit)
    path = _path(visit.request)
    filters = [(name, value) for name, value in visit.request.query if name not in {"Page", "PageSize", "PageToken"}]

    def uri(place: int) -> str:
        return f"{path}?{urlencode([*filters, ('Page', place), ('PageSize', size)])}"

    return {
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(0, len(page.items) - 1),
        "uri": uri(number),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(number - 1) if number else None,
        "next_page_uri": uri(number + 1) if page.more else None,
    }


def _path(request: WireRequest) -> str:
    """The path of a list, encoded again segment by segment: an id may hold a slash."""
    account, *outer = (quote(part, safe=":") for part in request.parts.values())
    within = f"/{'Calls' if 'call' in request.parts else 'Conferences'}/{outer[0]}" if outer else ""
    return f"{ROOT}/Accounts/{account}{within}/Recordings{'.json' if request.path.endswith('.json') else ''}"


def account_of(visit: Visit) -> UUID:
    """The path's account, which has to be the caller's: any other does not exist for them."""
    text = visit.request.parts["account"]
    if text.lower() != str(visit.account.id):
        raise NotFound("account", text)
    return visit.account.id


def _recording(visit: Visit) -> Ref:
    return words.recording_ref(visit.request.parts["recording"].removesuffix(".json"))


def _call(text: str) -> Ref:
    by_leg = words.call_ref(text)
    return by_leg if by_leg.computed is not None else words.call_control_ref(text)


def _created(visit: Visit) -> Span:
    """``DateCreated`` with an operator before its equals sign, which then ends the key: ``DateCreated>=2026-03-01``.

    A date stands for its whole day, a time for its second; both ends belong to the span.

    Raises:
        BadRequest: it is no time, or another operator.
    """
    least: list[datetime] = []
    most: list[datetime] = []
    for name, text in visit.request.query:
        if not name.startswith("DateCreated"):
            continue
        if name not in {"DateCreated", "DateCreated>", "DateCreated<"}:
            raise BadRequest(f"DateCreated takes =, >= and <=, not {name!r}.", field="DateCreated", value=name)
        moment = parse_iso(text, "DateCreated").replace(microsecond=0)
        if not name.endswith("<"):
            least.append(moment)
        if not name.endswith(">"):
            most.append(_after(moment, timedelta(days=1) if _DATE.fullmatch(text.strip()) else timedelta(seconds=1)))
    return Span(from_=max(least, default=None), before=min(most, default=None))


def _after(moment: datetime, length: timedelta) -> datetime:
    try:
        return moment + length
    except OverflowError:
        return moment
