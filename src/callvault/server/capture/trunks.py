"""The trunks of a process that takes calls: read again and again, and kept as a file for starts without a catalogue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from callvault.capture.spools import Spools
from callvault.capture.trunks.file import read_trunks, write_trunks
from callvault.capture.trunks.table import DigestsOf, TrunkSource, TrunkTable
from callvault.catalogue.store import Catalogue
from callvault.model.trunk import Trunk

log = logging.getLogger("callvault.trunks")

REFRESH_S = 5.0
"""How often the trunks are read: how long a new one waits at most."""
CATALOGUE_S = 3.0
"""How long the catalogue is waited for; calls are not kept waiting for it."""


class LateTrunks:
    """A catalogue's trunks; it is opened when it can be, which may be later than this process."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.opened = asyncio.Event()

    async def trunks(self) -> Sequence[Trunk]:
        """All of them.

        Raises:
            CatalogueError: it is away.
        """
        if not self.opened.is_set():
            await self._catalogue.open()
            self.opened.set()
        return await self._catalogue.trunks()

    async def close(self) -> None:
        """Let go of it."""
        if self.opened.is_set():
            await self._catalogue.close()


class KeptTrunks:
    """A table of trunks, kept in step with its source and with its file beside the spools."""

    def __init__(self, source: TrunkSource, spools: Spools, digests_of: DigestsOf) -> None:
        self.table = TrunkTable(digests_of)
        self._source = source
        self._file: Path = spools.folder / "trunks.json"

    async def begin(self) -> None:
        """Know those of the file, and those of the source if it is there."""
        self.table.take_over(read_trunks(self._file))
        await self._refresh()

    async def keep_fresh(self) -> None:
        """Ask the source again and again, until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self._refresh()
            except Exception:
                log.exception("the trunks cannot be read")

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(CATALOGUE_S):
                said = await self.table.refresh(self._source)
        except TimeoutError:
            log.warning("the trunks that are known stay in force, since the catalogue says nothing")
            return
        if said:
            write_trunks(self._file, self.table.trunks)
