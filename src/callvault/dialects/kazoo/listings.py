"""What the parameters of Kazoo's lists ask for: the window of time, the page, the order, the filters.

A list is sorted by when the document was made, that is when the recording ended.  Bounds are Gregorian seconds, both
inclusive: a recording belongs to the second that its time lies in.
Source: applications/crossbar, doc/basics.md and ``crossbar_view.erl`` (4.3, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.kazoo import start_keys, words
from callvault.dialects.kazoo.documents import glance
from callvault.dialects.kazoo.envelopes import truth
from callvault.dialects.kazoo.filters import Filters, judge, read_filters
from callvault.dialects.toolbox.times import from_gregorian, gregorian
from callvault.errors import BadRequest
from callvault.model.query import Axis, Position, RecordingQuery, Span
from callvault.model.recording import Recording
from callvault.vault.commands import FindRecordings
from callvault.wire import WireRequest

PAGE = 50
MOST_PAGE = 1000
MOST_UNPAGED = 10_000
_SECOND = timedelta(seconds=1)
_HOUR = 3600
_DAY = 86_400
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_STATUSES = frozenset(status for status, listed in words.LISTED.items() if listed)


def find(visit: Visit, account_id: UUID, owner: UUID | None) -> FindRecordings:
    """The command behind a list; ``owner``: the user whose list it is.

    Raises:
        BadRequest: a parameter that cannot be read.
    """
    request = visit.request
    filters = read_filters(request.query)
    columns = dict(filters.columns)
    wanted = columns.pop("user_id", owner)
    query = RecordingQuery(
        account_id=account_id,
        user_id=wanted,
        statuses=_STATUSES if owner in (None, wanted) else frozenset(),  # another's, in this one's list: there are none
        created=window(visit),
        updated=_span(_seconds(request, "modified_from"), _seconds(request, "modified_to")),
        axis=Axis.CREATED,
        descending=descending(request),
        limit=_limit(request, visit.terms),
        at=_start(request, owner),
        **columns,
    )
    return FindRecordings(
        query=query,
        call=filters.refs.get("call"),
        call_by_sip=True,
        session=filters.refs.get("session"),
        conference=filters.refs.get("conference"),
        known_user=owner,
        keep=_judged(filters, visit.terms),
    )


def paginated(request: WireRequest) -> bool:
    """Whether the answer is a page; otherwise it is everything."""
    return (request.first("paginate") or "").lower() != "false"


def descending(request: WireRequest) -> bool:
    """Newest first, unless asked otherwise.  ``descending=false`` is of 5.x, and of all documentation."""
    return not (truth(request.first("ascending")) or (request.first("descending") or "").lower() == "false")


def first_key(visit: Visit, owner: UUID | None) -> str:
    """Where this page begins, as a key: the one that was handed in, or the window's edge."""
    request = visit.request
    given = request.first(start_keys.FIELD)
    if given:
        return given
    newest_first = descending(request)
    span = window(visit)
    newest = span.before - _SECOND if span.before else visit.terms.now
    edge = newest if newest_first else span.from_ or _EARLIEST
    return start_keys.write_edge(edge, owner, descending=newest_first)


def next_key(position: Position, owner: UUID | None) -> str:
    """Where the next page begins."""
    return start_keys.write_key(position, owner)


def window(visit: Visit) -> Span:
    """``created_from`` to ``created_to``.  Without them everything, or as many days as ``kazoo_window_days`` says.

    Raises:
        BadRequest: they are reversed, or further apart than the window is wide.
    """
    request = visit.request
    first, last = _seconds(request, "created_from"), _seconds(request, "created_to")
    days = int(visit.terms.settings.get("kazoo_window_days", 0))
    if days:
        widest = days * _DAY + _HOUR
        last = gregorian(visit.terms.now) if last is None else last
        first = max(0, last - widest) if first is None else first
        if last - first > widest:
            raise BadRequest(
                f"created_to {last} is more than {widest} seconds after created_from {first}.",
                field="created_from",
                value=str(first),
            )
    if first is not None and last is not None and last < first:
        raise BadRequest(f"created_to {last} is before created_from {first}.", field="created_from", value=str(first))
    return _span(first, last)


def _span(first: int | None, last: int | None) -> Span:
    return Span(
        from_=None if first is None else _moment(first), before=None if last is None else _moment(last) + _SECOND
    )


def _moment(seconds: int) -> datetime:
    """A Gregorian second; one outside the calendar is its nearest."""
    try:
        return min(from_gregorian(seconds), _LATEST)
    except OverflowError:
        return _LATEST if seconds > _DAY * 366 else _EARLIEST


def _seconds(request: WireRequest, name: str) -> int | None:
    text = request.first(name)
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadRequest(f"{name} must be a whole number of Gregorian seconds, not {text!r}.", field=name, value=text)
    return int(text)


def _limit(request: WireRequest, terms: Terms) -> int:
    if not paginated(request):
        return int(terms.settings.get("kazoo_most_unpaged", MOST_UNPAGED))
    text = request.first("page_size")
    if text is None:
        return PAGE
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise BadRequest("invalid page size", field="page_size", value=text)
    if text != digits or not digits.strip("0"):
        raise BadRequest("page size must be at least 1", field="page_size", value=text)
    most = int(terms.settings.get("kazoo_most_page_size", MOST_PAGE))
    return min(int(text) if len(text) <= 18 else most, most)


def _start(request: WireRequest, owner: UUID | None) -> Position | None:
    text = request.first(start_keys.FIELD)
    if not text or not paginated(request):
        return None
    return start_keys.read_key(text, owner, descending=descending(request))


def _judged(filters: Filters, terms: Terms) -> Callable[[Recording], bool] | None:
    """What judges the documents of the window, where a filter has no index."""
    if not filters.rest:
        return None
    fits = judge(filters.rest)
    return lambda recording: fits(glance(recording, terms))
