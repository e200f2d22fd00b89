"""Accounts' public keys: rows and rules."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import check_key, milliseconds, moment_of, uuid_of
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Row, Steps, ask_all, ask_one
from callvault.model.public_key import PublicKey

_COLUMNS = "id, name, pem, created, updated"


def keep(directory: Directory, key: PublicKey) -> Steps[Written[None]]:
    """See ``PublicKeys.keep_public_key``."""
    serial = yield from directory.serial_or_refuse(key.account_id)
    yield from ask_all(
        "INSERT INTO public_keys (id, account, name, pem, created, updated) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated = excluded.updated RETURNING id",
        key.id.bytes, serial, check_key(key.name, "name"), key.pem,
        milliseconds(key.created_at), milliseconds(key.updated_at),
    )  # fmt: skip
    return Written(None)


def find(directory: Directory, account_id: UUID, key_id: UUID) -> Steps[PublicKey | None]:
    """See ``PublicKeys.public_key``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(
        f"SELECT {_COLUMNS} FROM public_keys WHERE id = $1 AND account = $2", key_id.bytes, serial
    )
    return None if found is None else _key_of(found, account_id)


def of_account(directory: Directory, account_id: UUID) -> Steps[Sequence[PublicKey]]:
    """See ``PublicKeys.public_keys``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_all(
        f"SELECT {_COLUMNS} FROM public_keys WHERE account = $1 ORDER BY created DESC, id DESC", serial
    )
    return [_key_of(row, account_id) for row in found]


def remove(directory: Directory, account_id: UUID, key_id: UUID) -> Steps[Written[bool]]:
    """See ``PublicKeys.remove_public_key``."""
    serial = yield from directory.serial(account_id)
    removed = yield from ask_all(
        "DELETE FROM public_keys WHERE id = $1 AND account = $2 RETURNING id", key_id.bytes, serial
    )
    return Written(bool(removed))


def _key_of(row: Row, account_id: UUID) -> PublicKey:
    id_, name, pem, created, updated = row
    return PublicKey(
        id=uuid_of(id_),
        account_id=account_id,
        name=name,
        pem=pem,
        created_at=moment_of(created),
        updated_at=moment_of(updated),
    )
