"""What can be asked of the vault about hooks and deliveries, as values; the rest is in ``commands``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from callvault.model.actor import Scope
from callvault.model.events import EventKind
from callvault.model.hook import Attempt, Delivery, DeliveryQuery


@dataclass(frozen=True, kw_only=True, slots=True)
class AddHook:
    """Somebody wants to be told.  Answer: ``Hook``."""

    account_id: UUID
    dialect: str
    """In whose form."""
    url: str
    failover_url: str | None = None
    method: str | None = None
    """None: the vendor's usual one."""
    events: frozenset[EventKind] | None = None
    """None: what the vendor usually tells."""
    recording_id: UUID | None = None
    """Only of this recording."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveHook:
    """Nothing goes there any more, and what is waiting is given up.  Answer: ``Hook``."""

    account_id: UUID
    hook_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class FindHooks:
    """The hooks in force, oldest first.  Answer: a sequence of ``Hook``."""

    account_id: UUID
    recording_id: UUID | None = None
    """Those that are for this recording alone; None: those that are for all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GetHook:
    """One hook in force.  Answer: ``Hook``."""

    account_id: UUID
    hook_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class FindDeliveries:
    """A page, newest first.  Answer: ``Slice[Delivery]``."""

    query: DeliveryQuery

    @property
    def account_id(self) -> UUID:
        """Whose deliveries."""
        return self.query.account_id


@dataclass(frozen=True, kw_only=True, slots=True)
class GetDelivery:
    """One delivery with what was sent and answered.  Answer: ``LoggedDelivery``."""

    account_id: UUID
    delivery_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayDelivery:
    """It goes out anew, at once.  Answer: ``Delivery``."""

    account_id: UUID
    delivery_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedDelivery:
    """A delivery, and every attempt at it, oldest first."""

    delivery: Delivery
    attempts: tuple[Attempt, ...]


HookCommand = AddHook | RemoveHook | FindHooks | GetHook | FindDeliveries | GetDelivery | ReplayDelivery

HOOK_SCOPES: Mapping[type, Scope] = {
    AddHook: Scope.WRITE,
    RemoveHook: Scope.WRITE,
    FindHooks: Scope.READ,
    GetHook: Scope.READ,
    FindDeliveries: Scope.READ,
    GetDelivery: Scope.READ,
    ReplayDelivery: Scope.WRITE,
}
ALL_THAT_IS_TOLD = (Scope.READ, Scope.MEDIA)
"""What a key needs besides to have others told or to read what they were told: notices tell of every recording, and
some hold links to its audio.
"""
TELLING = frozenset({AddHook, GetDelivery, ReplayDelivery})
