"""The text of each question about recordings, compiled once for each shape that is asked.

A shape is what a question looks like without its values: which filters, which spans, which statuses, which order.  Each
shape has one *lead*, the index along which it is answered; everything else is checked on the way.  An answer may run
along several strands (two for "either number", one for each rare status), which the database merges in the order of the
page.  What does not live here: which lead is best (``pages``), or any value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple

from callvault.catalogue import codes, rows
from callvault.model.life import LISTED
from callvault.model.query import Axis
from callvault.model.recording import Status

EVERY_STATUS = frozenset(codes.STATUS[status] for status in Status)
LISTED_STATUSES = frozenset(codes.STATUS[status] for status in LISTED)

GATHERED = {
    "call_id": "recordings_of_call",
    "sip_call_id": "recordings_of_sip_call",
    "conference_id": "recordings_of_conference",
    "call_session_id": "recordings_of_session",
}
"""Filters that name so few recordings that all of them are read and sorted; the first in use leads."""

WALKED = {
    "either_number": "",
    "caller_number": "recordings_caller_by",
    "callee_number": "recordings_callee_by",
    "user_id": "recordings_user_by",
    "connection_id": "recordings_connection_by",
    "silent": "recordings_silent_by",
}
"""Filters that may name many recordings, each with an index in the order of the page."""

UNVALUED = {
    "silent": f"r.media_state > {codes.LAST_HEARABLE}",
    "hearable": f"r.media_state <= {codes.LAST_HEARABLE}",
}
"""Filters that have no value: what each asks of a row."""

LANE = "lane"
"""The lead of ``source`` and ``direction`` together."""
LANES: Mapping[str, Collection[int]] = {"source": codes.SOURCE.values(), "direction": codes.DIRECTION.values()}

BASE = "base"
"""The lead of a list without filters."""

SPANS = {"started": "recordings_by_started", "created": "recordings_by_created",
         "ended": "recordings_ended", "updated": "recordings_updated"}  # fmt: skip

FEW = 2000
"""What is sorted rather than walked for: reading so many out of an index takes less than a millisecond."""


class Shape(NamedTuple):
    """What a question looks like."""

    axis: Axis
    descending: bool
    statuses: frozenset[int]
    filters: tuple[str, ...]
    spans: tuple[str, ...]
    """Columns of time that are bounded, apart from the axis."""
    lead: str
    gathered: bool
    """Whether the lead's matches are gathered and sorted, or walked in the order of the page."""


@dataclass(frozen=True, slots=True)
class Text:
    """A statement and the names of its values, in order."""

    sql: str
    names: tuple[str, ...]


class _Names:
    """Gives each name its ``$n``."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def __getitem__(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        return f"${self._names.index(name) + 1}"

    def text(self, sql: str) -> Text:
        return Text(sql, tuple(self._names))


class _Strand(NamedTuple):
    by: str
    terms: tuple[str, ...]

    def source(self, *more: str) -> str:
        return f"FROM recordings AS r /*+ {self.by} */ WHERE {' AND '.join((*self.terms, *more))}"


@cache
def page(shape: Shape) -> Text:
    """Recordings from a place on, in order: values ``first_time``, ``first_id``, ``last_time``, ``limit``, ..."""
    names = _Names()
    found = _strands(shape, names, (_place(shape, names),))
    if not shape.gathered:
        order, limit = _order(shape), names["limit"]
        merged = _merged(rows.SELECTED, found, f"ORDER BY {order} LIMIT {limit}")
        return names.text(f"{merged} ORDER BY {order} LIMIT {limit}")
    return names.text(
        f"WITH {_matching(shape, found)},"
        f" picked AS (SELECT moment, id FROM matching ORDER BY {_order(shape, 'moment')} LIMIT {names['limit']})"
        f" SELECT {rows.SELECTED} FROM picked AS p JOIN recordings AS r ON r.id = p.id"
        f" ORDER BY {_order(shape, 'p.moment', 'p.id')}"
    )


@cache
def place(shape: Shape) -> Text:
    """Time and id of the recording that lies ``skip`` behind a place; index entries alone are read."""
    names = _Names()
    found = _strands(shape, names, (_place(shape, names),))
    order, skip = _order(shape, "moment"), names["skip"]
    if shape.gathered:
        merged = f"WITH {_matching(shape, found)} SELECT moment, id FROM matching"
    else:
        selected = f"r.{shape.axis} AS moment, r.id AS id"
        merged = _merged(selected, found, f"ORDER BY {order} LIMIT {skip} + 1")
    return names.text(f"{merged} ORDER BY {order} LIMIT 1 OFFSET {skip}")


@cache
def count(shape: Shape) -> Text:
    """How many match with the axis's time from ``from`` through ``through``."""
    names = _Names()
    within = f"r.{shape.axis} >= {names['from']} AND r.{shape.axis} <= {names['through']}"
    found = _strands(shape, names, (within,))
    if len(found) == 1:
        return names.text(f"SELECT count(*) {found[0].source()}")
    parts = " UNION ALL ".join(f"SELECT count(*) AS n {strand.source()}" for strand in found)
    return names.text(f"SELECT CAST(sum(n) AS BIGINT) FROM ({parts}) AS parts")


@cache
def probe(axis: Axis, lead: str) -> Text:
    """How many a lead would bring, counted no further than to ``FEW`` and one."""
    names = _Names()
    shape = Shape(axis, False, LISTED_STATUSES, (lead,) if lead in WALKED else (), (), lead, False)
    within = () if lead in SPANS else (f"r.{axis} >= {names['from']} AND r.{axis} <= {names['through']}",)
    parts = " UNION ALL ".join(f"SELECT 1 AS n {strand.source()}" for strand in _strands(shape, names, within))
    return names.text(f"SELECT count(*) FROM ({parts} LIMIT {FEW + 1}) AS few")


def _merged(selected: str, found: Sequence[_Strand], bounded: str) -> str:
    """Rows of all strands.  SQLite merges them as it goes; PostgreSQL does so only where each is in order by itself,
    and would read them to their ends otherwise."""
    if len(found) == 1:
        return f"SELECT {selected} {found[0].source()}"
    return " UNION ALL ".join(f"/*pg ( */ SELECT {selected} {strand.source()} /*pg {bounded}) */" for strand in found)


def _place(shape: Shape, names: _Names) -> str:
    time, first = f"r.{shape.axis}", f"({names['first_time']}, {names['first_id']})"
    if shape.descending:
        return f"({time}, r.id) <= {first} AND {time} >= {names['last_time']}"
    return f"({time}, r.id) >= {first} AND {time} <= {names['last_time']}"


def _order(shape: Shape, time: str = "", id_: str = "id") -> str:
    sense = "DESC" if shape.descending else "ASC"
    return f"{time or shape.axis} {sense}, {id_} {sense}"


def _matching(shape: Shape, found: Sequence[_Strand]) -> str:
    """Materialized, so that no planner walks the whole account in the order of the page instead."""
    union = " UNION ALL ".join(f"SELECT r.{shape.axis} AS moment, r.id AS id {strand.source()}" for strand in found)
    return f"matching AS MATERIALIZED ({union})"


def _strands(shape: Shape, names: _Names, within: tuple[str, ...]) -> list[_Strand]:
    """Where the answer is found; no recording is on two strands."""
    found: list[_Strand] = []
    account = f"r.account = {names['account']}"
    rest = tuple(_checked(name, names) for name in shape.filters if not _leads(shape.lead, name))
    rest += tuple(_checked_span(name, names) for name in shape.spans if name != shape.lead)
    if shape.lead in GATHERED:
        terms = (account, _filter(shape.lead, names), *_status_terms(shape.statuses, EVERY_STATUS))
        return [_Strand(GATHERED[shape.lead], (*terms, *within, *rest))]
    listed = shape.statuses & LISTED_STATUSES
    odd = shape.statuses - listed
    if shape.lead == BASE and codes.AVAILABLE not in listed:
        odd = shape.statuses
    elif listed:
        terms = ("r.status > 0", *within, *rest, *_status_terms(listed, LISTED_STATUSES))
        found += [_Strand(index, (account, *led, *terms)) for index, led in _led(shape, names)]
    if odd:
        every = [
            *(_filter(name, names) for name in shape.filters),
            *(_checked_span(name, names) for name in shape.spans),
        ]
        for status in sorted(odd):
            terms = (f"r.status = {status}", f"r.status <> {codes.AVAILABLE}", *within, *every)
            found.append(_Strand(f"recordings_odd_by_{shape.axis}", (account, *terms)))
    return found


def _led(shape: Shape, names: _Names) -> list[tuple[str, tuple[str, ...]]]:
    """The lead's indexes, each with the terms that choose a stretch of it."""
    lead, axis = shape.lead, shape.axis
    if lead == "either_number":
        number = names[lead]
        return [
            (f"{WALKED['caller_number']}_{axis}", (f"r.caller_number = {number}",)),
            (
                f"{WALKED['callee_number']}_{axis}",
                (f"r.callee_number = {number}", f"r.caller_number IS DISTINCT FROM {number}"),
            ),
        ]
    if lead in WALKED:
        return [(f"{WALKED[lead]}_{axis}", (_filter(lead, names),))]
    if lead == LANE:
        lanes = [
            [_filter(name, names)] if name in shape.filters else [f"r.{name} = {value}" for value in LANES[name]]
            for name in LANES
        ]
        return [(f"recordings_lane_by_{axis}", terms) for terms in product(*lanes)]
    if lead in SPANS:
        return [(SPANS[lead], (_span(lead, names),))]
    return [(SPANS[axis], ())]


def _leads(lead: str, name: str) -> bool:
    return lead == name or (lead == LANE and name in LANES)


def _filter(name: str, names: _Names) -> str:
    if name in UNVALUED:
        return UNVALUED[name]
    if name == "deleted_from":
        return f"(r.status > 0 OR r.deleted >= {names[name]})"
    if name == "either_number":
        return f"(r.caller_number = {names[name]} OR r.callee_number = {names[name]})"
    return f"r.{name} = {names[name]}"


def _span(name: str, names: _Names) -> str:
    return f"r.{name} >= {names[name + '_from']} AND r.{name} <= {names[name + '_through']}"


def _checked(name: str, names: _Names) -> str:
    """A filter that is checked on the way.  The plus keeps a planner from thinking of an index of the column's own."""
    plus = "+" if name in LANES else ""
    return plus + _filter(name, names)


def _checked_span(name: str, names: _Names) -> str:
    return f"+r.{name} >= {names[name + '_from']} AND +r.{name} <= {names[name + '_through']}"


def _status_terms(wanted: frozenset[int], known: frozenset[int]) -> tuple[str, ...]:
    if wanted == known:
        return ()
    return (f"+r.status IN ({', '.join(map(str, sorted(wanted)))})",)
