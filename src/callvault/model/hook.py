"""Where notices go, and what became of each: the subscription, the delivery, the attempt.

What does not live here: what a notice says and under which rules it is sent (``dialects.notices``), and the sending.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from callvault.model.events import Event, EventKind
from callvault.model.ids import new_id
from callvault.model.recording import Recording


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
    options: Mapping[str, str] = field(default_factory=dict)
    """What only the dialect knows: ``tag``, ``client_state``, ``format`` ...; see ``HookForm.options``."""
    created_at: datetime
    removed_at: datetime | None = None
    """Since when nothing goes there any more; its deliveries can still be looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HookOption:
    """One thing that only a dialect's hooks have."""

    about: str
    """A sentence for people."""
    choices: tuple[str, ...] = ()
    """The words that it may be; empty: any text."""
    span: tuple[float, float] | None = None
    """The least and the most that it may be, where it is a number."""
    whole: bool = False
    """Whether that number has no fraction."""
    pattern: str | None = None
    """What a text has to match, whole, where that matters."""

    def fits(self, text: str) -> bool:
        """Whether a text has the form, where there is one."""
        return self.pattern is None or re.fullmatch(self.pattern, text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class HookForm:
    """What hooks of one dialect may be."""

    events: frozenset[EventKind]
    """What the vendor has notices for; empty: none at all."""
    usual: frozenset[EventKind]
    """What is told where nobody says otherwise."""
    methods: tuple[str, ...] = ("POST",)
    """The first is the usual one."""
    failover: bool = False
    """Whether a second URL is of use."""
    options: Mapping[str, HookOption] = field(default_factory=dict)


class DeliveryState(enum.StrEnum):
    """How far a notice has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


class Failure(enum.StrEnum):
    """Why an attempt brought no answer."""

    UNREACHABLE = "unreachable"
    """No connection came about, so nothing of it was taken."""
    SILENT = "silent"
    """The connection stood, and no whole answer came: it broke, or the time was over."""
    FORBIDDEN = "forbidden"
    """The destination is not one to which anything may be sent."""
    UNSPOKEN = "unspoken"
    """The notice could not be put into words: an option or a key is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try: the exact bytes that went out, and what came back."""

    at: datetime
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    """As they were sent, in their order, but for a password, which is a star here."""
    body: bytes
    status: int | None
    """None: nothing came back."""
    answer: bytes
    """The beginning of the answer's body."""
    failure: Failure | None
    error: str | None
    """One sentence, where nothing came back."""
    took_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One event on its way to one hook.  Those of one recording and hook go out in the order of their events."""

    id: UUID
    hook_id: UUID
    event: Event
    recording: Recording
    """As it was when it happened."""
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    """How often it was sent since it was posted, or since it was replayed."""
    stage: int = 0
    """0: it goes to the hook's URL; 1: to its failover."""
    tries: int = 0
    """How often it was sent at this stage."""
    due_at: datetime
    """When it is to be sent next, where it is waiting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryQuery:
    """Which deliveries; newest first.  None means no condition."""

    account_id: UUID
    hook_id: UUID | None = None
    recording_id: UUID | None = None
    state: DeliveryState | None = None
    limit: int = 50
    before: UUID | None = None
    """Begin behind this delivery."""


def delivery_id(hook_id: UUID, event: Event) -> UUID:
    """The id of the delivery of an event to a hook; computed, and sorted by the time of the event."""
    return new_id(event.at, hashlib.sha256(hook_id.bytes + event.id.bytes).digest())
