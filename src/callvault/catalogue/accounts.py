"""Accounts, their users and their keys: rows and rules.

An account's serial stands for it in every other table.  Accounts are never removed and keep their serial, so that the
``Directory`` may remember both for as long as the program runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from callvault.catalogue.codes import check_key, keepable, milliseconds, moment_of, uuid_of
from callvault.catalogue.rows import json_text
from callvault.catalogue.steps import Row, Steps, ask_all, ask_one
from callvault.errors import CatalogueError, Conflict, NotFound
from callvault.model.actor import Account, Key, Scope, User

Revision = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""From settings as they are to settings as they shall be."""
FIRST_SERIAL = 10_000_001
_LARGEST = (1 << 63) - 1

_ACCOUNT = "a.id, a.serial, a.name, a.created, a.settings"
_USER = "id, name, created, credential_digests"
_KEY = "k.id, k.label, k.scopes, k.secret_hash, k.sealed, k.created, k.revoked"

_FREE_SERIAL = f"""
SELECT min(c.serial)
FROM (
    SELECT {FIRST_SERIAL} AS serial
    UNION ALL
    SELECT serial + 1 FROM accounts WHERE serial >= {FIRST_SERIAL}
) AS c
WHERE NOT EXISTS (SELECT 1 FROM accounts AS a WHERE a.serial = c.serial)
"""
"""The first that is free: one that was chosen by hand far above does not carry the others off with it."""


def account_of(row: Row) -> Account:
    """The account in a row."""
    id_, serial, name, created, settings = row
    return Account(
        id=uuid_of(id_), serial=serial, name=name, created_at=moment_of(created), settings=orjson.loads(settings)
    )


def user_of(row: Row, account_id: UUID) -> User:
    """The user in a row."""
    id_, name, created, digests = row
    return User(
        id=uuid_of(id_),
        account_id=account_id,
        name=name,
        created_at=moment_of(created),
        credential_digests=orjson.loads(digests),
    )


def key_of(row: Row, account_id: UUID) -> Key:
    """The key in a row."""
    id_, label, scopes, secret_hash, sealed, created, revoked = row
    return Key(
        id=id_,
        account_id=account_id,
        label=label,
        scopes=frozenset(Scope(word) for word in scopes.split()),
        secret_hash=secret_hash,
        sealed=sealed,
        created_at=moment_of(created),
        revoked_at=None if revoked is None else moment_of(revoked),
    )


class Directory:
    """Which serial is whose, as far as it was asked."""

    def __init__(self) -> None:
        self._serials: dict[UUID, int] = {}
        self._ids: dict[int, UUID] = {}

    def serial(self, account_id: UUID) -> Steps[int | None]:
        """An account's serial, for readers; None where there is no such account."""
        serial = self._serials.get(account_id)
        if serial is None:
            serial = yield from _serial(account_id)
            if serial is not None:
                self._serials[account_id] = serial
        return serial

    def serial_or_refuse(self, account_id: UUID) -> Steps[int]:
        """An account's serial, for writers, who may see what is not committed yet and so remember nothing.

        Raises:
            NotFound: there is no such account.
        """
        serial = self._serials.get(account_id) or (yield from _serial(account_id))
        if serial is None:
            raise NotFound("account", str(account_id))
        return serial

    def id(self, serial: int) -> Steps[UUID]:
        """The account whose serial stands in a row, for readers."""
        account_id = self._ids.get(serial)
        if account_id is None:
            found = yield from ask_one("SELECT id FROM accounts WHERE serial = $1", serial)
            if found is None:
                raise CatalogueError(f"A recording is of the account {serial}, which is not there.")
            account_id = self._ids[serial] = uuid_of(found[0])
        return account_id


def _serial(account_id: UUID) -> Steps[int | None]:
    found = yield from ask_one("SELECT serial FROM accounts WHERE id = $1", account_id.bytes)
    return None if found is None else int(found[0])


def add_account(account: Account) -> Steps[Account]:
    """See ``Catalogue.add_account``."""
    serial = account.serial
    if serial == 0:
        found = yield from ask_one(_FREE_SERIAL)
        serial = FIRST_SERIAL if found is None else found[0]
    name, created = check_key(account.name, "name"), milliseconds(account.created_at)
    kept = yield from ask_all(
        "INSERT INTO accounts (id, serial, name, created, settings) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING RETURNING serial",
        account.id.bytes, serial, name, created, json_text(account.settings),
    )  # fmt: skip
    if not kept:
        if (yield from ask_one("SELECT 1 FROM accounts WHERE name = $1", name)):
            raise Conflict(f"There is an account named {name!r} already.")
        if account.serial == 0 and not (yield from ask_one("SELECT 1 FROM accounts WHERE id = $1", account.id.bytes)):
            return (yield from add_account(account))  # another account was given this serial meanwhile
        raise Conflict("There is an account with this id or this serial already.")
    return replace(account, serial=serial, created_at=moment_of(created))


def find_account(account_id: UUID) -> Steps[Account | None]:
    """One account by its id."""
    found = yield from ask_one(f"SELECT {_ACCOUNT} FROM accounts AS a WHERE a.id = $1", account_id.bytes)
    return None if found is None else account_of(found)


def find_account_named(name: str) -> Steps[Account | None]:
    """One account by its name, or by its id or serial in text form."""
    if not keepable(name):
        return None
    found = yield from ask_one(f"SELECT {_ACCOUNT} FROM accounts AS a WHERE a.name = $1", name)
    if found is None and name.isascii() and name.isdigit() and len(name) < 20 and int(name) <= _LARGEST:
        found = yield from ask_one(f"SELECT {_ACCOUNT} FROM accounts AS a WHERE a.serial = $1", int(name))
    if found is not None:
        return account_of(found)
    try:
        account_id = UUID(name)
    except ValueError:
        return None
    return (yield from find_account(account_id))


def all_accounts() -> Steps[Sequence[Account]]:
    """Oldest first."""
    found = yield from ask_all(f"SELECT {_ACCOUNT} FROM accounts AS a ORDER BY a.created, a.serial")
    return [account_of(row) for row in found]


def change_account(account_id: UUID, settings: Mapping[str, Any]) -> Steps[Account]:
    """See ``Catalogue.change_account``."""
    yield from ask_all("UPDATE accounts SET settings = $2 WHERE id = $1", account_id.bytes, json_text(settings))
    account = yield from find_account(account_id)
    if account is None:
        raise NotFound("account", str(account_id))
    return account


def revise_account(account_id: UUID, anew: Revision) -> Steps[Account]:
    """See ``Catalogue.revise_account``."""
    sql = "SELECT settings FROM accounts WHERE id = $1 /*pg FOR UPDATE */"
    found = yield from ask_one(sql, account_id.bytes)
    if found is None:
        raise NotFound("account", str(account_id))
    return (yield from change_account(account_id, anew(orjson.loads(found[0]))))


def add_user(directory: Directory, user: User) -> Steps[None]:
    """See ``Catalogue.add_user``."""
    serial = yield from directory.serial_or_refuse(user.account_id)
    name = check_key(user.name, "name")
    kept = yield from ask_all(
        "INSERT INTO users (id, account, name, created, credential_digests) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING RETURNING name",
        user.id.bytes, serial, name, milliseconds(user.created_at), json_text(user.credential_digests),
    )  # fmt: skip
    if not kept:
        if (yield from ask_one("SELECT 1 FROM users WHERE account = $1 AND name = $2", serial, name)):
            raise Conflict(f"The account has a user named {name!r} already.")
        raise Conflict("There is a user with this id already.")


def find_user(directory: Directory, account_id: UUID, user_id: UUID) -> Steps[User | None]:
    """One user of an account."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(f"SELECT {_USER} FROM users WHERE id = $1 AND account = $2", user_id.bytes, serial)
    return None if found is None else user_of(found, account_id)


def users_of(directory: Directory, account_id: UUID) -> Steps[Sequence[User]]:
    """An account's users, by name."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_all(f"SELECT {_USER} FROM users WHERE account = $1 ORDER BY name", serial)
    return [user_of(row, account_id) for row in found]


def add_key(directory: Directory, key: Key) -> Steps[None]:
    """See ``Catalogue.add_key``."""
    serial = yield from directory.serial_or_refuse(key.account_id)
    revoked = None if key.revoked_at is None else milliseconds(key.revoked_at)
    kept = yield from ask_all(
        "INSERT INTO keys (id, account, label, scopes, secret_hash, sealed, created, revoked)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id",
        check_key(key.id, "id"), serial, check_key(key.label, "label"), " ".join(sorted(key.scopes)),
        check_key(key.secret_hash, "secret_hash"), key.sealed, milliseconds(key.created_at), revoked,
    )  # fmt: skip
    if not kept:
        raise Conflict("There is a key with this id already.")


def find_key(key_id: str) -> Steps[tuple[Key, Account] | None]:
    """A key with its account."""
    if not keepable(key_id):
        return None
    found = yield from ask_one(
        f"SELECT {_ACCOUNT}, {_KEY} FROM keys AS k JOIN accounts AS a ON a.serial = k.account WHERE k.id = $1", key_id
    )
    if found is None:
        return None
    values = tuple(found)
    account = account_of(values[:5])
    return key_of(values[5:], account.id), account


def keys_of(directory: Directory, account_id: UUID) -> Steps[Sequence[Key]]:
    """An account's keys, oldest first."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_all(f"SELECT {_KEY} FROM keys AS k WHERE k.account = $1 ORDER BY k.created, k.id", serial)
    return [key_of(row, account_id) for row in found]


def revoke_key(key_id: str, at: datetime) -> Steps[bool]:
    """See ``Catalogue.revoke_key``; a key that is revoked already keeps the time of then."""
    if not keepable(key_id):
        return False
    sql = "UPDATE keys SET revoked = coalesce(revoked, $2) WHERE id = $1 RETURNING id"
    return bool((yield from ask_all(sql, key_id, milliseconds(at))))
