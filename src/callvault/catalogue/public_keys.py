"""What the vault may ask of either engine about accounts' public keys; see ``store`` for what holds of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from callvault.model.public_key import PublicKey


class PublicKeys(Protocol):
    """Keys with which accounts have their audio encrypted."""

    async def keep_public_key(self, key: PublicKey) -> None:
        """Keep a key; one with this id gets the name and the time of change.

        Raises:
            NotFound: there is no such account.
        """

    async def public_key(self, account_id: UUID, key_id: UUID) -> PublicKey | None:
        """One key."""
        ...

    async def public_keys(self, account_id: UUID) -> Sequence[PublicKey]:
        """An account's keys, newest first."""
        ...

    async def remove_public_key(self, account_id: UUID, key_id: UUID) -> bool:
        """Forget a key; false where there is none."""
        ...
