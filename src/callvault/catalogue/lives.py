"""What the vault may ask of either engine about live calls and orders; see ``store`` for what holds of all of it.

Live calls are written behind the calls' backs, in groups, and are gone with them; the truth about a live call is its
journal.  Those of a node that gives no sign of life are hidden until it does.  An order is a row: it lies there until
its node takes it or whoever gave it takes it back, never both; once taken it is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from callvault.model.live import LiveCall
from callvault.model.order import Order, Reply


class Lives(Protocol):
    """Live calls, and what is to be done with them."""

    async def keep_live(self, calls: Sequence[LiveCall], *, ended: Sequence[UUID] = ()) -> None:
        """Write live calls, in place of what was known of them, and forget those (by take) that have ended.

        It is a sign of life of their nodes, too.
        """

    async def forget_live(self, node: str, *, but: Sequence[UUID] = ()) -> None:
        """Forget what a node had, but for these takes: it begins anew, and lives.

        Nodes that have been silent for a day are forgotten with it, and their calls.
        """

    async def sign_of_life(self, node: str) -> bool:
        """A node says that it still has its calls; false where it was forgotten, and has to begin anew."""
        ...

    async def live_calls(self, account_id: UUID) -> Sequence[LiveCall]:
        """An account's, newest first, but for those whose node has been silent for a while."""
        ...

    async def live_call(self, account_id: UUID, *names: str) -> LiveCall | None:
        """The newest that has one of these names (``model.live.names_of``), and whose node lives."""
        ...

    async def give_order(self, order: Order) -> None:
        """Lay an order down for its node."""

    async def take_orders(self, node: str, at: datetime) -> Sequence[Order]:
        """What lies there for a node, oldest first; from now on it cannot be taken back."""
        ...

    async def answer_order(self, order_id: UUID, reply: Reply) -> None:
        """Answer an order."""

    async def order_reply(self, order_id: UUID) -> Reply | None:
        """The answer to an order, where there is one."""
        ...

    async def take_order_back(self, order_id: UUID) -> bool:
        """Remove an order that nobody has taken; false where somebody has."""
        ...

    async def forget_order(self, order_id: UUID) -> None:
        """Its answer has been read."""
