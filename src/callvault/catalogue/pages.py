"""Lists: which index leads, where the page begins, how many there are in all.

Without filters, and for a stretch of time, totals and page numbers come from the counters and cost the same however
large the catalogue is.  With filters they are counted along the index that leads, at the cost of what matches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from callvault.catalogue import codes, counters, queries, rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import EARLIEST, LATEST, moment_of, uuid_of, window
from callvault.catalogue.queries import BASE, GATHERED, LANE, LANES, WALKED, Shape, Text
from callvault.catalogue.steps import Rows, Steps, ask_all, ask_one
from callvault.model.query import ALWAYS, Axis, Position, RecordingQuery, RecordingSlice, Slice
from callvault.model.recording import Direction, Recording, Source

_FIRST_ID, _LAST_ID = bytes(16), b"\xff" * 16


def _octets(value: UUID) -> bytes:
    return value.bytes


def _same(value: str) -> str:
    return value


def _direction(value: Direction) -> int:
    return codes.DIRECTION[value]


def _source(value: Source) -> int:
    return codes.SOURCE[value]


_FILTERS: tuple[tuple[str, str, Callable[[Any], bytes | str | int]], ...] = (
    ("call_id", "call_id", _octets),
    ("sip_call_id", "sip_call_id", _same),
    ("conference_id", "conference_id", _octets),
    ("call_session_id", "call_session_id", _octets),
    ("from_number", "caller_number", _same),
    ("to_number", "callee_number", _same),
    ("either_number", "either_number", _same),
    ("user_id", "user_id", _octets),
    ("connection_id", "connection_id", _same),
    ("source", "source", _source),
    ("direction", "direction", _direction),
    ("deleted_from", "deleted_from", codes.milliseconds_up),
)
"""The query's field, the name in the shape, and how its value is written in a row."""

_SPANS = ("started", "created", "ended", "updated")


class _Place(NamedTuple):
    """Where a page begins, the place itself included."""

    time: int
    id: bytes


class _Asked(NamedTuple):
    """A query in the words of the database."""

    shape: Shape
    values: dict[str, Any]
    least: int
    most: int
    """The axis's first and last millisecond."""

    def fill(self, text: Text, **more: int | bytes) -> Steps[Rows]:
        """Send a statement with its values."""
        known: Mapping[str, Any] = {**self.values, **more}
        return ask_all(text.sql, *(known[name] for name in text.names))


def find(directory: Directory, query: RecordingQuery) -> Steps[RecordingSlice]:
    """See ``Catalogue.find``."""
    serial = yield from directory.serial(query.account_id)
    asked = None if serial is None else (yield from _asked(query, serial))
    if asked is None:
        return Slice(items=(), more=False, total=0 if query.with_total else None, query=query)
    counted = None
    if query.with_total or query.page is not None:
        counted = yield from _count(asked)
    limit = max(query.limit, 0)
    start: _Place | None
    if counted is None or query.page is None:
        start = _start(query, asked)
    else:
        start = yield from _numbered(asked, (max(query.page, 1) - 1) * limit, counted)
    found: Rows = ()
    if start is not None:
        found = yield from asked.fill(
            queries.page(asked.shape),
            first_time=start.time,
            first_id=start.id,
            last_time=asked.least if query.descending else asked.most,
            limit=limit + 1,
        )
    return Slice(
        items=tuple([rows.recording_of(row, query.account_id) for row in found[:limit]]),
        more=len(found) > limit,
        next=_position(found[limit], query.axis) if len(found) > limit else None,
        total=counted.total if counted is not None and query.with_total else None,
        query=query,
    )


def position_of(recording: Recording, axis: Axis) -> Position:
    """A recording's place in a list along this axis."""
    return Position(at=recording.created_at if axis is Axis.CREATED else recording.started_at, id=recording.id)


def _position(row: Any, axis: Axis) -> Position:  # noqa: ANN401 - a row of rows.SELECTED
    time = row[rows.CREATED] if axis is Axis.CREATED else row[rows.STARTED]
    return Position(at=moment_of(time), id=uuid_of(row[rows.ID]))


def _asked(query: RecordingQuery, serial: int) -> Steps[_Asked | None]:
    """The query in the words of the database; None where nothing can match."""
    values: dict[str, Any] = {"account": serial}
    for field, name, written in _FILTERS:
        value = getattr(query, field)
        if value is not None:
            values[name] = written(value)
            if isinstance(value, str) and not codes.keepable(value):
                return None
    filters = tuple(values)[1:]
    if query.silent is not None:
        filters += ("silent" if query.silent else "hearable",)
    least, most = EARLIEST, LATEST
    spans = []
    for name in _SPANS:
        span = getattr(query, name)
        if span is ALWAYS or span == ALWAYS:
            continue
        first, last = window(span)
        if first > last:
            return None
        if name == query.axis:
            least, most = first, last
        else:
            spans.append(name)
            values[f"{name}_from"], values[f"{name}_through"] = first, last
    statuses = frozenset([codes.STATUS[status] for status in query.statuses])
    if not statuses:
        return None
    shape = Shape(query.axis, query.descending, statuses, filters, tuple(spans), BASE, gathered=False)
    asked = _Asked(shape, values, least, most)
    if filters or spans:
        lead, gathered = yield from _lead(asked)
        asked = asked._replace(shape=shape._replace(lead=lead, gathered=gathered))
    return asked


def _lead(asked: _Asked) -> Steps[tuple[str, bool]]:
    """The index to go along, and whether its matches are gathered and sorted.

    Where several could lead, each is asked for how many it would bring, up to a bound: a number with a hundred calls
    leads before a trunk with a million, and where all bring many, every second or third on the way is likely to match.
    """
    shape = asked.shape
    for name in GATHERED:
        if name in shape.filters:
            return name, True
    walked = [name for name in WALKED if name in shape.filters]
    if len(walked) > 1 or shape.spans:
        for name in (*walked, *shape.spans):
            text = queries.probe(shape.axis, name)
            found = yield from asked.fill(text, **{"from": asked.least, "through": asked.most})
            if found[0][0] <= queries.FEW:
                return name, True
    if walked:
        return walked[0], False
    return (LANE if any(name in LANES for name in shape.filters) else BASE), False


class _Counted(NamedTuple):
    """How many match in all; and, where nothing but the axis's time is asked, how many of the account are earlier than
    the first of them and how many are not later than the last."""

    total: int
    before: int = 0
    through: int = 0


def _count(asked: _Asked) -> Steps[_Counted]:
    shape, account = asked.shape, asked.values["account"]
    if not shape.filters:
        if not shape.spans:
            return (yield from _count_within(account, shape.axis, shape.statuses, asked.least, asked.most))
        if len(shape.spans) == 1 and asked.least == EARLIEST and asked.most == LATEST:
            for axis in Axis:
                if axis == shape.spans[0]:
                    least, most = asked.values[f"{axis}_from"], asked.values[f"{axis}_through"]
                    return (yield from _count_within(account, axis, shape.statuses, least, most))
    found = yield from asked.fill(queries.count(shape), **{"from": asked.least, "through": asked.most})
    return _Counted(int(found[0][0]))


def _count_within(account: int, axis: Axis, statuses: frozenset[int], least: int, most: int) -> Steps[_Counted]:
    before = yield from _count_before(account, axis, statuses, least)
    through = yield from _count_before(account, axis, statuses, most + 1)
    return _Counted(through - before, before, through)


def _count_before(account: int, axis: Axis, statuses: frozenset[int], moment: int) -> Steps[int]:
    """How many recordings are earlier than a moment."""
    if moment <= EARLIEST:
        return 0
    if moment > LATEST:
        return (yield from counters.total(account, axis, statuses))
    rank = yield from counters.rank(account, axis, statuses, moment)
    if rank.leaf_from is None:
        return rank.before
    text = queries.count(Shape(axis, False, statuses, (), (), BASE, gathered=False))
    known = {"account": account, "from": rank.leaf_from, "through": moment - 1}
    found = yield from ask_one(text.sql, *(known[name] for name in text.names))
    return rank.before + (0 if found is None else int(found[0]))


def _start(query: RecordingQuery, asked: _Asked) -> _Place:
    """Where a page begins that has no number."""
    if query.at is not None:
        return _beyond(asked, _at(query.at, descending=query.descending))
    if query.after is not None:
        return _beyond(asked, _after(query.after, descending=query.descending))
    return _edge(asked)


def _edge(asked: _Asked) -> _Place:
    return _Place(asked.most, _LAST_ID) if asked.shape.descending else _Place(asked.least, _FIRST_ID)


def _beyond(asked: _Asked, place: _Place) -> _Place:
    """The later of the place and the window's edge, in the direction of the sort."""
    return (min if asked.shape.descending else max)(place, _edge(asked))


def _at(position: Position, *, descending: bool) -> _Place:
    """The place itself, or where it would be between two milliseconds."""
    down, up = codes.milliseconds(position.at), codes.milliseconds_up(position.at)
    if down == up:
        return _Place(down, position.id.bytes)
    return _Place(down, _LAST_ID) if descending else _Place(up, _FIRST_ID)


def _after(position: Position, *, descending: bool) -> _Place:
    """The place right behind."""
    place = _at(position, descending=descending)
    if codes.milliseconds(position.at) != codes.milliseconds_up(position.at):
        return place
    number = position.id.int + (-1 if descending else 1)
    if number < 0:
        return _Place(place.time - 1, _LAST_ID)
    if number >> 128:
        return _Place(place.time + 1, _FIRST_ID)
    return _Place(place.time, number.to_bytes(16, "big"))


def _numbered(asked: _Asked, skip: int, counted: _Counted) -> Steps[_Place | None]:
    """Where the page begins that lies ``skip`` recordings behind the first; None where that is behind the end."""
    shape, edge = asked.shape, _edge(asked)
    if skip >= counted.total:
        return None
    if not skip:
        return edge
    if shape.filters or shape.spans:
        last = asked.least if shape.descending else asked.most
        text = queries.place(shape)
        found = yield from asked.fill(text, first_time=edge.time, first_id=edge.id, last_time=last, skip=skip)
        return _Place(*found[0]) if found else None
    rank = counted.through - 1 - skip if shape.descending else counted.before + skip
    leaf = yield from counters.find_leaf(asked.values["account"], shape.axis, shape.statuses, rank)
    if leaf is None:
        return None
    text = queries.place(shape._replace(descending=False))
    found = yield from asked.fill(text, first_time=leaf.first, first_id=_FIRST_ID, last_time=LATEST, skip=leaf.skip)
    return _Place(*found[0]) if found else None
