"""The seam between the house and a vendor's tongue, and the loop every request goes through: who, read, ask, say.

A dialect is a value: a table of routes and a handful of functions.  It is given a ``Visit`` (request, caller, terms)
and gives back a command for the vault, then a reply from the vault's answer.  Whatever goes wrong on the way is said by
its ``refuse``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from callvault.dialects.notices import Hooks
from callvault.errors import CallvaultError, HouseError, NotAuthenticated
from callvault.model.actor import Account, Actor, Claim
from callvault.model.live import LiveCall
from callvault.model.recording import Recording
from callvault.vault.commands import Command
from callvault.wire import WireReply, WireRequest

log = logging.getLogger("callvault.dialects")


class CallNames(Protocol):
    """What the vendors' clients call a live call."""

    def __call__(self, call: LiveCall, account: Account, terms: Terms, /) -> Mapping[str, str]:
        """Vendor to id."""
        ...


def _no_names(_: LiveCall, __: Account, ___: Terms, /) -> Mapping[str, str]:
    """Where nobody asks for them."""
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a dialect may need to know of the house at the moment of a request."""

    now: datetime
    base_url: str
    """Scheme, host and port under which the caller reaches us; no slash at the end."""
    link_key: bytes
    """Signs links to media."""
    cloak_key: bytes
    """Hides core ids where the id alone opens the audio (``model.ids.cloak``)."""
    notice_key: bytes = b""
    """What every account's keys for notices are derived from (``toolbox.signing``)."""
    request_id: str = ""
    """Random, for the vendors that answer with one."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The operator's choices, by their names in the table of settings."""
    version: str = ""
    call_names: CallNames = _no_names
    """What every dialect calls a live call (``registry.call_names``)."""
    conference_names: CallNames = _no_names
    """And what the conference that it is, or could be (``registry.conference_names``)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request, with who is asking."""

    request: WireRequest
    terms: Terms
    caller: Actor | None = None

    @property
    def actor(self) -> Actor:
        """The caller, who must be known.

        Raises:
            NotAuthenticated: nobody showed a credential that holds.
        """
        if self.caller is None:
            raise NotAuthenticated
        return self.caller

    @property
    def account(self) -> Account:
        """The caller's account."""
        return self.actor.account


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One line of a vendor's reference: a verb, a path, and what they mean here."""

    method: str
    path: str
    """``{name}`` stands for one segment, e.g. ``/v2/recordings/{recording}``."""
    read: Callable[[Visit], Command]
    """Wire to core.  Raises the narrowest ``CallerError``."""
    say: Callable[[Any, Visit], WireReply]
    """Core to wire: the command's answer."""
    public: bool = False
    """Whether it is open to callers who show nothing; ``read`` then sees to who may pass."""
    streams: bool = False
    """Whether the body is audio, handed on in pieces instead of whole."""
    about: str = ""
    """One line for the coverage table."""


class Refuse(Protocol):
    """An error in the vendor's own words."""

    def __call__(self, error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:
        """Every class of the error family must get an answer."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """A vendor's tongue."""

    name: str
    """The folder's name, and the key under which its ids and extras are kept."""
    title: str
    """As the vendor writes itself."""
    routes: tuple[Route, ...]
    claim: Callable[[WireRequest], Claim | None]
    """What the caller shows; None where nothing.  Raises NotAuthenticated where it is unreadable."""
    refuse: Refuse
    credentials: Callable[[Account, str, Terms], Mapping[str, str]]
    """Account and key (64 hex characters) in the form in which this vendor's clients want them, base URL included."""
    names: Callable[[Recording, Account, Terms], Mapping[str, str]]
    """What this dialect calls a recording: its ids, and the URLs of its metadata and media."""
    examples: Callable[[Mapping[str, str], Mapping[str, str]], tuple[str, ...]]
    """Lines to paste, from what ``credentials`` and ``names`` gave: ``curl`` lines first, then an SDK's few lines."""
    hooks: Hooks
    """What it tells of its own accord."""
    calls: Mapping[str, str] = field(default_factory=dict)
    """By which of ``names`` its clients steer a call, by vendor; empty: by ``call_id``, and there is one vendor."""
    conferences: Mapping[str, str] = field(default_factory=dict)
    """By which of ``names`` they ask for a conference; empty where they cannot."""


class Desk(Protocol):
    """What the loop needs of the vault."""

    async def admit(self, claim: Claim, now: datetime) -> Actor:
        """Who it is.  Raises NotAuthenticated."""
        ...

    async def perform(self, command: Command, actor: Actor | None, now: datetime) -> Any:  # noqa: ANN401 - by command
        """Do it.  Raises any of the error family."""
        ...


async def answer(dialect: Dialect, route: Route, request: WireRequest, desk: Desk, terms: Terms) -> WireReply:
    """Who, read, ask, say."""
    try:
        visit = Visit(request=request, terms=terms, caller=await _who(dialect, route, request, desk, terms))
        result = await desk.perform(route.read(visit), visit.caller, terms.now)
        return route.say(result, visit)
    except CallvaultError as error:
        if isinstance(error, HouseError):
            log.exception("%s %s failed", request.method, route.path)  # the path itself may hold a key
        return dialect.refuse(error, request, terms)
    except Exception:
        log.exception("%s %s hit a fault of ours", request.method, route.path)
        return dialect.refuse(HouseError("An internal error occurred."), request, terms)


async def _who(dialect: Dialect, route: Route, request: WireRequest, desk: Desk, terms: Terms) -> Actor | None:
    try:
        claim = dialect.claim(request)
        if claim is not None:
            return await desk.admit(claim, terms.now)
    except NotAuthenticated:
        if not route.public:
            raise
    if not route.public:
        raise NotAuthenticated
    return None
