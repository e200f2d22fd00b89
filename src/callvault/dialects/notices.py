"""The seam for webhooks: how a dialect says what happened, and under which rules it is delivered.

What lives here: the values that a dialect's ``hooks.py`` takes and gives.  What does not: sending (``webhooks``), and
the choice of who is told (``vault``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callvault.dialects.contract import Terms
from callvault.model.actor import Account
from callvault.model.events import Event, EventKind
from callvault.model.hook import Hook
from callvault.model.recording import Recording


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One request to a customer's server, signed, ready to go out as it stands."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeSecrets:
    """What notices are signed with.  Each is derived from, or sealed under, the master key."""

    auth_token: str
    """The account's first key, 64 hex characters: what Twilio's validators are given."""
    signing_key: str
    """Of this account: SignalWire's signing key, and what our own notices are signed with."""
    ed25519_seed: bytes
    """32 bytes: the private half of the account's Telnyx key."""
    password: str | None = None
    """The hook's own, for Basic."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """What there is to tell, to whom, and what may be needed for it."""

    event: Event
    recording: Recording
    """As it is now; a deleted one too."""
    hook: Hook
    account: Account
    terms: Terms
    secrets: NoticeSecrets
    attempt: int = 1
    """Counted from 1, for the vendors that say it."""
    url: str = ""
    """Where this attempt goes: the hook's URL, or its failover."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A vendor's rules of delivery."""

    timeout_s: float
    pauses_s: tuple[float, ...]
    """The wait before each further attempt; when they are used up the notice is given up."""
    success: Callable[[int], bool] = lambda status: 200 <= status < 300
    again: Callable[[int | None], bool] = lambda status: status is None or status in {408, 429} or status >= 500
    """Whether a failed attempt is worth another; None: nothing came back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hooks:
    """A dialect's webhooks."""

    events: Mapping[EventKind, str]
    """Which of the core's events the vendor has a notice for, and what it calls them."""
    rules: Rules
    phrase: Callable[[Telling], Notice]
    """Pure; called for the events above only."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The names that ``Hook.options`` may have, each with a sentence."""
