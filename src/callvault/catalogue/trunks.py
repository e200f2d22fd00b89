"""What the vault may ask of either engine about trunks and captures; see ``store`` for what holds of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from callvault.model.capture import Captured
from callvault.model.trunk import Trunk


class Trunks(Protocol):
    """Where calls come from, and how they were captured."""

    async def keep_trunk(self, trunk: Trunk) -> None:
        """Keep a trunk; one with this id is replaced, but for its account and the time at which it was made.

        Raises:
            NotFound: there is no such account.
            Conflict: another trunk has the name.
        """

    async def trunks(self, account_id: UUID | None = None) -> Sequence[Trunk]:
        """An account's trunks, or all of them, by name."""
        ...

    async def revise_trunk(self, trunk: Trunk) -> bool:
        """Write down what is said of a trunk that is there still; false where it was removed meanwhile."""
        ...

    async def remove_trunk(self, trunk_id: UUID) -> bool:
        """Forget a trunk; false where there is none."""
        ...

    async def keep_capture(self, account_id: UUID, recording_id: UUID, captured: Captured) -> None:
        """Keep how a recording was captured that is here already, in place of what was known of that.

        Raises:
            NotFound: there is no such account.
        """

    async def capture_of(self, account_id: UUID, recording_id: UUID) -> Captured | None:
        """How a recording was captured; None where it was not captured here, or was deleted."""
        ...
