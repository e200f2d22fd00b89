"""Wire to core: one function an operation."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from callvault.dialects.contract import Visit
from callvault.dialects.signalwire import pages, paths, words
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.parameters import whole_number
from callvault.dialects.toolbox.times import parse_iso
from callvault.errors import BadRequest, NotFound
from callvault.model.life import LISTED
from callvault.model.query import Axis, RecordingQuery, Span
from callvault.model.recording import Source, Status
from callvault.vault.commands import Access, DeleteRecording, FindRecordings, GetRecording, OpenMedia, Ref
from callvault.wire import WireRequest

_LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""So that a day can be added to any time."""

DELETED_FOR = timedelta(days=40)
"""So long Twilio still tells of a recording that was deleted (its Recordings page)."""

_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3,4})\s+(\d{4})(?:\s+(\d\d):(\d\d)(?::(\d\d))?)?"
    r"(?:\s+(GMT|UTC?|Z)|\s+([+-]?)(\d\d)(\d\d))?",
    re.ASCII,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def one(visit: Visit) -> GetRecording | OpenMedia:
    """A recording's audio or what is known of it: the path's ending says which."""
    request = visit.request
    form = paths.media_format(request)
    if form is None:
        return GetRecording(
            account_id=account_of(visit),
            recording=recording_of(visit),
            call=outer_of(request, "call"),
            conference=outer_of(request, "conference"),
            deleted_from=_deleted_from(visit),
        )
    account_id, access = _listener(visit)
    return OpenMedia(
        account_id=account_id,
        recording=recording_of(visit),
        form=form,
        channels=_channels(request),
        call=outer_of(request, "call"),
        conference=outer_of(request, "conference"),
        access=access,
    )


def delete(visit: Visit) -> DeleteRecording:
    """All of it, whatever the path ends with."""
    return DeleteRecording(
        account_id=account_of(visit),
        recording=recording_of(visit),
        call=outer_of(visit.request, "call"),
        conference=outer_of(visit.request, "conference"),
    )


def list_of_account(visit: Visit) -> FindRecordings:
    """``CallSid``, ``ConferenceSid``, ``DateCreated`` and its two inequalities, ``IncludeSoftDeleted`` (Twilio)."""
    account_id = account_of(visit)  # first of all: a stranger is not told what is wrong with a filter
    return _list(visit, account_id, call=_filter(visit, "call"), conference=_filter(visit, "conference"))


def list_of_call(visit: Visit) -> FindRecordings:
    """A call's recordings."""
    return _list(visit, account_of(visit), call=outer_of(visit.request, "call"))


def list_of_conference(visit: Visit) -> FindRecordings:
    """A conference's recordings."""
    return _list(visit, account_of(visit), conference=outer_of(visit.request, "conference"))


def account_of(visit: Visit) -> UUID:
    """The path's account, which has to be the caller's: any other does not exist for them."""
    account_id = visit.account.id
    text = visit.request.parts["account"]
    if words.read_sid(text, "account", paths.vendor(visit.request)) != account_id:
        raise NotFound("account", text)
    return account_id


def _listener(visit: Visit) -> tuple[UUID, Access]:
    """The path's account, and the right by which its audio is opened.

    Whoever proves to be somebody else hears what anybody may hear: a public link stays one in a client that sends its
    own credentials everywhere.
    """
    text = visit.request.parts["account"]
    account_id = words.read_sid(text, "account", paths.vendor(visit.request))
    if account_id is None:
        raise NotFound("account", text)
    own = visit.caller is not None and visit.caller.account.id == account_id
    return account_id, Access.ACTOR if own else Access.PUBLIC


def recording_of(visit: Visit) -> Ref:
    vendor = paths.vendor(visit.request)
    text, _ = paths.split(visit.request.parts["recording"], vendor)
    return words.recording_ref(text, vendor, visit.terms.cloak_key)


def outer_of(request: WireRequest, noun: str) -> Ref | None:
    """The call or the conference, where the path names one."""
    text = request.parts.get(noun)
    return words.outer_ref(text, noun, paths.vendor(request)) if text is not None else None


def _filter(visit: Visit, noun: str) -> Ref | None:
    field = f"{noun.capitalize()}Sid"
    text = visit.request.first(field)
    if text is None:
        return None
    try:
        return words.outer_ref(text, noun, paths.vendor(visit.request))
    except NotFound:
        raise BadRequest(f"{field} must be the id of a {noun}, not {text!r}.", field=field, value=text) from None


def _channels(request: WireRequest) -> int | None:
    """``RequestedChannels``: Twilio's, and let through for SignalWire."""
    return whole_number(request.first("RequestedChannels"), "RequestedChannels", default=0, least=1, most=2) or None


def _list(visit: Visit, account_id: UUID, *, call: Ref | None = None, conference: Ref | None = None) -> FindRecordings:
    request = visit.request
    vendor, page = paths.vendor(request), pages.asked(request)
    deleted_from = _deleted_from(visit)
    query = RecordingQuery(
        account_id=account_id,
        statuses=LISTED if deleted_from is None else frozenset(Status),
        deleted_from=deleted_from,
        # SignalWire shows no call on a conference's recording, so it is none of that call's recordings either
        source=Source.CALL if call is not None and vendor is Vendor.SIGNALWIRE else None,
        created=created(request),
        axis=Axis.CREATED,
        descending=not page.backwards,
        limit=page.size,
        after=page.place,
        page=page.number + 1 if page.number and page.place is None else None,
    )
    return FindRecordings(query=query, call=call, conference=conference)


def _deleted_from(visit: Visit) -> datetime | None:
    """``IncludeSoftDeleted``: how far back Twilio's clients see what was deleted; None: not at all."""
    wanted = (visit.request.first("IncludeSoftDeleted") or "").lower() == "true"
    return visit.terms.now - DELETED_FOR if wanted and paths.vendor(visit.request) is Vendor.TWILIO else None


def created(request: WireRequest) -> Span:
    """``DateCreated`` means the whole day of its value, in UTC; ``DateCreated<`` and ``DateCreated>`` include theirs.

    The operator is a part of the key: ``DateCreated<=2026-03-01`` is the key ``DateCreated<``.  Our milliseconds do
    not show on the wire, so the second that is shown counts as a whole.
    """
    least: list[datetime] = []
    most: list[datetime] = []
    for key, text in request.query:
        if key == "DateCreated":
            day = _moment(text, key).replace(hour=0, minute=0, second=0, microsecond=0)
            least.append(day)
            most.append(day + timedelta(days=1))
        elif key == "DateCreated>":
            least.append(_moment(text, key))
        elif key == "DateCreated<":
            most.append(_moment(text, key) + timedelta(seconds=1))
    return Span(from_=max(least, default=None), before=min(most, default=None))


def _moment(text: str, field: str) -> datetime:
    """RFC 2822 (SignalWire's account list), ISO 8601 (the clients), or a bare date, which begins at midnight."""
    match = _RFC_2822.fullmatch(text.strip())
    if match is None:
        return min(parse_iso(text, field), _LATEST)
    day, month, year, hour, minute, second, _, sign, offset_hours, offset_minutes = match.groups()
    offset = timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
    try:
        moment = datetime(
            int(year),
            _MONTHS.index(month[:3].lower()) + 1,  # the vendor's page itself has a "Sept"
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=timezone(-offset if sign == "-" else offset),  # a plus that was not encoded arrives as a space
        )
        return min(moment.astimezone(UTC), _LATEST)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{field} must be a time such as Sun, 01 Mar 2026 09:00:02 +0000 or 2026-03-01T09:00:02Z, not {text!r}.",
            field=field,
            value=text,
        ) from None
