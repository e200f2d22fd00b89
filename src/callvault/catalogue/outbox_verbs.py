"""The methods of ``Outbox``, once for both engines, in terms of steps; see there for what each promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from callvault.catalogue import courier_rows, deliveries, hooks
from callvault.catalogue.accounts import Directory
from callvault.catalogue.entries import Written, plain
from callvault.catalogue.outbox import Claim, Claims
from callvault.catalogue.steps import Steps
from callvault.model.hook import Attempt, Delivery, DeliveryQuery, Hook
from callvault.model.query import Slice

Result = TypeVar("Result")


class OutboxVerbs(ABC):
    """Hooks and deliveries."""

    _directory: Directory
    _listeners: list[Callable[[], None]]

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction."""

    def listen(self, tell: Callable[[], None]) -> None:
        """Have this called when something is put into the outbox."""
        self._listeners.append(tell)

    def _tell(self) -> None:
        """After the commit."""
        for tell in self._listeners:
            tell()

    async def add_hook(self, hook: Hook) -> None:
        """Keep a hook."""
        await self._write(lambda: plain(hooks.add_hook(self._directory, hook)))

    async def remove_hook(self, account_id: UUID, hook_id: UUID, at: datetime) -> Hook:
        """Take a hook out of force."""
        return await self._write(lambda: plain(hooks.remove_hook(self._directory, account_id, hook_id, at)))

    async def hook(self, account_id: UUID, hook_id: UUID) -> Hook | None:
        """One hook."""
        return await self._read(lambda: hooks.find_hook(self._directory, account_id, hook_id))

    async def hooks(self, account_id: UUID, recording_id: UUID | None = None) -> Sequence[Hook]:
        """An account's hooks, or those of one recording, oldest first."""
        return await self._read(lambda: hooks.hooks_in_force(self._directory, account_id, recording_id))

    async def find_deliveries(self, query: DeliveryQuery) -> Slice[Delivery]:
        """A page, newest first."""
        return await self._read(lambda: deliveries.find(self._directory, query))

    async def delivery(self, account_id: UUID, delivery_id: UUID) -> tuple[Delivery, Sequence[Attempt]] | None:
        """One delivery with its attempts."""
        return await self._read(lambda: deliveries.get(self._directory, account_id, delivery_id), snapshot=True)

    async def replay(self, account_id: UUID, delivery_id: UUID, at: datetime) -> Delivery:
        """Let a delivery begin anew."""
        replayed = await self._write(lambda: plain(deliveries.replay(self._directory, account_id, delivery_id, at)))
        self._tell()
        return replayed

    async def due_hooks(self, now: datetime) -> Sequence[UUID]:
        """The hooks that have something to be sent."""
        return await self._read(lambda: courier_rows.due_hooks(now))

    async def claim(self, hook_id: UUID, *, now: datetime, until: datetime, most: int) -> Claims | None:
        """Take what is due to one hook."""
        return await self._write(lambda: plain(courier_rows.claim(hook_id, now, until, most)))

    async def settle(self, claim: Claim, after: Delivery, attempt: Attempt) -> bool:
        """Write down an attempt and what it means."""
        return await self._write(lambda: plain(courier_rows.settle(claim, after, attempt)))

    async def let_go(self, claims: Sequence[Claim]) -> None:
        """Give back what was not sent."""
        await self._write(lambda: plain(courier_rows.let_go(claims)))

    async def forget_deliveries(self, before: datetime, *, most: int) -> int:
        """Remove what is settled and old."""
        return await self._write(lambda: plain(courier_rows.forget(before, most)))
