"""Hooks: rows and rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import DELIVERY_STATE, check_key, milliseconds, moment_of, uuid_of
from callvault.catalogue.rows import json_text
from callvault.catalogue.steps import Row, Steps, ask_all, ask_one
from callvault.errors import Conflict, NotFound
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryState, Hook

EVERY_RECORDING = b""
"""What stands for the recording where a hook is for all."""

COLUMNS = (
    "id",
    "recording_id",
    "dialect",
    "url",
    "failover_url",
    "method",
    "events",
    "username",
    "sealed_password",
    "options",
    "created",
    "removed",
)
SELECTED = ", ".join(f"h.{name}" for name in COLUMNS)
_IN_FORCE = (
    f"SELECT {SELECTED} FROM hooks AS h /*+ hooks_in_force */"
    " WHERE h.account = $1 AND h.recording_id = $2 AND h.removed IS NULL"
)
_WAITING, _GIVEN_UP = DELIVERY_STATE[DeliveryState.WAITING], DELIVERY_STATE[DeliveryState.GIVEN_UP]


def hook_of(row: Row, account_id: UUID) -> Hook:
    """The hook in a row of ``COLUMNS``."""
    id_, recording, dialect, url, failover, method, events, username, sealed, options, created, removed = row
    return Hook(
        id=uuid_of(id_),
        account_id=account_id,
        recording_id=uuid_of(recording) if recording else None,
        dialect=dialect,
        url=url,
        failover_url=failover,
        method=method,
        events=frozenset(EventKind(word) for word in events.split()),
        username=username,
        sealed_password=None if sealed is None else bytes(sealed),
        options=orjson.loads(options),
        created_at=moment_of(created),
        removed_at=None if removed is None else moment_of(removed),
    )


def add_hook(directory: Directory, hook: Hook) -> Steps[None]:
    """See ``Outbox.add_hook``."""
    serial = yield from directory.serial_or_refuse(hook.account_id)
    values: tuple[Any, ...] = (
        hook.id.bytes, hook.recording_id.bytes if hook.recording_id else EVERY_RECORDING,
        check_key(hook.dialect, "dialect"), check_key(hook.url, "url"), check_key(hook.failover_url, "failover_url"),
        check_key(hook.method, "method"), " ".join(sorted(hook.events)), check_key(hook.username, "username"),
        hook.sealed_password, json_text(hook.options), milliseconds(hook.created_at), None,
    )  # fmt: skip
    places = ", ".join(f"${place}" for place in range(1, len(values) + 2))
    kept = yield from ask_all(
        f"INSERT INTO hooks (account, {', '.join(COLUMNS)}) VALUES ({places}) ON CONFLICT DO NOTHING RETURNING 1",
        serial, *values,
    )  # fmt: skip
    if not kept:
        raise Conflict("There is a hook with this id already.")


def remove_hook(directory: Directory, account_id: UUID, hook_id: UUID, at: datetime) -> Steps[Hook]:
    """See ``Outbox.remove_hook``."""
    serial = yield from directory.serial(account_id)
    removed = yield from ask_all(
        "UPDATE hooks SET removed = $3 WHERE id = $1 AND account = $2 AND removed IS NULL RETURNING 1",
        hook_id.bytes, serial, milliseconds(at),
    )  # fmt: skip
    hook = yield from find_hook(directory, account_id, hook_id)
    if not removed or hook is None:
        raise NotFound("hook", str(hook_id))
    yield from ask_all(
        f"UPDATE deliveries /*+ deliveries_waiting */ SET state = {_GIVEN_UP}"
        f" WHERE hook_id = $1 AND state = {_WAITING} RETURNING 1",
        hook_id.bytes,
    )
    return hook


def find_hook(directory: Directory, account_id: UUID, hook_id: UUID) -> Steps[Hook | None]:
    """See ``Outbox.hook``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(
        f"SELECT {SELECTED} FROM hooks AS h WHERE h.id = $1 AND h.account = $2", hook_id.bytes, serial
    )
    return None if found is None else hook_of(found, account_id)


def hooks_in_force(directory: Directory, account_id: UUID, recording_id: UUID | None) -> Steps[Sequence[Hook]]:
    """See ``Outbox.hooks``."""
    serial = yield from directory.serial(account_id)
    of = recording_id.bytes if recording_id else EVERY_RECORDING
    found = yield from ask_all(f"{_IN_FORCE} ORDER BY h.created, h.id", serial, of)
    return [hook_of(row, account_id) for row in found]


def listeners(serial: int, recording_id: UUID) -> Steps[list[tuple[bytes, frozenset[str]]]]:
    """The hooks that may want to know of a recording, each with the events that it asks for."""
    found = yield from ask_all(
        "SELECT h.id, h.events FROM hooks AS h /*+ hooks_in_force */"
        " WHERE h.account = $1 AND h.recording_id IN ($2, $3) AND h.removed IS NULL",
        serial, recording_id.bytes, EVERY_RECORDING,
    )  # fmt: skip
    return [(bytes(id_), frozenset(events.split())) for id_, events in found]
