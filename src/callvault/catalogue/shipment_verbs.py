"""The methods of ``Shipments``, once for both engines, in terms of steps; see there for what each promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from callvault.catalogue import shipment_rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.entries import Written
from callvault.catalogue.shipments import Taken
from callvault.catalogue.steps import Steps
from callvault.model.shipment import Shipment

Result = TypeVar("Result")


class ShipmentVerbs(ABC):
    """Files on their way."""

    _directory: Directory

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction."""

    @abstractmethod
    def _tell(self) -> None:
        """After a commit that hooks are told of."""

    async def add_shipment(self, shipment: Shipment) -> bool:
        """Keep a shipment."""
        return await self._write(lambda: shipment_rows.add(self._directory, shipment))

    async def shipment(self, account_id: UUID, recording_id: UUID) -> Shipment | None:
        """A recording's shipment."""
        return await self._read(lambda: shipment_rows.find(self._directory, account_id, recording_id))

    async def clear_shipments(self, *, most: int) -> Sequence[tuple[UUID, str]]:
        """Some that an older callvault has kept."""
        return await self._read(lambda: shipment_rows.clear_ones(most))

    async def seal_shipments(self, urls: Sequence[tuple[UUID, str, str]]) -> None:
        """They are not in clear any more."""
        await self._write(lambda: shipment_rows.seal(urls))

    async def take_shipments(self, now: datetime, until: datetime, *, most: int) -> Sequence[Taken]:
        """Take those that are due."""
        if not await self._read(lambda: shipment_rows.is_any_due(now)):
            return ()  # so that looking often costs no transaction
        return await self._write(lambda: shipment_rows.take(self._directory, now, until, most))

    async def hold_shipment(self, taken: Taken, until: datetime) -> bool:
        """Have one for longer."""
        return await self._write(lambda: shipment_rows.hold(taken, until))

    async def settle_shipment(self, taken: Taken, after: Shipment) -> bool:
        """Write down what came of a try."""
        settled = await self._write(lambda: shipment_rows.settle(self._directory, taken, after))
        self._tell()
        return settled
