"""Settling what a crash, or a fault of catalogue or store, left open: the rule of ``media.promises``, carried out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from callvault.catalogue.store import Catalogue
from callvault.errors import MediaError
from callvault.media.promises import PromisedObject, orphans
from callvault.model.recording import MediaState, Recording, Status
from callvault.vault.renditions import Renditions
from callvault.vault.stores import Stores

log = logging.getLogger("callvault.settling")

GRACE = timedelta(days=1)
"""How long a store that an account gave up is still known, whatever lies there: an intake may be on its way to it."""


class Settling:
    """Tidies up after makers that died."""

    def __init__(
        self,
        catalogue: Catalogue,
        stores: Stores,
        renditions: Renditions,
        folder: Path,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._renditions = renditions
        self._folder = folder
        self._clock = clock

    async def settle(self) -> int:
        """An object stays if, and only if, a living row names it.  Answer: how many promises were settled.

        What an account's own store does not answer for stays open, and keeps nobody waiting.

        Raises:
            CatalogueError, MediaError: catalogue or server's store is still away; what is open stays open.
        """
        settled = 0
        for orphan in orphans(self._folder):
            if orphan.promised is None or await self._settle(orphan.promised):
                orphan.forget()
                settled += 1
        await self._catalogue.forget_storages(self._clock() - GRACE)
        return settled

    async def _settle(self, promised: PromisedObject) -> bool:
        row = await self._catalogue.get(promised.recording_id)
        alive = row is not None and _names(row, promised)
        if not alive:
            try:
                await (await self._stores.named(promised.store)).delete(promised.key)
            except MediaError as error:
                if self._stores.is_own(promised.store):
                    raise
                log.warning("%s cannot be removed from its account's own store: %.300s", promised.key, error)
                return not await self._stores.is_known(promised.store)
            self._renditions.forget(promised.recording_id)
        log.warning(
            "%s was being taken in or deleted when its maker died: it %s",
            promised.recording_id,
            "is whole and stays" if alive else "was not finished, and its bytes are removed",
        )
        return True


def _names(row: Recording, promised: PromisedObject) -> bool:
    if row.status is Status.DELETED or row.media_state is MediaState.DELETED or row.media is None:
        return False
    return (row.media.store, row.media.key) == (promised.store, promised.key)
