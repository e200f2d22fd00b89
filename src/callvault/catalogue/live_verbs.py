"""The methods of ``Lives``, once for both engines, in terms of steps; see there for what each promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from callvault.catalogue import live_nodes, live_rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Steps
from callvault.model.live import LiveCall
from callvault.model.order import Order, Reply

Result = TypeVar("Result")


class LiveVerbs(ABC):
    """Live calls and orders."""

    _directory: Directory

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        """Drive steps that change nothing."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        """Drive steps in one transaction."""

    async def keep_live(self, calls: Sequence[LiveCall], *, ended: Sequence[UUID] = ()) -> None:
        """Write live calls, and forget those that have ended."""
        if calls or ended:
            await self._write(lambda: live_rows.keep(self._directory, calls, ended))

    async def forget_live(self, node: str, *, but: Sequence[UUID] = ()) -> None:
        """Forget what a node had, but for some."""
        await self._write(lambda: live_rows.forget(node, but))

    async def sign_of_life(self, node: str) -> bool:
        """A node says that it has its calls."""
        return await self._write(lambda: live_nodes.sign(node))

    async def live_calls(self, account_id: UUID) -> Sequence[LiveCall]:
        """An account's."""
        return await self._read(lambda: live_rows.of_account(self._directory, account_id))

    async def live_call(self, account_id: UUID, *names: str) -> LiveCall | None:
        """The newest that has one of these names."""
        return await self._read(lambda: live_rows.named(self._directory, account_id, names))

    async def give_order(self, order: Order) -> None:
        """Lay an order down for its node."""
        await self._write(lambda: live_rows.give(self._directory, order))

    async def take_orders(self, node: str, at: datetime) -> Sequence[Order]:
        """What lies there for a node; nothing is written where nothing does."""
        if not await self._read(lambda: live_rows.waits(node)):
            return ()
        return await self._write(lambda: live_rows.take(node, at))

    async def answer_order(self, order_id: UUID, reply: Reply) -> None:
        """Answer an order."""
        await self._write(lambda: live_rows.answer(order_id, reply))

    async def order_reply(self, order_id: UUID) -> Reply | None:
        """The answer to an order."""
        return await self._read(lambda: live_rows.reply_to(order_id))

    async def take_order_back(self, order_id: UUID) -> bool:
        """Remove an order that nobody has taken."""
        return await self._write(lambda: live_rows.take_back(order_id))

    async def forget_order(self, order_id: UUID) -> None:
        """Its answer has been read."""
        await self._write(lambda: live_rows.forget_order(order_id))
