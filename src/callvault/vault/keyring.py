"""Accounts' public keys, and which of them is in force: then all that comes in is encrypted with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.errors import Conflict, NotFound
from callvault.model.actor import Account
from callvault.model.ids import new_id
from callvault.model.public_key import PublicKey
from callvault.vault.own_commands import AddPublicKey, FindPublicKeys, GetPublicKey, RemovePublicKey, RenamePublicKey
from callvault.vault.sealing import read_public_key

SETTING = "encryption_key"
"""In ``Account.settings``: the id of the key in force."""


class Keyring:
    """What can be done about public keys."""

    def __init__(self, catalogue: Catalogue, *, entropy: Callable[[int], bytes]) -> None:
        self._catalogue = catalogue
        self._entropy = entropy

    async def add(self, command: AddPublicKey, now: datetime) -> PublicKey:
        """Keep a key; nothing is encrypted with it yet.

        Raises:
            BadRequest: it is none that audio can be encrypted with.
        """
        key = PublicKey(
            id=new_id(now, self._entropy(10)),
            account_id=command.account_id,
            name=command.name,
            pem=read_public_key(command.pem, "PublicKey"),
            created_at=now,
            updated_at=now,
        )
        await self._catalogue.keep_public_key(key)
        return key

    async def find(self, command: FindPublicKeys) -> Sequence[PublicKey]:
        """All of an account's, newest first."""
        return await self._catalogue.public_keys(command.account_id)

    async def get(self, command: GetPublicKey) -> PublicKey:
        """One key.

        Raises:
            NotFound: there is none such.
        """
        return await self._key(command.account_id, command.key_id)

    async def rename(self, command: RenamePublicKey, now: datetime) -> PublicKey:
        """Call a key by another name.

        Raises:
            NotFound: there is none such.
        """
        key = await self._key(command.account_id, command.key_id)
        renamed = replace(key, name=command.name, updated_at=now)
        await self._catalogue.keep_public_key(renamed)
        return renamed

    async def remove(self, command: RemovePublicKey) -> None:
        """Forget a key.  What was encrypted with it can be read with its private half as before.

        Raises:
            NotFound: there is none such.
            Conflict: it is in force.
        """
        account = await self._catalogue.account(command.account_id)
        if account is not None and key_in_force(account) == command.key_id:
            raise Conflict("What is recorded is encrypted with this key; choose another first, or none.")
        if not await self._catalogue.remove_public_key(command.account_id, command.key_id):
            raise NotFound("public key", str(command.key_id))

    async def choose(self, account: Account, key_id: UUID | None) -> Account:
        """Encrypt what comes in from now on with this key; None: with none.

        Raises:
            NotFound: the account has no such key.
        """
        chosen = {} if key_id is None else {SETTING: str((await self._key(account.id, key_id)).id)}

        def anew(settings: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**{name: value for name, value in settings.items() if name != SETTING}, **chosen}

        return await self._catalogue.revise_account(account.id, anew)

    async def in_force(self, account_id: UUID) -> PublicKey | None:
        """The key with which what comes in is encrypted now; None: with none.

        Raises:
            Conflict: there is to be one, and it is gone; nothing is taken in as it stands then.
        """
        account = await self._catalogue.account(account_id)
        key_id = key_in_force(account) if account is not None else None
        if key_id is None:
            return None
        key = await self._catalogue.public_key(account_id, key_id)
        if key is None:
            raise Conflict("What is recorded has to be encrypted, and the key for that is gone; choose another.")
        return key

    async def _key(self, account_id: UUID, key_id: UUID) -> PublicKey:
        key = await self._catalogue.public_key(account_id, key_id)
        if key is None:
            raise NotFound("public key", str(key_id))
        return key


def key_in_force(account: Account) -> UUID | None:
    """What the account's settings say."""
    text = account.settings.get(SETTING)
    return UUID(text) if text else None
