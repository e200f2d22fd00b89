"""Accounts' own stores: rows and rules."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from callvault.catalogue import codes
from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import check_key, keepable, milliseconds, moment_of, uuid_of
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Row, Steps, ask_all, ask_one
from callvault.errors import Conflict
from callvault.model.storage import SealedStorage, store_name

_COLUMNS = "id, connection_id, sealed, created, updated, dropped"
_HOLDS = (
    "SELECT 1 FROM recordings AS r /*+ recordings_elsewhere */"
    f" WHERE r.account = $1 AND r.media_store = $2 AND r.media_store <> 'main'"
    f" AND r.status > 0 AND r.media_state <= {codes.LAST_HEARABLE} LIMIT 1"
)


def keep(directory: Directory, storage: SealedStorage) -> Steps[Written[None]]:
    """See ``Storages.keep_storage``."""
    serial = yield from directory.serial_or_refuse(storage.account_id)
    connection = check_key(storage.connection_id, "connection_id")
    updated = milliseconds(storage.updated_at)
    yield from ask_all(
        "UPDATE storages SET dropped = $3"
        " WHERE account = $1 AND connection_id = $2 AND dropped IS NULL AND id <> $4 RETURNING id",
        serial, connection, updated, storage.id.bytes,
    )  # fmt: skip
    kept = yield from ask_all(
        "UPDATE storages SET sealed = $3, updated = $4 WHERE id = $1 AND account = $2 AND dropped IS NULL RETURNING id",
        storage.id.bytes, serial, storage.sealed, updated,
    )  # fmt: skip
    if not kept:
        kept = yield from ask_all(
            "INSERT INTO storages (id, account, connection_id, sealed, created, updated)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
            storage.id.bytes, serial, connection, storage.sealed, milliseconds(storage.created_at), updated,
        )  # fmt: skip
    if not kept:
        raise Conflict("A store was chosen for this connection by somebody else at the same time; try again.")
    return Written(None)


def in_force(directory: Directory, account_id: UUID, connection_id: str) -> Steps[SealedStorage | None]:
    """See ``Storages.storage_for``."""
    serial = yield from directory.serial(account_id)
    if serial is None or not keepable(connection_id):
        return None
    found = yield from ask_one(
        f"SELECT {_COLUMNS} FROM storages WHERE account = $1 AND connection_id = $2 AND dropped IS NULL",
        serial, connection_id,
    )  # fmt: skip
    return None if found is None else _storage_of(found, account_id)


def by_id(directory: Directory, storage_id: UUID) -> Steps[SealedStorage | None]:
    """See ``Storages.storage``."""
    found = yield from ask_one(f"SELECT account, {_COLUMNS} FROM storages WHERE id = $1", storage_id.bytes)
    if found is None:
        return None
    serial, *row = found
    return _storage_of(row, (yield from directory.id(serial)))


def drop(directory: Directory, account_id: UUID, connection_id: str, at: datetime) -> Steps[Written[bool]]:
    """See ``Storages.drop_storage``."""
    serial = yield from directory.serial(account_id)
    if serial is None or not keepable(connection_id):
        return Written(result=False)
    dropped = yield from ask_all(
        "UPDATE storages SET dropped = $3 WHERE account = $1 AND connection_id = $2 AND dropped IS NULL RETURNING id",
        serial, connection_id, milliseconds(at),
    )  # fmt: skip
    return Written(bool(dropped))


def forget(before: datetime) -> Steps[Written[int]]:
    """See ``Storages.forget_storages``."""
    found = yield from ask_all("SELECT account, id FROM storages WHERE dropped < $1", milliseconds(before))
    forgotten = 0
    for serial, id_ in found:
        if (yield from ask_one(_HOLDS, serial, store_name(uuid_of(id_)))) is None:
            yield from ask_all("DELETE FROM storages WHERE id = $1 RETURNING id", id_)
            forgotten += 1
    return Written(forgotten)


def _storage_of(row: Row, account_id: UUID) -> SealedStorage:
    id_, connection_id, sealed, created, updated, dropped = row
    return SealedStorage(
        id=uuid_of(id_),
        account_id=account_id,
        connection_id=connection_id,
        sealed=bytes(sealed),
        created_at=moment_of(created),
        updated_at=moment_of(updated),
        dropped_at=None if dropped is None else moment_of(dropped),
    )
