"""Server transactions (RFC 3261 section 17.2, RFC 6026): a request, its answer, and both sent again until they arrive.

What lives here: the two state machines as one table, and how transactions are told apart.  What does not: what the
answer says, and to whom it goes.  A 2xx is sent again from here too until its ACK comes, which RFC 3261 (section
13.3.1.4) leaves to the user of the transaction.
"""

from __future__ import annotations

from enum import Enum, auto

from callvault.errors import Conflict
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.timers import Intervals

Key = tuple[str, ...]


def key_of(request: Request, essentials: Essentials) -> Key:
    """By what a request is known to belong to a transaction (section 17.2.3); an ACK has its INVITE's key.

    Call-ID and CSeq are in it although the branch should do: there are clients that use one branch for everything.
    """
    method = "INVITE" if request.method == "ACK" else request.method
    via = essentials.via
    if via.branch is not None:
        return (via.branch, via.sent_by, essentials.call_id, str(essentials.cseq.number), method)
    # Clients older than RFC 3261.  The To tag is left out, since an ACK has one and its INVITE has none
    return (request.uri, essentials.from_.tag or "", essentials.call_id, str(essentials.cseq.number), str(via), method)


class State(Enum):
    """Where a server transaction is."""

    TRYING = auto()
    PROCEEDING = auto()
    ACCEPTED = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class Happening(Enum):
    """What moves it."""

    PROVISIONAL = auto()
    SUCCESS = auto()
    FAILURE = auto()
    ACK = auto()
    TIME_OVER = auto()

    @classmethod
    def of(cls, status: int) -> Happening:
        if status < 200:
            return cls.PROVISIONAL
        return cls.SUCCESS if status < 300 else cls.FAILURE


INVITE_MOVES = {
    (State.PROCEEDING, Happening.PROVISIONAL): State.PROCEEDING,
    (State.PROCEEDING, Happening.SUCCESS): State.ACCEPTED,
    (State.PROCEEDING, Happening.FAILURE): State.COMPLETED,
    (State.ACCEPTED, Happening.ACK): State.ACCEPTED,
    (State.ACCEPTED, Happening.TIME_OVER): State.TERMINATED,  # timer L
    (State.COMPLETED, Happening.ACK): State.CONFIRMED,
    (State.COMPLETED, Happening.TIME_OVER): State.TERMINATED,  # timer H
    (State.CONFIRMED, Happening.ACK): State.CONFIRMED,
    (State.CONFIRMED, Happening.TIME_OVER): State.TERMINATED,  # timer I
}
OTHER_MOVES = {
    (State.TRYING, Happening.PROVISIONAL): State.PROCEEDING,
    (State.TRYING, Happening.SUCCESS): State.COMPLETED,
    (State.TRYING, Happening.FAILURE): State.COMPLETED,
    (State.PROCEEDING, Happening.PROVISIONAL): State.PROCEEDING,
    (State.PROCEEDING, Happening.SUCCESS): State.COMPLETED,
    (State.PROCEEDING, Happening.FAILURE): State.COMPLETED,
    (State.COMPLETED, Happening.TIME_OVER): State.TERMINATED,  # timer J
}


class ServerTransaction:
    """One request that was received, until nobody can send it again.  Time is seconds of the caller's clock."""

    __slots__ = (
        "_every",
        "_intervals",
        "_moves",
        "_resend_at",
        "acknowledged",
        "essentials",
        "flow",
        "is_invite",
        "key",
        "out",
        "over_at",
        "request",
        "response",
        "state",
    )

    def __init__(self, *, key: Key, request: Request, essentials: Essentials, flow: Flow, intervals: Intervals) -> None:
        self.key = key
        self.request: Request | None = request
        """Until it has its final answer."""
        self.essentials = essentials
        self.flow = flow
        """Where the answers go."""
        self.is_invite = request.method == "INVITE"
        self.state = State.PROCEEDING if self.is_invite else State.TRYING
        self.response = b""
        """The last one."""
        self.acknowledged = False
        self.out: list[bytes] = []
        """What is to be sent; whoever calls takes it."""
        self.over_at: float | None = None
        self._moves = INVITE_MOVES if self.is_invite else OTHER_MOVES
        self._intervals = intervals
        self._resend_at: float | None = None
        self._every = 0.0

    @property
    def open(self) -> bool:
        """Whether a final answer is still owed."""
        return self.state in {State.TRYING, State.PROCEEDING}

    @property
    def asking(self) -> Request:
        """The request, which is there until its final answer is.

        Raises:
            Conflict: it has been answered.
        """
        if self.request is None:
            raise Conflict("The request has been answered, and is not kept any longer.")
        return self.request

    def receive_again(self) -> None:
        """The request came again: so does the answer, if there is one, but for a CONFIRMED one, whose ACK came."""
        if self.response and self.state is not State.CONFIRMED:
            self.out.append(self.response)

    def respond(self, status: int, response: bytes, now: float) -> None:
        """Answer it.

        Raises:
            Conflict: it has its final answer.
        """
        self._move(Happening.of(status))
        self.response = response
        self.out.append(response)
        if status < 200:
            return
        self.request = None
        reliable = self.flow.transport.reliable
        if self.is_invite and (self.state is State.ACCEPTED or not reliable):  # a 2xx may pass hops that lose it
            self._every = self._intervals.t1_s
            self._resend_at = now + self._every
        self.over_at = now + (0.0 if reliable and not self.is_invite else self._intervals.patience_s)

    def receive_ack(self, now: float) -> None:
        """The client has the answer; an ACK that fits no state is none of ours."""
        if (self.state, Happening.ACK) not in self._moves:
            return
        self._move(Happening.ACK)
        self._resend_at = None
        if self.state is State.CONFIRMED and not self.acknowledged:
            self.over_at = now + (0.0 if self.flow.transport.reliable else self._intervals.t4_s)
        self.acknowledged = True

    def next_timer(self) -> float | None:
        """When to call ``handle_timer``."""
        times = [at for at in (self._resend_at, self.over_at) if at is not None]
        return min(times, default=None)

    def handle_timer(self, now: float) -> None:
        """Send again what is due (timer G), or end (timers H, I, J, L)."""
        if self.over_at is not None and now >= self.over_at:
            self._move(Happening.TIME_OVER)
            self._resend_at = self.over_at = None
        elif self._resend_at is not None and now >= self._resend_at:
            self.out.append(self.response)
            self._every = min(2 * self._every, self._intervals.t2_s)
            self._resend_at = now + self._every

    def _move(self, happening: Happening) -> None:
        following = self._moves.get((self.state, happening))
        if following is None:
            raise Conflict(f"A transaction that is {self.state.name} knows no {happening.name}.")
        self.state = following
