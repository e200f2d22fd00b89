"""The outbox's seam: hooks, and what is on its way to them, as the vault and the courier may ask for it.

A delivery is written in the transaction of the change that it tells of (``Catalogue.add`` and ``change`` with
``events``).  Couriers take deliveries for a while (a lease on each row), so several may run, and what one left behind
when it died is taken by another.  Every method is one transaction, and all raise ``CatalogueError`` as the catalogue's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from callvault.model.actor import Account
from callvault.model.hook import Attempt, Delivery, DeliveryQuery, Hook
from callvault.model.query import Slice


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A delivery that a courier has for itself, until its lease ends."""

    delivery: Delivery
    number: int
    """Which claim of this delivery it is: whoever comes after has a higher one, and this one's word counts no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """What a courier took at once: deliveries to one hook."""

    hook: Hook
    account: Account
    items: tuple[Claim, ...]


class Outbox(Protocol):
    """Hooks and deliveries."""

    def listen(self, tell: Callable[[], None]) -> None:
        """Have this called when this process has put something into the outbox, right after the commit.

        What another process puts there is found by looking.
        """

    async def add_hook(self, hook: Hook) -> None:
        """Keep a hook; it is told of what happens from now on.

        Raises:
            NotFound: there is no such account.
        """

    async def remove_hook(self, account_id: UUID, hook_id: UUID, at: datetime) -> Hook:
        """Nothing goes there any more, and what is waiting is given up.  Its deliveries can still be looked at.

        Raises:
            NotFound: the account has no such hook.
        """
        ...

    async def hook(self, account_id: UUID, hook_id: UUID) -> Hook | None:
        """One hook, removed ones too."""
        ...

    async def hooks(self, account_id: UUID, recording_id: UUID | None = None) -> Sequence[Hook]:
        """An account's hooks that are in force, oldest first: those for all recordings, or those for this one alone.

        The latter come with requests, and there may be as many as there are recordings.
        """
        ...

    async def find_deliveries(self, query: DeliveryQuery) -> Slice[Delivery]:
        """A page, newest first."""
        ...

    async def delivery(self, account_id: UUID, delivery_id: UUID) -> tuple[Delivery, Sequence[Attempt]] | None:
        """One delivery with all attempts, oldest first."""
        ...

    async def replay(self, account_id: UUID, delivery_id: UUID, at: datetime) -> Delivery:
        """Let a delivery begin anew, at once.

        Raises:
            NotFound: the account has no such delivery.
            Conflict: its hook was removed.
        """
        ...

    async def due_hooks(self, now: datetime) -> Sequence[UUID]:
        """The hooks that have something to be sent, the longest due first."""
        ...

    async def claim(self, hook_id: UUID, *, now: datetime, until: datetime, most: int) -> Claims | None:
        """Take what is due to one hook, none before what happened earlier to the same recording.  None: nothing is."""
        ...

    async def settle(self, claim: Claim, after: Delivery, attempt: Attempt) -> bool:
        """Write down an attempt, and how far the delivery has come.

        False: somebody else has taken the delivery meanwhile, and only the attempt is kept.
        """
        ...

    async def let_go(self, claims: Sequence[Claim]) -> None:
        """Give back what was taken and not sent."""

    async def forget_deliveries(self, before: datetime, *, most: int) -> int:
        """Remove settled deliveries of events before this time, with their attempts.  Answers how many."""
        ...
