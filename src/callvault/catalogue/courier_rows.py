"""What a courier does to deliveries: finds those that are due, takes some, settles them, gives them back, forgets them.

A delivery that is taken stays ``WAITING``; its lease keeps others off, and its claim's number keeps off a courier whose
lease is over and who does not know it.  What happened to a recording later waits for what happened earlier, however
long that takes; until then it is given the same time, so that nobody looks at it in vain.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from callvault.catalogue.accounts import account_of
from callvault.catalogue.codes import DELIVERY_STATE, milliseconds, uuid_of
from callvault.catalogue.deliveries import COLUMNS, WAITING, delivery_of
from callvault.catalogue.hooks import SELECTED as HOOK
from callvault.catalogue.hooks import hook_of
from callvault.catalogue.outbox import Claim, Claims
from callvault.catalogue.rows import json_text
from callvault.catalogue.steps import Steps, ask_all, ask_each, ask_one
from callvault.errors import BadRequest
from callvault.model.hook import Attempt, Delivery, DeliveryState

log = logging.getLogger("callvault.catalogue")

_GIVEN_UP = DELIVERY_STATE[DeliveryState.GIVEN_UP]

_DUE = f"""
WITH RECURSIVE lines (hook_id) AS (
    SELECT f.hook_id FROM (
        SELECT d.hook_id FROM deliveries AS d /*+ deliveries_waiting */
        WHERE d.state = {WAITING} ORDER BY d.hook_id LIMIT 1
    ) AS f
    UNION ALL
    SELECT (
        SELECT d.hook_id FROM deliveries AS d /*+ deliveries_waiting */
        WHERE d.state = {WAITING} AND d.hook_id > lines.hook_id ORDER BY d.hook_id LIMIT 1
    ) FROM lines WHERE lines.hook_id IS NOT NULL
)
SELECT l.hook_id, (
    SELECT d.due FROM deliveries AS d /*+ deliveries_waiting */
    WHERE d.state = {WAITING} AND d.hook_id = l.hook_id AND d.leased <= $1 ORDER BY d.due LIMIT 1
) FROM lines AS l WHERE l.hook_id IS NOT NULL
"""
"""From one hook with something waiting to the next: as many steps as there are such hooks, however much waits."""

_CLAIM = f"""
UPDATE deliveries SET claims = claims + 1, leased = $3
WHERE id IN (
    SELECT d.id FROM deliveries AS d /*+ deliveries_waiting */
    WHERE d.state = {WAITING} AND d.hook_id = $1 AND d.due <= $2 AND d.leased <= $2 AND NOT EXISTS (
        SELECT 1 FROM deliveries AS e /*+ deliveries_in_line */
        WHERE e.state = {WAITING} AND e.hook_id = d.hook_id AND e.recording_id = d.recording_id AND e.turn < d.turn
    )
    ORDER BY d.due, d.turn LIMIT $4
) AND state = {WAITING} AND leased <= $2
RETURNING turn, claims, {", ".join(COLUMNS)}
"""

_SETTLE = """
UPDATE deliveries SET state = $3, attempts = $4, stage = $5, tries = $6, due = $7, leased = 0
WHERE id = $1 AND claims = $2 RETURNING 1
"""

_NOTE = """
INSERT INTO attempts (delivery_id, number, began, method, url, headers, body, status, answer, failure, error, took_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING 1
"""

_THOSE_BEHIND = f"""
UPDATE deliveries /*+ deliveries_in_line */ SET due = $3
WHERE state = {WAITING} AND hook_id = $1 AND recording_id = $2 AND id <> $4 RETURNING 1
"""

_OLD = f"""
DELETE FROM deliveries WHERE id IN (
    SELECT d.id FROM deliveries AS d /*+ deliveries_settled */
    WHERE d.happened < $1 AND d.state <> {WAITING} ORDER BY d.happened LIMIT $2
) RETURNING id
"""


def due_hooks(now: datetime) -> Steps[list[UUID]]:
    """See ``Outbox.due_hooks``."""
    moment = milliseconds(now)
    found = yield from ask_all(_DUE, moment)
    due = sorted((first, uuid_of(hook_id)) for hook_id, first in found if first is not None and first <= moment)
    return [hook_id for _, hook_id in due]


def claim(hook_id: UUID, now: datetime, until: datetime, most: int) -> Steps[Claims | None]:
    """See ``Outbox.claim``."""
    taken = yield from ask_all(_CLAIM, hook_id.bytes, milliseconds(now), milliseconds(until), most)
    if not taken:
        return None
    found = yield from ask_one(
        f"SELECT a.id, a.serial, a.name, a.created, a.settings, {HOOK}"
        " FROM hooks AS h JOIN accounts AS a ON a.serial = h.account WHERE h.id = $1",
        hook_id.bytes,
    )
    if found is None:
        return None
    account = account_of(found[:5])
    items = []
    for _, number, *row in sorted(taken, key=lambda row: row[0]):
        try:
            items.append(Claim(delivery=delivery_of(row, account.id), number=number))
        except BadRequest as error:
            log.error("delivery %s cannot be read and is given up: %s", uuid_of(row[0]), error)  # noqa: TRY400
            yield from ask_all(f"UPDATE deliveries SET state = {_GIVEN_UP} WHERE id = $1 RETURNING 1", row[0])
    return Claims(hook=hook_of(found[5:], account.id), account=account, items=tuple(items))


def settle(claimed: Claim, after: Delivery, attempt: Attempt) -> Steps[bool]:
    """See ``Outbox.settle``."""
    due = milliseconds(after.due_at)
    yield from ask_all(
        _NOTE,
        after.id.bytes, claimed.number, milliseconds(attempt.at), attempt.method, attempt.url,
        json_text(attempt.headers), attempt.body, attempt.status, attempt.answer, attempt.failure,
        attempt.error and attempt.error.replace("\0", ""), attempt.took_ms,
    )  # fmt: skip
    standing = yield from ask_all(
        _SETTLE,
        after.id.bytes, claimed.number, DELIVERY_STATE[after.state], after.attempts, after.stage, after.tries, due,
    )  # fmt: skip
    if standing and (after.attempts > 1 or after.state is DeliveryState.WAITING):
        hook_id, recording_id = after.hook_id.bytes, after.event.recording_id.bytes
        yield from ask_all(_THOSE_BEHIND, hook_id, recording_id, due, after.id.bytes)
    return bool(standing)


def let_go(claims: Sequence[Claim]) -> Steps[None]:
    """See ``Outbox.let_go``."""
    yield from ask_each(
        "UPDATE deliveries SET leased = 0 WHERE id = $1 AND claims = $2 RETURNING 1",
        sorted((claimed.delivery.id.bytes, claimed.number) for claimed in claims),
    )


def forget(before: datetime, most: int) -> Steps[int]:
    """See ``Outbox.forget_deliveries``."""
    gone = yield from ask_all(_OLD, milliseconds(before), most)
    yield from ask_each("DELETE FROM attempts WHERE delivery_id = $1 RETURNING 1", sorted(tuple(row) for row in gone))
    return len(gone)
