"""Client transactions (RFC 3261 section 17.1, RFC 6026): our own BYE, session refresh or ping, until it is answered.

What lives here: the two state machines as tables.  What does not: what a request says, and what its answer means.
"""

from __future__ import annotations

from enum import Enum, auto

from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.server_transaction import Happening
from callvault.protocols.sip.timers import Intervals

ClientKey = tuple[str, str]
"""Branch and method (section 17.1.3)."""


class ClientState(Enum):
    """Where a client transaction is."""

    CALLING = auto()
    """Sent, and nothing heard; RFC 3261 calls it trying where it is no INVITE."""
    PROCEEDING = auto()
    ACCEPTED = auto()
    COMPLETED = auto()
    TERMINATED = auto()


_C = ClientState
_WAITING = (_C.CALLING, _C.PROCEEDING)
INVITE_MOVES = {
    **{(state, Happening.PROVISIONAL): _C.PROCEEDING for state in _WAITING},
    **{(state, Happening.SUCCESS): _C.ACCEPTED for state in _WAITING},
    **{(state, Happening.FAILURE): _C.COMPLETED for state in _WAITING},
    **{(state, Happening.TIME_OVER): _C.TERMINATED for state in (*_WAITING, _C.ACCEPTED, _C.COMPLETED)},
}
OTHER_MOVES = {
    **{(state, Happening.PROVISIONAL): _C.PROCEEDING for state in _WAITING},
    **{(state, Happening.SUCCESS): _C.COMPLETED for state in _WAITING},
    **{(state, Happening.FAILURE): _C.COMPLETED for state in _WAITING},
    **{(state, Happening.TIME_OVER): _C.TERMINATED for state in (*_WAITING, _C.COMPLETED)},
}


class ClientTransaction:
    """One request of ours.  Time is seconds of the caller's clock."""

    __slots__ = ("_every", "_intervals", "_moves", "_resend_at", "_wire", "ack", "flow", "key", "out", "over_at",
                 "request", "state")  # fmt: skip

    def __init__(
        self, *, key: ClientKey, request: Request, wire: bytes, flow: Flow, intervals: Intervals, now: float
    ) -> None:
        self.key = key
        self.request = request
        self.flow = flow
        self.state = ClientState.CALLING
        self.out = [wire]
        """What is to be sent; whoever calls takes it."""
        self.ack = b""
        """What a final response to an INVITE is answered with, each time that it comes."""
        self.over_at: float | None = now + intervals.patience_s  # timers B, F
        self._moves = INVITE_MOVES if request.method == "INVITE" else OTHER_MOVES
        self._wire = wire
        self._intervals = intervals
        self._every = intervals.t1_s
        self._resend_at: float | None = None if flow.transport.reliable else now + intervals.t1_s  # timers A, E

    def receive(self, status: int, now: float) -> bool:
        """A response came.  Whether it is the final one, for the first time."""
        following = self._moves.get((self.state, Happening.of(status)))
        if following is None:
            if status >= 200 and self.ack:
                self.out.append(self.ack)
            return False
        self.state = following
        is_invite = self.request.method == "INVITE"
        if status < 200:
            if is_invite:
                self._resend_at = None
            else:
                self._every = self._intervals.t2_s
            return False
        self._resend_at = None
        if is_invite:
            self.over_at = now + self._intervals.patience_s  # timers D, M
        else:
            self.over_at = now + (0.0 if self.flow.transport.reliable else self._intervals.t4_s)  # timer K
        return True

    def acknowledge(self, ack: bytes) -> None:
        """Send this for the final response, now and whenever it comes again."""
        self.ack = ack
        self.out.append(ack)

    def next_timer(self) -> float | None:
        """When to call ``handle_timer``."""
        times = [at for at in (self._resend_at, self.over_at) if at is not None]
        return min(times, default=None)

    def handle_timer(self, now: float) -> bool:
        """Send again what is due, or end.  Whether it ended without a final response."""
        if self.over_at is not None and now >= self.over_at:
            unanswered = self.state in _WAITING
            self.state = self._moves[self.state, Happening.TIME_OVER]
            self._resend_at = self.over_at = None
            return unanswered
        if self._resend_at is not None and now >= self._resend_at:
            self.out.append(self._wire)
            limit = self._intervals.patience_s if self.request.method == "INVITE" else self._intervals.t2_s
            self._every = min(2 * self._every, limit)
            self._resend_at = now + self._every
        return False
