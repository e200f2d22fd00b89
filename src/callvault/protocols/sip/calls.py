"""The calls of the agent: each dialog, and what is under way in it.

What lives here: the table, and RFC 3261's and RFC 3311's rules for requests that cross or overtake one another.  What
does not: transactions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.server_transaction import Key
from callvault.protocols.sip.welcome import Objection

CHANGES_SESSION = frozenset({"INVITE", "UPDATE"})


@dataclass(slots=True)
class Call:
    """One dialog and its business of the moment."""

    dialog: Dialog
    secure: bool = False
    """Whether it was asked for by a sips URI."""
    pending: Key | None = None
    """Their request that changes the session and that we have not answered."""
    unacknowledged: dict[int, Key] = field(default_factory=dict)
    """By CSeq, INVITEs with a 2xx of ours whose ACK has not come."""
    changing: bool = False
    """Whether a request of ours that changes the session is on its way."""
    session: tuple[str, bytes] | None = None
    """Content type and body of the description that we gave last."""


class Calls:
    """All of them, by our tag."""

    def __init__(self) -> None:
        self._table: dict[str, Call] = {}

    def __len__(self) -> int:
        return len(self._table)

    def add(self, call: Call) -> None:
        """One that has begun."""
        self._table[call.dialog.id] = call

    def get(self, dialog: str) -> Call | None:
        """By its dialog's id."""
        return self._table.get(dialog)

    def of(self, essentials: Essentials) -> Call | None:
        """The call that a request is of."""
        found = self._table.get(essentials.to.tag or "")
        return found if found and found.dialog.fits(essentials) else None

    def remove(self, dialog: str) -> None:
        """One that is over."""
        self._table.pop(dialog, None)


def crossing(call: Call, request: Request, essentials: Essentials, *, wait_s: int) -> Objection | None:
    """Why a request within a call has to wait, or comes too late.

    ``wait_s`` (0 to 10, random) is what the client is told where it has to wait for its own earlier request.
    """
    if request.method == "BYE":  # whatever its number, nobody is there any more
        return None
    if essentials.cseq.number < call.dialog.remote_cseq:  # RFC 3261 section 12.2.2
        return Objection(status=500, sentence="The request's CSeq is lower than that of an earlier one.")
    if request.method not in CHANGES_SESSION:
        return None
    if call.changing:  # RFC 3261 section 14.2, RFC 3311 section 5.2
        return Objection(status=491, sentence="A request of ours that changes the session is on its way.")
    if call.pending is not None:
        return Objection(
            status=500,
            sentence="An earlier request that changes the session has not been answered yet.",
            fields=(("Retry-After", str(wait_s)),),
        )
    return None
