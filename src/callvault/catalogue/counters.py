"""Counters: how many recordings an account has in each stretch of time, so that no list ever has to count rows.

For each account and axis there is a tree.  Its nodes are stretches of 2^shift milliseconds, numbered ``time >> shift``:
50 days, 37 hours and 70 minutes always, and below them 131 s, 4 s, 128 ms and 4 ms where more than ``CROWDED``
recordings lie in one stretch (a bulk import may put a million into one hour).  A node counts its recordings by status.
They are changed in the transaction that changes the row, one upsert a node, in a fixed order, never by row triggers:
these deadlock as soon as there are several writers.

An exact total is a sum over the roots; the rank of a moment a sum over one path (``count``); a page number becomes a
walk down one path (``find_leaf``) and an OFFSET within one leaf.  What does not live here: reading the recordings
themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from callvault.catalogue import codes
from callvault.catalogue.codes import EARLIEST, LATEST
from callvault.catalogue.steps import Steps, ask_all, ask_each, ask_one
from callvault.model.query import Axis

ROOT, MIDDLE, LEAF = 32, 27, 22
SHIFTS = (ROOT, MIDDLE, LEAF, 17, 12, 7, 2)
FINEST = SHIFTS[-1]
ALWAYS = (ROOT, MIDDLE, LEAF)
STEP_BITS = 5

CROWDED = 2048
"""Recordings in one leaf: what an OFFSET may have to pass over."""

AXIS = {Axis.CREATED: 0, Axis.STARTED: 1}
TIME_COLUMN = {Axis.CREATED: "created", Axis.STARTED: "started"}

COUNTED = {
    codes.DELETED: "deleted",
    1: "capturing",
    2: "paused",
    3: "processing",
    codes.AVAILABLE: "available",
    5: "failed",
}
"""The column of each status."""

_COLUMNS = tuple(COUNTED.values())
_NODE = "account, axis, shift, bucket"
_SUM = " + ".join(f"counters.{name}" for name in _COLUMNS)

_UPSERT = f"""
INSERT INTO counters ({_NODE}, {", ".join(_COLUMNS)}, split)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
ON CONFLICT ({_NODE}) DO UPDATE SET
    {", ".join(f"{name} = counters.{name} + excluded.{name}" for name in _COLUMNS)}
RETURNING split, {_SUM}
"""


class Delta(NamedTuple):
    """So many more (or fewer) recordings of one status at one moment."""

    account: int
    axis: int
    time: int
    status: int
    more: int


def deltas(account: int, row: tuple[int, int, int], more: int) -> tuple[Delta, Delta]:
    """What one recording's status, started and created times add to both trees."""
    status, started, created = row
    return (
        Delta(account, AXIS[Axis.CREATED], created, status, more),
        Delta(account, AXIS[Axis.STARTED], started, status, more),
    )


Node = tuple[int, int, int, int]
"""Account, axis, shift (negated, so that roots sort first), bucket."""


def apply(changes: Iterable[Delta]) -> Steps[None]:
    """Bring the counters up to date with rows that were changed in this transaction."""
    merged: dict[tuple[int, int, int, int], int] = {}
    for delta in changes:
        key = delta[:4]
        merged[key] = merged.get(key, 0) + delta.more
    pending = [Delta(*key, more) for key, more in merged.items() if more]
    shifts: Sequence[int] = ALWAYS
    while pending and shifts:
        nodes = _nodes(pending, shifts)
        answers = yield from ask_each(_UPSERT, [(*_numbers(node), *by_status) for node, by_status in nodes.items()])
        lowest = shifts[-1]
        split = set()
        for node, (is_split, total) in zip(nodes, answers, strict=True):
            if -node[2] != lowest:
                continue
            if is_split:
                split.add(node)
            elif total > CROWDED and lowest != FINEST:
                yield from _split(*_numbers(node))
        pending = [delta for delta in pending if (delta.account, delta.axis, -lowest, delta.time >> lowest) in split]
        shifts = [shift for shift in SHIFTS if shift < lowest][:1]


def _nodes(pending: Sequence[Delta], shifts: Sequence[int]) -> dict[Node, list[int]]:
    nodes: dict[Node, list[int]] = {}
    for account, axis, time, status, more in pending:
        for shift in shifts:
            by_status = nodes.setdefault((account, axis, -shift, time >> shift), [0] * len(COUNTED))
            by_status[status] += more
    return dict(sorted(nodes.items()))


def _numbers(node: Node) -> tuple[int, int, int, int]:
    return node[0], node[1], -node[2], node[3]


def _split(account: int, axis: int, shift: int, bucket: int) -> Steps[None]:
    """Count a crowded leaf's recordings in finer stretches, and theirs if they are crowded again."""
    finer = SHIFTS[SHIFTS.index(shift) + 1]
    yield from ask_all(
        f"UPDATE counters SET split = 1 WHERE {_is_node()} RETURNING shift", account, axis, shift, bucket
    )
    first = bucket << shift
    counted = yield from ask_all(_recount(axis, finer), account, first, first + (1 << shift) - 1)
    for child, total in counted:
        if total > CROWDED and finer != FINEST:
            yield from _split(account, axis, finer, child)


def _is_node() -> str:
    return " AND ".join(f"{name} = ${place}" for place, name in enumerate(_NODE.split(", "), 1))


@cache
def _recount(axis: int, shift: int) -> str:
    """Write the nodes of one shift anew, from the rows from ``$2`` through ``$3``."""
    time = {number: TIME_COLUMN[word] for word, number in AXIS.items()}[axis]
    by_status = ", ".join(f"CAST(sum(CASE WHEN r.status = {code} THEN 1 ELSE 0 END) AS BIGINT)" for code in COUNTED)
    living, odd = f"recordings_by_{time}", f"recordings_odd_by_{time}"
    between = f"{time} >= $2 AND {time} <= $3"
    return f"""
    INSERT INTO counters ({_NODE}, {", ".join(_COLUMNS)}, split)
    SELECT CAST($1 AS BIGINT), {axis}, {shift}, r.bucket, {by_status}, 0
    FROM (
        SELECT {time} >> {shift} AS bucket, status FROM recordings /*+ {living} */
        WHERE account = $1 AND status > 0 AND {between}
        UNION ALL
        SELECT {time} >> {shift}, status FROM recordings /*+ {odd} */
        WHERE account = $1 AND status = {codes.DELETED} AND status <> {codes.AVAILABLE} AND {between}
    ) AS r
    GROUP BY r.bucket
    RETURNING bucket, {_SUM.replace("counters.", "")}
    """


def recount(account: int) -> Steps[None]:
    """Count all of an account's recordings again: after they were loaded by other means, or to put things right."""
    yield from ask_all("DELETE FROM counters WHERE account = $1 RETURNING shift", account)
    for axis in AXIS.values():
        for shift in ALWAYS:
            counted = yield from ask_all(_recount(axis, shift), account, EARLIEST, LATEST)
            if shift == LEAF:
                for bucket, total in counted:
                    if total > CROWDED:
                        yield from _split(account, axis, shift, bucket)


def _summed(statuses: frozenset[int]) -> str:
    return " + ".join(COUNTED[status] for status in sorted(statuses)) or "0"


@cache
def _total_text(statuses: frozenset[int]) -> str:
    total = f"CAST(coalesce(sum({_summed(statuses)}), 0) AS BIGINT)"
    return f"SELECT {total} FROM counters WHERE account = $1 AND axis = $2 AND shift = {ROOT}"


def total(account: int, axis: Axis, statuses: frozenset[int]) -> Steps[int]:
    """All recordings of these statuses."""
    found = yield from ask_one(_total_text(statuses), account, AXIS[axis])
    return 0 if found is None else int(found[0])


class Rank(NamedTuple):
    """How many recordings are certainly earlier than a moment, and the leaf in which the rest has to be counted."""

    before: int
    leaf_from: int | None
    """The leaf's first millisecond; None where nothing is left to count."""


@cache
def _rank_text(statuses: frozenset[int]) -> str:
    """One row for each shift: what is before the path among the path's neighbours, and whether the path goes on."""
    return " UNION ALL ".join(
        f"SELECT {shift} AS shift,"
        f" CAST(coalesce(sum(CASE WHEN bucket < ${place} THEN {_summed(statuses)} ELSE 0 END), 0) AS BIGINT) AS before,"
        f" coalesce(max(CASE WHEN bucket = ${place} THEN 1 + split ELSE 0 END), 0) AS here"
        f" FROM counters WHERE account = $1 AND axis = $2 AND shift = {shift}"
        f" AND bucket <= ${place}" + ("" if shift == ROOT else f" AND bucket >= ${place + len(SHIFTS) - 1}")
        for place, shift in enumerate(SHIFTS, 3)
    )


def rank(account: int, axis: Axis, statuses: frozenset[int], moment: int) -> Steps[Rank]:
    """How many recordings are earlier than ``moment``, by the counters alone."""
    path = [moment >> shift for shift in SHIFTS]
    first_of_parent = [bucket >> STEP_BITS << STEP_BITS for bucket in path[1:]]
    found = yield from ask_all(_rank_text(statuses), account, AXIS[axis], *path, *first_of_parent)
    nodes: Mapping[int, tuple[int, int]] = {shift: (before, here) for shift, before, here in found}
    earlier = 0
    for shift, bucket in zip(SHIFTS, path, strict=True):
        before, here = nodes[shift]
        earlier += before
        if not here:
            return Rank(earlier, None)
        if shift <= LEAF and (here == 1 or shift == FINEST):
            return Rank(earlier, bucket << shift)
    raise AssertionError(SHIFTS)


class Leaf(NamedTuple):
    """Where the recording of a rank lies: so many after the first of a stretch."""

    first: int
    """The stretch's first millisecond."""
    skip: int


@cache
def _children_text(statuses: frozenset[int]) -> str:
    return (
        f"SELECT bucket, {_summed(statuses)}, split FROM counters"
        " WHERE account = $1 AND axis = $2 AND shift = $3 AND bucket >= $4 AND bucket <= $5 ORDER BY bucket"
    )


def find_leaf(account: int, axis: Axis, statuses: frozenset[int], rank_: int) -> Steps[Leaf | None]:
    """The leaf in which the recording lies that has ``rank_`` earlier ones; None where there are not so many."""
    text = _children_text(statuses)
    first, last = EARLIEST >> ROOT, LATEST >> ROOT
    for shift in SHIFTS:
        found = yield from ask_all(text, account, AXIS[axis], shift, first, last)
        here = None
        for bucket, counted, split in found:
            if rank_ < counted:
                here = bucket, split
                break
            rank_ -= counted
        if here is None:
            return None
        bucket, split = here
        if shift <= LEAF and (not split or shift == FINEST):
            return Leaf(bucket << shift, rank_)
        first, last = bucket << STEP_BITS, (bucket << STEP_BITS) + (1 << STEP_BITS) - 1
    raise AssertionError(SHIFTS)
