"""What every request must say before anybody can act on it (RFC 3261 section 8.1.1): who, whom, which call, which turn.

What lives here: reading those fields, each exactly once, into values.  What does not: whether the request is welcome.
"""

from __future__ import annotations

from dataclasses import dataclass

from callvault.errors import ProtocolError
from callvault.protocols.sip.address import Address
from callvault.protocols.sip.grammar import TOKEN, whole_number
from callvault.protocols.sip.message import Message, Request
from callvault.protocols.sip.via import Via

HIGHEST_CSEQ = 2**32 - 1
"""RFC 3261 section 8.1.1.5 ends at 2**31, which not every client knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CSeq:
    """A request's place in its dialog."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Read ``number method``.

        Raises:
            ProtocolError: it is something else.
        """
        words = text.split()
        if len(words) != 2 or TOKEN.fullmatch(words[1]) is None:
            raise ProtocolError("CSeq must be a number and a method.", hint=400)
        return cls(number=whole_number(words[0], "CSeq", most=HIGHEST_CSEQ), method=words[1])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Essentials:
    """The fields by which a message is told from all others."""

    via: Via
    """The topmost hop."""
    from_: Address
    to: Address
    call_id: str
    cseq: CSeq

    @classmethod
    def of(cls, message: Message) -> Essentials:
        """Read them.

        Raises:
            ProtocolError: one is missing, is there twice, or cannot be read; or a request's CSeq names another method.
        """
        vias = message.headers.listed("via")
        if not vias:
            raise ProtocolError("The message has no Via.", hint=400)
        essentials = cls(
            via=Via.parse(vias[0]),
            from_=Address.parse(_once(message, "From"), "From"),
            to=Address.parse(_once(message, "To"), "To"),
            call_id=_once(message, "Call-ID"),
            cseq=CSeq.parse(_once(message, "CSeq")),
        )
        if isinstance(message, Request) and essentials.cseq.method != message.method:
            raise ProtocolError("CSeq names another method than the request.", hint=400)
        return essentials


def _once(message: Message, name: str) -> str:
    values = set(message.headers.all(name))
    if not values or values == {""}:
        raise ProtocolError(f"The message has no {name}.", hint=400)
    if len(values) > 1:
        raise ProtocolError(f"The message has more than one {name}.", hint=400)
    return values.pop()
