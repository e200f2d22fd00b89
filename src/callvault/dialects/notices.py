"""The seam for webhooks: how a dialect says what happened, and under which rules it is delivered.

What lives here: the values that a dialect's ``hooks.py`` takes and gives.  What does not: sending (``webhooks``), and
the choice of who is told (``vault``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callvault.model.actor import Account
from callvault.model.events import Event, EventKind
from callvault.model.hook import Failure, Hook, HookForm, HookOption
from callvault.model.recording import Recording

if TYPE_CHECKING:  # a dialect has hooks, and hooks are told in terms: one of the two has to go without
    from callvault.dialects.contract import Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One request to a customer's server, signed, ready to go out as it stands.

    The courier adds ``Host``, ``Content-Length``, ``User-Agent`` where there is none, and the hook's Basic credentials.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


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
    attempt: int = 1
    """Counted from 1, for the vendors that say it."""
    url: str
    """Where this attempt goes: the hook's URL, or its failover."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of an attempt."""

    status: int | None = None
    """The answer's; None: nothing came back."""
    failure: Failure | None = None
    """Why nothing came back."""
    retry_after_s: float | None = None
    """How long the answer asked to wait."""


def taken(outcome: Outcome) -> bool:
    """Any 2xx: what most vendors count as success."""
    return outcome.status is not None and 200 <= outcome.status < 300


def passing(outcome: Outcome) -> bool:
    """What may be over soon: no answer, 408, 429, and 5xx."""
    if outcome.status is None:
        return outcome.failure in {Failure.UNREACHABLE, Failure.SILENT}
    return outcome.status in {408, 429} or outcome.status >= 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A vendor's rules of delivery."""

    timeout_s: float
    """For the whole attempt, redirects included."""
    connect_s: float | None = None
    """For each connection; None: as long as the whole."""
    read_s: float | None = None
    """For each wait for bytes."""
    pauses_s: tuple[float, ...]
    """The wait before each further attempt at one URL; when they are used up that URL is given up."""
    jitter: float = 0.0
    """The part of a pause by which it may be longer, 0 to 1: many notices that failed together come back apart."""
    success: Callable[[Outcome], bool] = taken
    again: Callable[[Outcome], bool] = passing
    """Whether a failed attempt is worth another at the same URL."""
    redirects: int = 0
    """How many are followed, with verb and body as they were."""
    heeds_retry_after: bool = False
    gone_ends: bool = False
    """Whether 410 means that nothing shall go there any more: the hook is removed."""


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
