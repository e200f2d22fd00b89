"""Trunks and captures: rows and rules."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from uuid import UUID

import orjson

from callvault.catalogue.accounts import Directory
from callvault.catalogue.capture_rows import add_capture
from callvault.catalogue.codes import check_key, milliseconds, moment_of, uuid_of
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Row, Steps, ask_all, ask_one
from callvault.errors import Conflict
from callvault.model.capture import Captured, Message, read_capture
from callvault.model.policy import SETTING
from callvault.model.trunk import Trunk

_COLUMNS = "t.id, a.id, a.settings, t.name, t.said, t.sealed, t.created, t.updated"
_KEEP = (
    "INSERT INTO trunks (id, account, name, said, sealed, created, updated) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, said = excluded.said, sealed = excluded.sealed,"
    " updated = excluded.updated RETURNING id"
)
_ALL = f"SELECT {_COLUMNS} FROM trunks AS t JOIN accounts AS a ON a.serial = t.account"


def keep(directory: Directory, trunk: Trunk) -> Steps[Written[None]]:
    """See ``Trunks.keep_trunk``."""
    serial = yield from directory.serial_or_refuse(trunk.account_id)
    name = check_key(trunk.name, "name")
    if (yield from ask_one("SELECT 1 FROM trunks WHERE name = $1 AND id <> $2", name, trunk.id.bytes)):
        raise Conflict(f"There is a trunk {trunk.name!r} already; choose another name, or remove that one first.")
    yield from ask_all(
        _KEEP, trunk.id.bytes, serial, name, _said(trunk), trunk.sealed_digests,
        milliseconds(trunk.created_at), milliseconds(trunk.updated_at),
    )  # fmt: skip
    return Written(None)


def find(account_id: UUID | None) -> Steps[Sequence[Trunk]]:
    """See ``Trunks.trunks``."""
    if account_id is None:
        found = yield from ask_all(f"{_ALL} ORDER BY t.name")
    else:
        found = yield from ask_all(f"{_ALL} WHERE a.id = $1 ORDER BY t.name", account_id.bytes)
    return [_trunk_of(row) for row in found]


def revise(trunk: Trunk) -> Steps[Written[bool]]:
    """See ``Trunks.revise_trunk``."""
    revised = yield from ask_all("UPDATE trunks SET said = $2 WHERE id = $1 RETURNING 1", trunk.id.bytes, _said(trunk))
    return Written(bool(revised))


def remove(trunk_id: UUID) -> Steps[Written[bool]]:
    """See ``Trunks.remove_trunk``."""
    return Written(bool((yield from ask_all("DELETE FROM trunks WHERE id = $1 RETURNING id", trunk_id.bytes))))


def keep_capture(
    directory: Directory, account_id: UUID, recording_id: UUID, captured: Captured
) -> Steps[Written[None]]:
    """See ``Trunks.keep_capture``."""
    serial = yield from directory.serial_or_refuse(account_id)
    yield from add_capture(serial, recording_id, captured)
    return Written(None)


def capture_of(directory: Directory, account_id: UUID, recording_id: UUID) -> Steps[Captured | None]:
    """See ``Trunks.capture_of``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(
        "SELECT capture, exchange FROM captures WHERE recording_id = $1 AND account = $2", recording_id.bytes, serial
    )
    if found is None:
        return None
    capture, exchange = map(orjson.loads, found)
    return Captured(capture=read_capture(capture), exchange=tuple(Message(**message) for message in exchange))


def _said(trunk: Trunk) -> str:
    said = {
        "networks": [str(network) for network in trunk.networks],
        "username": trunk.username,
        "certificate": trunk.certificate,
        "user_id": trunk.user_id,
        "connection_id": trunk.connection_id,
        "settings": dict(trunk.settings),
    }
    return orjson.dumps(said).decode()


def _trunk_of(row: Row) -> Trunk:
    id_, account, settings, name, text, sealed, created, updated = row
    said = orjson.loads(text)
    return Trunk(
        id=uuid_of(id_),
        account_id=uuid_of(account),
        name=name,
        networks=tuple(ip_network(network) for network in said["networks"]),
        username=said["username"],
        sealed_digests=sealed,
        certificate=said["certificate"],
        user_id=UUID(said["user_id"]) if said["user_id"] else None,
        connection_id=said["connection_id"],
        settings=said["settings"],
        account_policy=orjson.loads(settings).get(SETTING),
        created_at=moment_of(created),
        updated_at=moment_of(updated),
    )
