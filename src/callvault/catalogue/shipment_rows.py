"""Shipments: rows and rules.  What a recording tells of its shipment is written with the shipment's own row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from callvault.catalogue import entries
from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import SHIPMENT_STATE, SHIPMENT_STATE_OF, milliseconds, moment_of, uuid_of
from callvault.catalogue.entries import Written
from callvault.catalogue.shipments import Taken
from callvault.catalogue.steps import Row, Steps, ask_all, ask_each, ask_one
from callvault.errors import NotFound
from callvault.model.events import events_between
from callvault.model.recording import Status
from callvault.model.shipment import Shipment, ShipmentState, with_shipment
from callvault.model.wish import Push

WAITING = SHIPMENT_STATE[ShipmentState.WAITING]
_COLUMNS = "recording_id, account, url, method, state, tries, due, made, moved, status, error"
_ADD = (
    f"INSERT INTO shipments ({_COLUMNS}, leased, claims, clear)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING 1"
)
_TAKE = f"""
UPDATE shipments SET claims = claims + 1, leased = $2
WHERE recording_id IN (
    SELECT s.recording_id FROM shipments AS s /*+ shipments_waiting */
    WHERE s.state = {WAITING} AND s.due <= $1 AND s.leased <= $1 ORDER BY s.due LIMIT $3
) AND state = {WAITING} AND leased <= $1
RETURNING claims, {_COLUMNS}
"""
_DUE = (
    f"SELECT 1 FROM shipments /*+ shipments_waiting */ WHERE state = {WAITING} AND due <= $1 AND leased <= $1 LIMIT 1"
)
_SETTLE = (
    "UPDATE shipments SET state = $3, tries = $4, due = $5, moved = $6, status = $7, error = $8, leased = 0"
    " WHERE recording_id = $1 AND claims = $2 RETURNING 1"
)


def add(directory: Directory, shipment: Shipment) -> Steps[Written[bool]]:
    """See ``Shipments.add_shipment``."""
    serial = yield from directory.serial_or_refuse(shipment.account_id)
    fresh = yield from ask_all(
        _ADD,
        shipment.recording_id.bytes, serial, shipment.push.url, shipment.push.method, SHIPMENT_STATE[shipment.state],
        shipment.tries, milliseconds(shipment.due_at), milliseconds(shipment.made_at), milliseconds(shipment.moved_at),
        shipment.status, shipment.error,
    )  # fmt: skip
    if not fresh:
        return Written(result=False)
    return (yield from _told(directory, shipment, tells=False))


def find(directory: Directory, account_id: UUID, recording_id: UUID) -> Steps[Shipment | None]:
    """See ``Shipments.shipment``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(
        f"SELECT {_COLUMNS} FROM shipments WHERE recording_id = $1 AND account = $2", recording_id.bytes, serial
    )
    return None if found is None else _shipment_of(found, account_id)


def is_any_due(now: datetime) -> Steps[bool]:
    """Whether there is something to take."""
    return (yield from ask_one(_DUE, milliseconds(now))) is not None


def take(directory: Directory, now: datetime, until: datetime, most: int) -> Steps[Written[Sequence[Taken]]]:
    """See ``Shipments.take_shipments``."""
    rows = yield from ask_all(_TAKE, milliseconds(now), milliseconds(until), most)
    taken = []
    for number, *row in rows:
        account_id = yield from directory.id(row[1])
        taken.append(Taken(shipment=_shipment_of(row, account_id), number=number))
    return Written(sorted(taken, key=lambda each: each.shipment.due_at))


def hold(taken: Taken, until: datetime) -> Steps[Written[bool]]:
    """See ``Shipments.hold_shipment``."""
    held = yield from ask_all(
        f"UPDATE shipments SET leased = $3 WHERE recording_id = $1 AND claims = $2 AND state = {WAITING} RETURNING 1",
        taken.shipment.recording_id.bytes, taken.number, milliseconds(until),
    )  # fmt: skip
    return Written(bool(held))


def settle(directory: Directory, taken: Taken, after: Shipment) -> Steps[Written[bool]]:
    """See ``Shipments.settle_shipment``."""
    standing = yield from ask_all(
        _SETTLE,
        after.recording_id.bytes, taken.number, SHIPMENT_STATE[after.state], after.tries, milliseconds(after.due_at),
        milliseconds(after.moved_at), after.status, after.error and after.error.replace("\0", ""),
    )  # fmt: skip
    if not standing:
        return Written(result=False)
    return (yield from _told(directory, after, tells=after.state is not ShipmentState.WAITING))


def clear_ones(most: int) -> Steps[Sequence[tuple[UUID, str]]]:
    """See ``Shipments.clear_shipments``."""
    found = yield from ask_all(
        "SELECT s.recording_id, s.url FROM shipments AS s /*+ shipments_clear */ WHERE s.clear = 1 LIMIT $1", most
    )
    return [(uuid_of(recording_id), url) for recording_id, url in found]


def seal(urls: Sequence[tuple[UUID, str, str]]) -> Steps[Written[None]]:
    """See ``Shipments.seal_shipments``."""
    yield from ask_each(
        "UPDATE shipments SET url = $3, clear = 0 WHERE recording_id = $1 AND url = $2 RETURNING 1",
        [(recording_id.bytes, before, after) for recording_id, before, after in urls],
    )
    return Written(None)


def _told(directory: Directory, shipment: Shipment, *, tells: bool) -> Steps[Written[bool]]:
    """The recording says what became of it; ``tells``: and so do its hooks."""
    recording = yield from entries.get(directory, shipment.recording_id, shipment.account_id)
    if recording is None or recording.status is Status.DELETED:
        raise NotFound("recording", str(shipment.recording_id))
    after = with_shipment(recording, shipment)
    events = events_between(recording, after) if tells else ()
    changed = yield from entries.change(directory, after, recording.revision, events)
    return Written(result=True, deltas=changed.deltas)


def _shipment_of(row: Row, account_id: UUID) -> Shipment:
    recording_id, _, url, method, state, tries, due, made, moved, status, error = row
    return Shipment(
        recording_id=uuid_of(recording_id),
        account_id=account_id,
        push=Push(url=url, method=method),
        state=SHIPMENT_STATE_OF[state],
        tries=tries,
        due_at=moment_of(due),
        made_at=moment_of(made),
        moved_at=moment_of(moved),
        status=status,
        error=error,
    )
