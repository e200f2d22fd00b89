"""What the user agent server tells whoever drives it.

What lives here: the events.  What does not: what is done about them.  A dialog is named by its id, our tag; whoever
refuses an INVITE has had the events of a dialog that never came to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.server_transaction import Key


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request that the driver has to answer: with ``answer`` or ``refuse``, by its transaction."""

    dialog: str
    transaction: Key
    request: Request
    flow: Flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited(Asked):
    """Somebody wants to begin a call."""

    essentials: Essentials


@dataclass(frozen=True, kw_only=True, slots=True)
class Reinvited(Asked):
    """An INVITE within a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated(Asked):
    """An UPDATE (RFC 3311), with or without an offer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Informed(Asked):
    """An INFO."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """An INVITE was taken back, or waited too long for its answer; it has been refused."""

    dialog: str
    late: bool
    """Whether it was we who were too slow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acked:
    """The answer to an INVITE has arrived; the ACK may carry an answer of its own."""

    dialog: str
    request: Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Unacknowledged:
    """No ACK came for as long as RFC 3261 waits.  The call goes on until the driver says otherwise."""

    dialog: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Expired:
    """The session timer ran out (RFC 4028).  The call goes on until the driver says otherwise."""

    dialog: str


class Ending(StrEnum):
    """Why a dialog is over."""

    BYE = "bye"
    """They hung up."""
    GONE = "gone"
    """They do not know it any more (481)."""
    HUNG_UP = "hung-up"
    """We did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A dialog is over."""

    dialog: str
    ending: Ending


@dataclass(frozen=True, kw_only=True, slots=True)
class Pinged:
    """An OPTIONS, which has been answered."""

    flow: Flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A request was refused before anybody was asked."""

    flow: Flow
    status: int
    sentence: str
    request: Request | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """A message of a dialog came or went, retransmissions included."""

    dialog: str
    sent: bool
    data: bytes
    flow: Flow


Event = (
    Invited
    | Reinvited
    | Updated
    | Informed
    | Cancelled
    | Acked
    | Unacknowledged
    | Expired
    | Ended
    | Pinged
    | Refused
    | Passed
)
