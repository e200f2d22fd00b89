"""Wire to core: one function an operation."""

from __future__ import annotations

from collections.abc import Sequence

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import words
from callvault.dialects.toolbox.jsons import json_object
from callvault.dialects.toolbox.parameters import telephone, whole_number
from callvault.dialects.toolbox.times import parse_iso
from callvault.errors import BadRequest
from callvault.model.query import Axis, RecordingQuery, Span
from callvault.model.recording import Status
from callvault.vault.commands import DeleteRecording, DeleteRecordings, FindRecordings, GetRecording, Ref
from callvault.wire import WireRequest

PAGE_SIZE = 20
MOST = 250
LAST_PAGE = 2**31 - 1
"""The vendor's integers have 32 bits."""

TIMES = ("created_at", "start_time", "end_time")
FILTERS = frozenset(
    {
        "filter[call_control_id]",
        "filter[call_leg_id]",
        "filter[call_session_id]",
        "filter[conference_id]",
        "filter[connection_id]",
        "filter[from]",
        "filter[sip_call_id]",
        "filter[to]",
        *(f"filter[{name}][{bound}]" for name in TIMES for bound in ("gte", "lte")),
    }
)


def recordings(visit: Visit) -> FindRecordings:
    """The seed page's eight filters, the later ones that the catalogue can answer, and the page.

    Raises:
        BadRequest: a time or a page is malformed, or a filter is unknown; one that is passed over in silence would
            answer with recordings that were not asked for.
    """
    request = visit.request
    _check_filters(request)
    session, conference = request.first("filter[call_session_id]"), request.first("filter[conference_id]")
    return FindRecordings(
        query=RecordingQuery(
            account_id=visit.account.id,
            statuses=frozenset({Status.AVAILABLE}),
            connection_id=request.first("filter[connection_id]"),
            sip_call_id=request.first("filter[sip_call_id]"),
            from_number=telephone(request.first("filter[from]")),
            to_number=telephone(request.first("filter[to]")),
            created=span(request, "created_at"),
            started=span(request, "start_time"),
            ended=span(request, "end_time"),
            axis=Axis.CREATED,
            descending=True,
            limit=page_size(request),
            page=page_number(request),
            with_total=True,
        ),
        call=_call(request),
        session=None if session is None else words.session_ref(session),
        conference=None if conference is None else words.conference_ref(conference),
    )


def one(visit: Visit) -> GetRecording:
    """One recording."""
    return GetRecording(account_id=visit.account.id, recording=_recording(visit))


def delete(visit: Visit) -> DeleteRecording:
    """Metadata and media at once."""
    return DeleteRecording(account_id=visit.account.id, recording=_recording(visit))


def delete_several(visit: Visit) -> DeleteRecordings:
    """All that the body names, or none of them.

    Raises:
        BadRequest: the body is no JSON object with a list of ids.
    """
    body = json_object(visit.request.body, '{"ids": ["…"]}')
    if "ids" not in body:
        raise BadRequest("ids is missing: the list of the recordings' ids.", field="/ids")
    ids = body["ids"]
    if not isinstance(ids, list) or not all(isinstance(text, str) for text in ids):
        raise BadRequest("ids has to be a list of ids.", field="/ids", value=str(ids))
    return _several(visit, ids)


def delete_several_by_query(visit: Visit) -> DeleteRecordings:
    """How the vendor's Python client asked for the same before its version 3: ``ids[]``, once for each.

    Its ``recording.delete()`` comes here too, and names no ids: then it is the path's recording that goes.
    """
    named = [value for name, value in visit.request.query if name in {"ids[]", "ids"}]
    return _several(visit, named or [visit.request.parts["recording"]])


def page_size(request: WireRequest) -> int:
    """``page[size]``; the vendor's JavaScript client writes the first page's as ``page_size`` (seen with 7.24.0)."""
    return _paging(request, "size", default=PAGE_SIZE, most=MOST)


def page_number(request: WireRequest) -> int:
    """``page[number]``, which that client asks the following pages with, beside the ``page_number`` of the first."""
    return _paging(request, "number", default=1, most=LAST_PAGE)


def _paging(request: WireRequest, noun: str, *, default: int, most: int) -> int:
    name, text = f"page[{noun}]", request.first(f"page[{noun}]")
    if text is None:
        name, text = f"page_{noun}", request.first(f"page_{noun}")
    return whole_number(text, name, default=default, least=1, most=most)


def _several(visit: Visit, ids: Sequence[str]) -> DeleteRecordings:
    refs = tuple(words.recording_ref(text) for text in dict.fromkeys(ids))
    return DeleteRecordings(account_id=visit.account.id, recordings=refs)


def _recording(visit: Visit) -> Ref:
    return words.recording_ref(visit.request.parts["recording"])


def _check_filters(request: WireRequest) -> None:
    for name, value in request.query:
        if name.startswith("filter") and name not in FILTERS:
            known = ", ".join(sorted(FILTERS))
            raise BadRequest(f"{name} is not a filter of this list, which has {known}.", field=name, value=value)


def _call(request: WireRequest) -> Ref | None:
    """A call has two ids on this wire; one of them is enough."""
    leg, control = request.first("filter[call_leg_id]"), request.first("filter[call_control_id]")
    by_leg = None if leg is None else words.call_ref(leg)
    by_control = None if control is None else words.call_control_ref(control)
    if by_leg is not None and by_control is not None and by_leg.computed != by_control.computed:
        raise BadRequest(
            "filter[call_control_id] and filter[call_leg_id] name two different calls; give one of them.",
            field="filter[call_control_id]",
            value=control,
        )
    return by_leg or by_control


def span(request: WireRequest, name: str) -> Span:
    """Both bounds belong to the span."""
    least, most = f"filter[{name}][gte]", f"filter[{name}][lte]"
    earliest, latest = request.first(least), request.first(most)
    return Span(
        from_=None if earliest is None else parse_iso(earliest, least),
        through=None if latest is None else parse_iso(latest, most),
    )
