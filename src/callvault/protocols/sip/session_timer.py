"""Session timers (RFC 4028): how long a call lives without a sign of life, and who gives it.

What lives here: reading Session-Expires, and agreeing on one.  What does not: the refresh itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callvault.errors import ProtocolError
from callvault.protocols.sip.grammar import Parameters, whole_number
from callvault.protocols.sip.headers import Headers

SHORTEST_S = 90
"""RFC 4028 section 5: nobody may ask for less."""
LONGEST_S = 86_400
"""What is asked beyond a day is agreed to as a day; a timer may always be made shorter."""


class Refresher(StrEnum):
    """Who refreshes: the client or the server of the request that agreed on it."""

    UAC = "uac"
    UAS = "uas"


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionExpires:
    """The field."""

    seconds: int
    refresher: Refresher | None = None

    @classmethod
    def of(cls, headers: Headers) -> SessionExpires | None:
        """Read it; None where there is none.

        Raises:
            ProtocolError: it is no number of seconds.
        """
        text = headers.first("session-expires")
        if text is None:
            return None
        seconds, _, parameters = text.partition(";")
        word = (Parameters.parse(parameters).get("refresher") or "").lower()
        return cls(
            seconds=whole_number(seconds.strip(), "Session-Expires", most=2**32 - 1),
            refresher=Refresher(word) if word in set(Refresher) else None,
        )

    def __str__(self) -> str:
        return f"{self.seconds}" + (f";refresher={self.refresher}" if self.refresher else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionTimer:
    """What was agreed on."""

    seconds: int
    we_refresh: bool

    @property
    def refresh_after_s(self) -> float:
        """Section 10: half of the interval, for whoever refreshes."""
        return self.seconds / 2

    @property
    def over_after_s(self) -> float:
        """Section 10: when the other side is given up, a third or 32 s before the interval ends."""
        return self.seconds - min(32.0, self.seconds / 3)


class TooBrief(ProtocolError):
    """The client asks for less than the shortest interval, and can be told so (422)."""


def agree(headers: Headers) -> SessionTimer | None:
    """What a server agrees to (section 9, table 2); None where no timer is asked for.

    Raises:
        TooBrief: to be answered with 422 and Min-SE.
        ProtocolError: Session-Expires cannot be read.
    """
    asked = SessionExpires.of(headers)
    if asked is None:
        return None
    knows = "timer" in headers.tags("supported") | headers.tags("require")
    if asked.seconds < SHORTEST_S and knows:
        raise TooBrief(f"Session-Expires must be at least {SHORTEST_S} s.", hint=422)
    we_refresh = asked.refresher is Refresher.UAS or not knows
    return SessionTimer(seconds=min(max(asked.seconds, SHORTEST_S), LONGEST_S), we_refresh=we_refresh)


def response_fields(timer: SessionTimer, headers: Headers) -> tuple[tuple[str, str], ...]:
    """What a 2xx says about it to the client that sent these headers."""
    refresher = Refresher.UAS if timer.we_refresh else Refresher.UAC
    field = ("Session-Expires", str(SessionExpires(seconds=timer.seconds, refresher=refresher)))
    knows = "timer" in headers.tags("supported") | headers.tags("require")
    return (field, ("Require", "timer")) if knows and not timer.we_refresh else (field,)
