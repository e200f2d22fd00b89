"""Where notices go, and what became of each: the subscription, and the delivery."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.model.events import Event, EventKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Hook:
    """Somebody wants to be told, in one dialect's form."""

    id: UUID
    account_id: UUID
    dialect: str
    url: str
    failover_url: str | None = None
    """Where it goes when the first does not take it, for the dialects whose vendor has that."""
    method: str = "POST"
    events: frozenset[EventKind]
    recording_id: UUID | None = None
    """Only of this recording: a callback that came with one request."""
    username: str | None = None
    sealed_password: bytes | None = None
    """Under the master key."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What only the dialect knows: ``tag``, ``client_state``, ``format`` ..."""
    created_at: datetime


class DeliveryState(enum.StrEnum):
    """How far a notice has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try: the exact bytes that went out, and what came back."""

    at: datetime
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None
    """None: nothing came back."""
    answer: bytes
    """The beginning of the answer's body."""
    error: str | None
    """One sentence, where nothing came back."""
    took_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One event on its way to one hook.  Those of one recording and hook go out in the order of their events."""

    id: UUID
    hook_id: UUID
    event: Event
    state: DeliveryState
    attempts: int
    due_at: datetime
