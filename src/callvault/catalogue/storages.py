"""What the vault may ask of either engine about accounts' own stores; see ``store`` for what holds of all of it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from callvault.model.storage import SealedStorage


class Storages(Protocol):
    """One store for each connection of an account, and those of former times in which audio may still lie."""

    async def keep_storage(self, storage: SealedStorage) -> None:
        """Keep a choice, in place of any other for the same connection.  One with this id is overwritten.

        Raises:
            Conflict: another choice for the connection was made at the same moment.
            NotFound: there is no such account.
        """

    async def storage_for(self, account_id: UUID, connection_id: str) -> SealedStorage | None:
        """What is chosen for a connection now."""
        ...

    async def storage(self, storage_id: UUID) -> SealedStorage | None:
        """One by its id, in force or not."""
        ...

    async def drop_storage(self, account_id: UUID, connection_id: str, at: datetime) -> bool:
        """Let nothing new go there from now on; false where nothing was chosen."""
        ...

    async def forget_storages(self, before: datetime) -> int:
        """Forget, keys and all, what was dropped earlier than that and holds no recording's audio; how many."""
        ...
