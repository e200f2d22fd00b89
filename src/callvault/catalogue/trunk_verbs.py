"""The methods of ``Trunks``, once for both engines, in terms of steps; see there for what each promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from callvault.catalogue import trunk_rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Steps
from callvault.model.capture import Captured
from callvault.model.trunk import Trunk

Result = TypeVar("Result")


class TrunkVerbs(ABC):
    """Trunks and captures."""

    _directory: Directory

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction."""

    async def keep_trunk(self, trunk: Trunk) -> None:
        """Keep a trunk."""
        await self._write(lambda: trunk_rows.keep(self._directory, trunk))

    async def trunks(self, account_id: UUID | None = None) -> Sequence[Trunk]:
        """An account's trunks, or all of them."""
        return await self._read(lambda: trunk_rows.find(account_id))

    async def revise_trunk(self, trunk: Trunk) -> bool:
        """Write down what is said of a trunk that is there still."""
        return await self._write(lambda: trunk_rows.revise(trunk))

    async def remove_trunk(self, trunk_id: UUID) -> bool:
        """Forget a trunk."""
        return await self._write(lambda: trunk_rows.remove(trunk_id))

    async def keep_capture(self, account_id: UUID, recording_id: UUID, captured: Captured) -> None:
        """Keep how a recording was captured that is here already."""
        await self._write(lambda: trunk_rows.keep_capture(self._directory, account_id, recording_id, captured))

    async def capture_of(self, account_id: UUID, recording_id: UUID) -> Captured | None:
        """How a recording was captured."""
        return await self._read(lambda: trunk_rows.capture_of(self._directory, account_id, recording_id))
