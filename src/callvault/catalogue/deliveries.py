"""Deliveries: posted with the change that they tell of, and looked at afterwards.  Sending them: ``courier_rows``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import (
    DELIVERY_STATE,
    DELIVERY_STATE_OF,
    EVENT,
    EVENT_OF,
    milliseconds,
    moment_of,
    uuid_of,
)
from callvault.catalogue.hooks import find_hook, listeners
from callvault.catalogue.rows import json_text
from callvault.catalogue.steps import Row, Steps, ask_all, ask_each, ask_one
from callvault.errors import Conflict, NotFound
from callvault.model.card import Card, read_card
from callvault.model.events import Event
from callvault.model.hook import Attempt, Delivery, DeliveryQuery, DeliveryState, Failure, delivery_id
from callvault.model.query import Slice
from callvault.model.recording import Recording
from callvault.model.written_card import write_card

COLUMNS = (
    "id",
    "hook_id",
    "recording_id",
    "event_id",
    "kind",
    "happened",
    "state",
    "attempts",
    "stage",
    "tries",
    "due",
    "card",
)
SELECTED = ", ".join(f"d.{name}" for name in COLUMNS)
WAITING = DELIVERY_STATE[DeliveryState.WAITING]

_POST = (
    "INSERT INTO deliveries (id, account, hook_id, recording_id, event_id, kind, happened, turn, state, attempts,"
    f" stage, tries, due, leased, claims, card) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {WAITING}, 0, 0, 0, $9, 0, 0,"
    " $10) ON CONFLICT DO NOTHING RETURNING 1"
)
_MOST_EVENTS = 16
"""Of one change; a place in the order is the change's revision and the event's place in it."""


def post(serial: int, recording: Recording, events: Sequence[Event], *, fresh: bool) -> Steps[None]:
    """Write a delivery for each event and each hook that asks for it.  ``fresh``: nothing can be waiting before it."""
    if not events:
        return
    hooks = yield from listeners(serial, recording.id)
    wanted = [
        (hook_id, place, event) for hook_id, kinds in hooks for place, event in enumerate(events) if event.kind in kinds
    ]
    if not wanted:
        return
    waits: dict[bytes, int] = {}
    if not fresh:
        for hook_id in {hook_id for hook_id, _, _ in wanted}:
            waits[hook_id] = yield from _latest_due(hook_id, recording.id)
    card = json_text(write_card(recording))
    yield from ask_each(
        _POST,
        [
            (
                delivery_id(UUID(bytes=hook_id), event).bytes,
                serial,
                hook_id,
                recording.id.bytes,
                event.id.bytes,
                EVENT[event.kind],
                milliseconds(event.at),
                recording.revision * _MOST_EVENTS + place,
                max(milliseconds(event.at), waits.get(hook_id, 0)),
                card,
            )
            for hook_id, place, event in wanted
        ],
    )


def _latest_due(hook_id: bytes, recording_id: UUID) -> Steps[int]:
    """Until when what happened earlier has to wait: what comes after it need not be looked at before."""
    found = yield from ask_one(
        "SELECT max(d.due) FROM deliveries AS d /*+ deliveries_in_line */"
        f" WHERE d.hook_id = $1 AND d.recording_id = $2 AND d.state = {WAITING}",
        hook_id, recording_id.bytes,
    )  # fmt: skip
    return 0 if found is None or found[0] is None else int(found[0])


def delivery_of(row: Row, account_id: UUID) -> Delivery:
    """The delivery in a row of ``COLUMNS``.

    Raises:
        BadRequest: its card cannot be read.
    """
    id_, hook_id, recording_id, event_id, kind, happened, state, attempts, stage, tries, due, card = row
    event = Event(
        id=uuid_of(event_id),
        account_id=account_id,
        recording_id=uuid_of(recording_id),
        kind=EVENT_OF[kind],
        at=moment_of(happened),
    )
    return Delivery(
        id=uuid_of(id_),
        hook_id=uuid_of(hook_id),
        event=event,
        recording=_recording(read_card(orjson.loads(card)), account_id),
        state=DELIVERY_STATE_OF[state],
        attempts=attempts,
        stage=stage,
        tries=tries,
        due_at=moment_of(due),
    )


def _recording(card: Card, account_id: UUID) -> Recording:
    """The recording that a whole card describes."""
    known: dict[str, Any] = {entry.name: getattr(card, entry.name) for entry in fields(Card)}
    return Recording(account_id=account_id, **{name: value for name, value in known.items() if value is not None})


def find(directory: Directory, query: DeliveryQuery) -> Steps[Slice[Delivery]]:
    """See ``Outbox.find_deliveries``."""
    serial = yield from directory.serial(query.account_id)
    values: list[Any] = [serial, query.limit + 1]
    terms = ["d.account = $1"]
    for column, value in (
        ("hook_id", query.hook_id and query.hook_id.bytes),
        ("recording_id", query.recording_id and query.recording_id.bytes),
        ("state", query.state and DELIVERY_STATE[query.state]),
    ):
        if value is not None:
            values.append(value)
            terms.append(f"d.{column} = ${len(values)}")
    if query.before is not None:
        values.append(query.before.bytes)
        terms.append(f"d.id < ${len(values)}")
    found = yield from ask_all(
        f"SELECT {SELECTED} FROM deliveries AS d WHERE {' AND '.join(terms)} ORDER BY d.id DESC LIMIT $2", *values
    )
    items = tuple(delivery_of(row, query.account_id) for row in found[: query.limit])
    return Slice(items=items, more=len(found) > query.limit)


def get(directory: Directory, account_id: UUID, id_: UUID) -> Steps[tuple[Delivery, list[Attempt]] | None]:
    """See ``Outbox.delivery``."""
    delivery = yield from _one(directory, account_id, id_)
    if delivery is None:
        return None
    found = yield from ask_all(
        "SELECT a.began, a.method, a.url, a.headers, a.body, a.status, a.answer, a.failure, a.error, a.took_ms"
        " FROM attempts AS a WHERE a.delivery_id = $1 ORDER BY a.number",
        id_.bytes,
    )
    return delivery, [_attempt(row) for row in found]


def replay(directory: Directory, account_id: UUID, id_: UUID, at: datetime) -> Steps[Delivery]:
    """See ``Outbox.replay``."""
    delivery = yield from _one(directory, account_id, id_)
    if delivery is None:
        raise NotFound("delivery", str(id_))
    hook = yield from find_hook(directory, account_id, delivery.hook_id)
    if hook is None or hook.removed_at is not None:
        raise Conflict("The hook of this delivery was removed; nothing goes there any more.")
    yield from ask_all(
        f"UPDATE deliveries SET state = {WAITING}, attempts = 0, stage = 0, tries = 0, due = $2, leased = 0,"
        " claims = claims + 1 WHERE id = $1 RETURNING 1",
        id_.bytes, milliseconds(at),
    )  # fmt: skip
    anew = yield from _one(directory, account_id, id_)
    return anew or delivery


def _one(directory: Directory, account_id: UUID, id_: UUID) -> Steps[Delivery | None]:
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(
        f"SELECT {SELECTED} FROM deliveries AS d WHERE d.id = $1 AND d.account = $2", id_.bytes, serial
    )
    return None if found is None else delivery_of(found, account_id)


def _attempt(row: Row) -> Attempt:
    began, method, url, headers, body, status, answer, failure, error, took_ms = row
    return Attempt(
        at=moment_of(began),
        method=method,
        url=url,
        headers=tuple((name, value) for name, value in orjson.loads(headers)),
        body=bytes(body),
        status=status,
        answer=bytes(answer),
        failure=None if failure is None else Failure(failure),
        error=error,
        took_ms=took_ms,
    )
