"""Settling what a crash, or a fault of catalogue or store, left open: the rule of ``media.promises``, carried out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from callvault.catalogue.store import Catalogue
from callvault.media.promises import PromisedObject, orphans
from callvault.media.store import MediaStore
from callvault.model.recording import MediaState, Status
from callvault.vault.renditions import Renditions

log = logging.getLogger("callvault.settling")


class Settling:
    """Tidies up after makers that died."""

    def __init__(
        self, catalogue: Catalogue, stores: Mapping[str, MediaStore], renditions: Renditions, folder: Path
    ) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._renditions = renditions
        self._folder = folder

    async def settle(self) -> int:
        """An object stays if, and only if, a living row names it.  Answer: how many promises were settled.

        Raises:
            CatalogueError, MediaError: one of them is still away; what is open stays open.
        """
        settled = 0
        for orphan in orphans(self._folder):
            if orphan.promised is not None:
                await self._settle(orphan.promised)
            orphan.forget()
            settled += 1
        return settled

    async def _settle(self, promised: PromisedObject) -> None:
        row = await self._catalogue.get(promised.recording_id)
        alive = row is not None and row.status is not Status.DELETED and row.media_state is not MediaState.DELETED
        if not alive:
            await self._stores[promised.store].delete(promised.key)
            self._renditions.forget(promised.recording_id)
        log.warning(
            "%s was being taken in or deleted when its maker died: it %s",
            promised.recording_id,
            "is whole and stays" if alive else "was not finished, and its bytes are removed",
        )
