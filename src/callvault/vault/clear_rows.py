"""What an older callvault has kept in clear, sealed once it is found: passwords in URLs, and what dialects keep.

A migration has no key, so this is done by the first server that starts behind it; a second start finds nothing.  What
does not live here: the sealed form (``url_seal``).  Journals in the spool stay as they are until their recording is
made, and the shipment that comes of one is sealed.
"""

from __future__ import annotations

from dataclasses import replace

from callvault.catalogue.store import Catalogue
from callvault.vault.url_seal import UrlSeal

BUNDLE = 500


class ClearRows:
    """Finds them."""

    def __init__(self, catalogue: Catalogue, seal: UrlSeal) -> None:
        self._catalogue = catalogue
        self._seal = seal

    async def seal(self) -> int:
        """Seal everything; may be repeated, and be broken off.  Answer: how many rows were written.

        Raises:
            CatalogueError: the catalogue is away; the rest is found the next time.
        """
        return await self._accounts() + await self._trunks() + await self._shipments()

    async def _accounts(self) -> int:
        written = 0
        for account in await self._catalogue.accounts():
            if self._seal.keep_settings(account.settings) != dict(account.settings):
                await self._catalogue.revise_account(account.id, self._seal.keep_settings)
                written += 1
        return written

    async def _trunks(self) -> int:
        written = 0
        for trunk in await self._catalogue.trunks():
            settings = self._seal.keep_settings(trunk.settings)
            if settings != dict(trunk.settings):
                written += await self._catalogue.revise_trunk(replace(trunk, settings=settings))
        return written

    async def _shipments(self) -> int:
        written = 0
        while found := await self._catalogue.clear_shipments(most=BUNDLE):
            await self._catalogue.seal_shipments([(each, url, self._seal.keep(url)) for each, url in found])
            written += len(found)
        return written
