"""Every place where originals lie: the server's own, by the settings, and accounts' own, by what they said of them.

What an account says may change on another node, so its store is put together anew when what is kept of it has changed;
that is looked up again after a few seconds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from callvault.catalogue.store import Catalogue
from callvault.errors import CallerError, MediaError
from callvault.media.endpoints import check_endpoint
from callvault.media.own_places import endpoint_host, own_store, url_of
from callvault.media.store import MediaStore
from callvault.model.destination import Network
from callvault.model.storage import Backend, OwnStorage, SealedStorage, storage_id_of
from callvault.vault.secrets import Secrets

log = logging.getLogger("callvault.stores")

MAIN = "main"
BELIEF_S = 5.0
MOST_KEPT = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    sealed: bytes
    store: MediaStore
    looked_up: float


class Stores:
    """Finds the store of a name, or of a connection."""

    def __init__(
        self, own: Mapping[str, MediaStore], catalogue: Catalogue, secrets: Secrets, *, allowed: Sequence[Network]
    ) -> None:
        self._own = own
        self._catalogue = catalogue
        self._secrets = secrets
        self._allowed = allowed
        self._known: dict[str, _Known] = {}

    @property
    def main(self) -> MediaStore:
        """The server's own, for all that has no other."""
        return self._own[MAIN]

    def is_own(self, name: str) -> bool:
        """Whether it is one of the server's, and not an account's."""
        return name in self._own

    async def is_known(self, name: str) -> bool:
        """Whether there is such a store, be it out of force."""
        storage_id = storage_id_of(name)
        return name in self._own or (storage_id is not None and await self._catalogue.storage(storage_id) is not None)

    async def named(self, name: str) -> MediaStore:
        """The store that a recording's row names.

        Raises:
            MediaError: there is none, or it may not be spoken to.
        """
        if name in self._own:
            return self._own[name]
        known = self._known.get(name)
        if known is not None and time.monotonic() - known.looked_up < BELIEF_S:
            return known.store
        storage_id = storage_id_of(name)
        storage = await self._catalogue.storage(storage_id) if storage_id is not None else None
        if storage is None:
            raise MediaError(f"There is no store {name!r} any more.")
        return await self._put_together(storage)

    async def chosen(self, storage: SealedStorage) -> MediaStore:
        """The store of an account's choice.

        Raises:
            MediaError: it may not be spoken to, or nothing can be made of its keys.
        """
        return await self._put_together(storage)

    def unsealed(self, storage: SealedStorage) -> OwnStorage:
        """What the account said of its store.

        Raises:
            OperatorError: it lies under another master key.
        """
        said = orjson.loads(self._secrets.unseal(storage.sealed))
        return OwnStorage(
            account_id=storage.account_id,
            connection_id=storage.connection_id,
            backend=Backend(said["backend"]),
            configuration=said["configuration"],
            created_at=storage.created_at,
            updated_at=storage.updated_at,
        )

    def sealed(self, backend: Backend, configuration: Mapping[str, str], nonce: bytes) -> bytes:
        """Turn ``unsealed`` back.  ``nonce``: 12 random bytes."""
        said = {"backend": backend.value, "configuration": dict(configuration)}
        return self._secrets.seal(orjson.dumps(said).decode(), nonce)

    def url_of(self, storage: SealedStorage, key: str) -> str:
        """Where an object lies, for whoever has keys to the store."""
        said = self.unsealed(storage)
        return url_of(said.backend, said.configuration, key)

    async def check(self, configuration: Mapping[str, str]) -> None:
        """See that requests may go where a configuration says.

        Raises:
            BadRequest, NotAllowed: they may not.
        """
        named = endpoint_host(configuration)
        if named is not None:
            host, port, secure = named
            await check_endpoint(host, port, secure=secure, allowed=self._allowed)

    async def _put_together(self, storage: SealedStorage) -> MediaStore:
        known = self._known.get(storage.store)
        store = known.store if known is not None and known.sealed == storage.sealed else None
        if store is None:
            said = self.unsealed(storage)
            try:
                await self.check(said.configuration)
            except CallerError as error:
                raise MediaError(f"The store of connection {storage.connection_id!r}: {error}") from error
            store = own_store(storage.store, said.backend, said.configuration)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[storage.store] = _Known(sealed=storage.sealed, store=store, looked_up=time.monotonic())
        return store
