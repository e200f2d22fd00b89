"""What an adapter tells of a vendor's wire, for the suite that runs every dialect through the same statements.

An adapter is written from the vendor's page: real paths, real parameters, real credential headers.  It never asks the
dialect's own code how to phrase a request or how to read an answer, or the two could be wrong together.
"""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import UUID

from callvault.model.recording import Recording

Item = dict[str, Any]
"""One recording, as a list shows it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
DAY_MS = 86_400_000


@dataclass(frozen=True, kw_only=True)
class Caller:
    """An account as its clients know it, and one of its credentials."""

    account_id: UUID
    serial: int
    token: str
    """A key; where ``session`` is set, the token of a log-in."""
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request, the credentials not yet in it."""

    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A parameter of the list that cuts a stretch out of time."""

    about: str
    axis: str
    """Which of a recording's times it is about."""
    query: Callable[[datetime], str]
    """The parameter with this value, as it stands in a URL."""
    holds: Callable[[int], bool]
    """Whether a recording so many milliseconds after the value is in the answer, as the vendor documents it."""
    whole_seconds: bool = False
    """Whether the parameter cannot say milliseconds."""
    midnight: bool = False
    """Whether ``holds`` is true for a value at midnight only."""


class Tongue(ABC):
    """One vendor's wire."""

    name: ClassVar[str]
    dialect: ClassVar[str]
    """Whose routes answer."""
    bounds: ClassVar[tuple[Bound, ...]]
    numbered: ClassVar[str | None] = None
    """Why a page may show again what additions have pushed back, where pages are mere numbers."""
    unpaged: ClassVar[str | None] = None
    """Why there is no paging, where there is none."""
    opens_by_id: ClassVar[str | None] = None
    """Why audio is open to whoever knows its id, where it is."""
    without_foreign_ids: ClassVar[str | None] = None
    """Why no recording keeps the id under which it came, where none does."""
    without_users: ClassVar[str | None] = "credentials are the account's; the vendor's API knows no users"
    """Why a user of the account has no credentials of their own."""
    foreign_account: ClassVar[int]
    """The status where the path names an account that is not the caller's."""
    out_of_scope: ClassVar[int] = 403
    """The status where the key may not do it."""
    deleted: ClassVar[int] = 204
    """The status of a deletion."""
    foreign_recording: ClassVar[str] = ""
    """An id as this vendor would have given it, made up."""
    foreign_call: ClassVar[str] = ""

    @abstractmethod
    def credentials(self, caller: Caller) -> dict[str, str]:
        """The headers that prove the caller."""

    @abstractmethod
    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        """The list of the owner's account.  ``size``: so many on a page."""

    @abstractmethod
    def items(self, document: Any) -> list[Item]:
        """What a list shows."""

    def next_page(self, target: str, document: Any) -> str | None:
        """Where the list goes on; None on its last page."""
        raise NotImplementedError(self.unpaged)

    def previous_page(self, target: str, document: Any) -> str | None:
        """Where the list comes from, for the vendors that say so."""
        return None

    def name_of(self, item: Item) -> str:
        """The recording's id."""
        return str(item["id"])

    @abstractmethod
    def call_of(self, item: Item) -> UUID:
        """The recorded leg, as a core id: every wire shows it, so it tells the recordings apart."""

    def call_name(self, call: UUID) -> str:
        """The recorded leg in this vendor's form."""
        return str(call)

    @abstractmethod
    def one(self, owner: Caller, name: str, call: str) -> str:
        """The recording with this id, in the call with that id where the path names one."""

    @abstractmethod
    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        """Every way to its audio, links that the item holds among them."""

    @abstractmethod
    def said(self, item: Item) -> dict[str, Any]:
        """What an item says, in the core's words and units: times in milliseconds since 1970."""

    @abstractmethod
    def kept(self, recording: Recording) -> dict[str, Any]:
        """What it has to say, to the vendor's precision: the same keys, from what was put in."""

    def computed_name(self, recording: Recording, cloaked: Callable[[UUID], UUID]) -> str:
        """The id that is made of the core id."""
        return str(recording.id)

    @abstractmethod
    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        """Whether this is how the vendor refuses.  ``content``: the body, parsed."""

    @abstractmethod
    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        """What stands in the variable segments of this dialect's paths, by their names, for this recording."""

    def answers(self, path: str) -> bool:
        """Whether the route with this template is one of this wire's."""
        return True

    def found(self, document: Any, owner: Caller) -> Item:
        """The item of an answer that shows one recording."""
        shown: Item = document
        return shown


def basic(user: str, password: str) -> dict[str, str]:
    """RFC 7617."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def utc(moment: datetime) -> str:
    """ISO 8601 with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def encoded(moment: datetime) -> str:
    """The same for a URL."""
    return quote(utc(moment), safe="")


def since_epoch(moment: datetime) -> int:
    """Milliseconds."""
    return (moment - EPOCH) // MILLISECOND


def read_utc(text: str) -> int:
    """Milliseconds of an ISO 8601 time."""
    return since_epoch(datetime.fromisoformat(text))


def floored(moment: datetime) -> int:
    """Milliseconds of the second in which a moment lies."""
    return since_epoch(moment) // 1000 * 1000


def at_or_after(offset: int) -> bool:
    """Inclusive from below."""
    return offset >= 0


def before(offset: int) -> bool:
    """Exclusive from above."""
    return offset < 0


def at_or_before(offset: int) -> bool:
    """Inclusive from above."""
    return offset <= 0


def in_the_second_or_before(offset: int) -> bool:
    """Inclusive from above, where the wire shows seconds: the whole second counts."""
    return offset < 1000


def in_the_day(offset: int) -> bool:
    """Of a value at midnight."""
    return 0 <= offset < DAY_MS
