"""The table of trunks, with the proofs of their passwords: made anew from the catalogue every few seconds.

While the catalogue is away, what it last said goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from callvault.errors import HouseError, OperatorError
from callvault.model.trunk import Digests, Trunk

log = logging.getLogger("callvault.trunks")

DigestsOf = Callable[[Trunk], Digests | None]


class TrunkSource(Protocol):
    """Where the table comes from: the catalogue, as far as it is needed here."""

    async def trunks(self) -> Sequence[Trunk]:
        """All trunks.

        Raises:
            CatalogueError: they cannot be read.
        """


class TrunkTable:
    """The trunks that are known."""

    def __init__(self, digests_of: DigestsOf) -> None:
        self._digests_of = digests_of
        self._trunks: Mapping[str, Trunk] = {}
        self._digests: Mapping[UUID, Digests] = {}

    @property
    def trunks(self) -> tuple[Trunk, ...]:
        """All of them."""
        return tuple(self._trunks.values())

    def named(self, name: str) -> Trunk | None:
        """The trunk of a name."""
        return self._trunks.get(name)

    def digests(self, trunk: Trunk) -> Digests | None:
        """What proves its password; None where it has none."""
        return self._digests.get(trunk.id)

    def take_over(self, trunks: Iterable[Trunk]) -> None:
        """These, and no others.  One whose password cannot be read admits nobody, and the others do."""
        kept: dict[str, Trunk] = {}
        digests: dict[UUID, Digests] = {}
        for trunk in trunks:
            try:
                found = self._digests_of(trunk)
            except OperatorError as error:
                log.warning("the trunk %s admits nobody: %s", trunk.name, error)
                continue
            kept[trunk.name] = trunk
            if found is not None:
                digests[trunk.id] = found
        self._trunks, self._digests = kept, digests

    async def refresh(self, source: TrunkSource) -> bool:
        """Ask for them anew; whether anything was said."""
        try:
            trunks = await source.trunks()
        except HouseError as error:
            log.warning("the trunks that are known stay in force, since the catalogue is away: %s", error)
            return False
        self.take_over(trunks)
        return True
