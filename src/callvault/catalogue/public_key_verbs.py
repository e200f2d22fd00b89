"""The methods of ``PublicKeys``, once for both engines, in terms of steps; see there for what each promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from callvault.catalogue import public_key_rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Steps
from callvault.model.public_key import PublicKey

Result = TypeVar("Result")


class PublicKeyVerbs(ABC):
    """Accounts' public keys."""

    _directory: Directory

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction."""

    async def keep_public_key(self, key: PublicKey) -> None:
        """Keep a key."""
        await self._write(lambda: public_key_rows.keep(self._directory, key))

    async def public_key(self, account_id: UUID, key_id: UUID) -> PublicKey | None:
        """One key."""
        return await self._read(lambda: public_key_rows.find(self._directory, account_id, key_id))

    async def public_keys(self, account_id: UUID) -> Sequence[PublicKey]:
        """An account's keys, newest first."""
        return await self._read(lambda: public_key_rows.of_account(self._directory, account_id))

    async def remove_public_key(self, account_id: UUID, key_id: UUID) -> bool:
        """Forget a key."""
        return await self._write(lambda: public_key_rows.remove(self._directory, account_id, key_id))
