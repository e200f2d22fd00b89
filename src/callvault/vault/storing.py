"""Stores of an account's own: chosen for a connection, shown, and given up again.

What already lies in a store stays there and can be read and erased from there: a choice that is given up or replaced is
only out of force, and is forgotten once nothing lies there any more (``settling``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from callvault.catalogue.store import Catalogue
from callvault.errors import NotFound
from callvault.media.own_places import checked, same_bucket
from callvault.model.ids import new_id
from callvault.model.storage import OwnStorage, SealedStorage
from callvault.vault.own_commands import DropStorage, GetStorage, KeepStorage
from callvault.vault.stores import Stores


class Storing:
    """What can be done about accounts' own stores."""

    def __init__(self, catalogue: Catalogue, stores: Stores, *, entropy: Callable[[int], bytes]) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._entropy = entropy

    async def keep(self, command: KeepStorage, now: datetime) -> OwnStorage:
        """Choose a store for a connection, in place of any other.

        Raises:
            BadRequest: something is missing from the configuration, or is not what it should be.
            NotAllowed: requests may not go there.
            NotFound: it was to be replaced, and there is none.
        """
        configuration = checked(command.backend, command.configuration)
        await self._stores.check(configuration)
        before = await self._catalogue.storage_for(command.account_id, command.connection_id)
        if before is None and command.replace:
            raise NotFound("storage", command.connection_id)
        said = self._stores.unsealed(before) if before is not None else None
        same = said is not None and same_bucket(command.backend, configuration, said.backend, said.configuration)
        kept = SealedStorage(
            id=before.id if before is not None and same else new_id(now, self._entropy(10)),
            account_id=command.account_id,
            connection_id=command.connection_id,
            sealed=self._stores.sealed(command.backend, configuration, self._entropy(12)),
            created_at=before.created_at if before is not None and same else now,
            updated_at=now,
        )
        await self._catalogue.keep_storage(kept)
        return self._stores.unsealed(kept)

    async def get(self, command: GetStorage) -> OwnStorage:
        """What is chosen for a connection.

        Raises:
            NotFound: nothing is.
        """
        storage = await self._catalogue.storage_for(command.account_id, command.connection_id)
        if storage is None:
            raise NotFound("storage", command.connection_id)
        return self._stores.unsealed(storage)

    async def drop(self, command: DropStorage, now: datetime) -> None:
        """Give the choice up.

        Raises:
            NotFound: there is none.
        """
        if not await self._catalogue.drop_storage(command.account_id, command.connection_id, now):
            raise NotFound("storage", command.connection_id)
