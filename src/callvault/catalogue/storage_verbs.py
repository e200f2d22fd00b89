"""The methods of ``Storages``, once for both engines, in terms of steps; see there for what each promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from callvault.catalogue import storage_rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Steps
from callvault.model.storage import SealedStorage

Result = TypeVar("Result")


class StorageVerbs(ABC):
    """Accounts' own stores."""

    _directory: Directory

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction."""

    async def keep_storage(self, storage: SealedStorage) -> None:
        """Keep a choice."""
        await self._write(lambda: storage_rows.keep(self._directory, storage))

    async def storage_for(self, account_id: UUID, connection_id: str) -> SealedStorage | None:
        """What is chosen for a connection now."""
        return await self._read(lambda: storage_rows.in_force(self._directory, account_id, connection_id))

    async def storage(self, storage_id: UUID) -> SealedStorage | None:
        """One by its id."""
        return await self._read(lambda: storage_rows.by_id(self._directory, storage_id))

    async def drop_storage(self, account_id: UUID, connection_id: str, at: datetime) -> bool:
        """Let nothing new go there."""
        return await self._write(lambda: storage_rows.drop(self._directory, account_id, connection_id, at))

    async def forget_storages(self, before: datetime) -> int:
        """Forget what was dropped and holds nothing."""
        return await self._write(lambda: storage_rows.forget(before))
