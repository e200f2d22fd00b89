"""What may be asked of either engine about shipments; see ``store`` for what holds of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from callvault.model.shipment import Shipment


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A shipment that somebody has for itself for a while."""

    shipment: Shipment
    number: int
    """Which claim of it this is: whoever has an older one has lost it."""


class Shipments(Protocol):
    """Files on their way."""

    async def add_shipment(self, shipment: Shipment) -> bool:
        """Keep a shipment, and tell of it in its recording; false where the recording has one already.

        Raises:
            NotFound: there is no such recording.
        """
        ...

    async def shipment(self, account_id: UUID, recording_id: UUID) -> Shipment | None:
        """A recording's shipment; None where it has none, or was deleted."""
        ...

    async def clear_shipments(self, *, most: int) -> Sequence[tuple[UUID, str]]:
        """Recording and URL of some that an older callvault has kept, with whatever stands in the URL in clear."""
        ...

    async def seal_shipments(self, urls: Sequence[tuple[UUID, str, str]]) -> None:
        """They are not in clear any more.  Recording, URL of before, and what takes its place, of each."""

    async def take_shipments(self, now: datetime, until: datetime, *, most: int) -> Sequence[Taken]:
        """Take those that are due, and nobody has, until then; the first due first."""
        ...

    async def hold_shipment(self, taken: Taken, until: datetime) -> bool:
        """Have one for longer; false where another has it by now."""
        ...

    async def settle_shipment(self, taken: Taken, after: Shipment) -> bool:
        """Write down what came of a try, in the recording too; false where another has it by now.

        Raises:
            Conflict: the recording was changed at the same moment; ask again.
        """
        ...
