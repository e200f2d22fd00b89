"""The seam for webhooks: how a dialect says what happened, and under which rules it is delivered.

What lives here: what a dialect's ``hooks.py`` is given, and what it is.  What does not: the request that it gives back
(``model.notice``), sending it (``webhooks``), and the choice of who is told (``catalogue``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from callvault.model.actor import Account
from callvault.model.events import Event, EventKind
from callvault.model.hook import Hook, HookForm, HookOption
from callvault.model.notice import Notice, Rules
from callvault.model.recording import Recording

if TYPE_CHECKING:  # a dialect has hooks, and hooks are told in terms: one of the two has to go without
    from callvault.dialects.contract import Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """What there is to tell, to whom, and what may be needed for it."""

    event: Event
    recording: Recording
    """As it was when it happened; a deleted one too."""
    hook: Hook
    account: Account
    terms: Terms
    auth_token: str | None = None
    """The account's first key that is kept whole, 64 hex characters: what Twilio's validators are given."""
    sent_at: datetime
    """By the wall's clock, which receivers compare with theirs; the terms' ``now`` is the house's."""
    attempt: int = 1
    """Counted from 1, for the vendors that say it."""
    url: str
    """Where this attempt goes: the hook's URL, or its failover."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hooks:
    """A dialect's webhooks."""

    events: Mapping[EventKind, tuple[str, ...]]
    """Which of the core's events the vendor has a notice for, and what it calls them (by what was recorded)."""
    usual: frozenset[EventKind]
    """What is told where nobody says otherwise."""
    methods: tuple[str, ...] = ("POST",)
    failover: bool = False
    options: Mapping[str, HookOption] = field(default_factory=dict)
    rules: Callable[[Hook], Rules]
    phrase: Callable[[Telling], Notice]
    """Pure; called for the events above only.  Raises Conflict where a key or an option is missing."""
    wants_auth_token: bool = False
    """Whether ``Telling.auth_token`` is of use."""
    proof: Callable[[Account, Terms], Mapping[str, str]] = lambda _, __: {}
    """What a receiver's validator needs, as ``credentials`` names it."""

    @property
    def form(self) -> HookForm:
        """What hooks of this dialect may be."""
        return HookForm(
            events=frozenset(self.events),
            usual=self.usual,
            methods=self.methods,
            failover=self.failover,
            options=self.options,
        )
