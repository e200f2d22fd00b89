"""Dialogs (RFC 3261 section 12): what two user agents agree on over the requests of one call.

What lives here: the state as one value, how requests change it, our own requests within it, and its form as JSON, so
that a successor of this process can go on.  What does not: transactions, and deciding anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from callvault.errors import ProtocolError
from callvault.protocols.sip.address import Address
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.grammar import decode, encode
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.replies import Fields, is_numeric
from callvault.protocols.sip.session_timer import SessionTimer
from callvault.protocols.sip.uri import Uri

LEAP = 1000
"""What a successor's CSeq begins above the last one that was journalled, since not each of them is."""
REFRESHES_TARGET = frozenset({"INVITE", "UPDATE"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialog:
    """One dialog in which we are the server that was called."""

    id: str
    """Our tag, which is random: it tells the dialog from all others here."""
    call_id: str
    local: str
    """Our address as the first To had it, with our tag."""
    remote: str
    """Their address as the first From had it."""
    remote_tag: str
    """Empty for a client older than RFC 3261."""
    target: str
    """The URI of their Contact."""
    routes: tuple[str, ...]
    """The route set, nearest hop first, as the Record-Route fields had it."""
    local_cseq: int
    remote_cseq: int
    flow: Flow
    """The way that their last request came."""
    allowed: tuple[str, ...] = ()
    """Methods that they take, where they say so."""
    timer: SessionTimer | None = None

    @classmethod
    def begun(cls, request: Request, essentials: Essentials, flow: Flow, tag: str) -> Dialog:
        """By an INVITE that came over this flow, with this tag of ours.

        Raises:
            ProtocolError: its Contact cannot be read.
        """
        return cls(
            id=tag,
            call_id=essentials.call_id,
            local=str(essentials.to.tagged(tag)),
            remote=request.headers.first("from") or "",
            remote_tag=essentials.from_.tag or "",
            target=_contact(request) or essentials.from_.uri,
            routes=tuple(route for route in request.headers.listed("record-route") if _leads_somewhere(route)),
            local_cseq=0,
            remote_cseq=essentials.cseq.number,
            flow=flow,
            allowed=request.headers.listed("allow"),
        )

    def fits(self, essentials: Essentials) -> bool:
        """Whether a request is of this dialog."""
        return (
            essentials.to.tag == self.id
            and essentials.call_id == self.call_id
            and (essentials.from_.tag or "") == self.remote_tag
        )

    def received(self, request: Request, essentials: Essentials, flow: Flow) -> Dialog:
        """After a request of theirs: its CSeq, the way it came, and the target that it may have moved.

        Raises:
            ProtocolError: its Contact cannot be read.
        """
        moved = _contact(request) if request.method in REFRESHES_TARGET else None
        return replace(
            self,
            remote_cseq=max(self.remote_cseq, essentials.cseq.number),
            flow=flow,
            target=moved or self.target,
            allowed=request.headers.listed("allow") or self.allowed,
        )

    def request(
        self, method: str, *, via: str, contact: str, fields: Fields = (), body: bytes = b"", cseq: int | None = None
    ) -> tuple[Request, Dialog]:
        """A request of ours (section 12.2.1.1), and the dialog after it; an ACK has its INVITE's ``cseq``."""
        number = self.local_cseq + 1 if cseq is None else cseq
        uri, routes = self._way()
        headers = (
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
            *(("Route", route) for route in routes),
            ("Contact", contact),
            *fields,
        )
        made = Request(method=method, uri=uri, headers=Headers(fields=headers), body=body)
        return made, replace(self, local_cseq=max(self.local_cseq, number))

    def _way(self) -> tuple[str, tuple[str, ...]]:
        if not self.routes:
            return self.target, ()
        nearest = Address.parse(self.routes[0])
        if "lr" in nearest.place().parameters:
            return self.target, self.routes
        return nearest.uri, (*self.routes[1:], f"<{self.target}>")  # a strict router, as RFC 2543 had them

    @property
    def next_flow(self) -> Flow:
        """Where a request of ours goes.

        A stream is used in both directions while it is open; where it is not, this is where to open another.
        A name is not looked up: what came from there knows where it is.
        """
        try:
            hop = Address.parse(self.routes[0]).place() if self.routes else Uri.parse(self.target)
        except ProtocolError:
            return self.flow
        if not is_numeric(hop.host) or hop.transport not in {None, self.flow.transport.value}:
            return self.flow
        return replace(self.flow, host=hop.host, port=hop.port or self.flow.transport.default_port)

    def document(self) -> dict[str, Any]:
        """As JSON has it: text is bytes read as Latin-1, since not all that clients send is UTF-8."""
        timer = asdict(self.timer) if self.timer else None
        return {
            **{name: _octets(getattr(self, name)) for name in _TEXTS},
            "local_cseq": self.local_cseq,
            "remote_cseq": self.remote_cseq,
            "routes": [_octets(route) for route in self.routes],
            "allowed": [_octets(method) for method in self.allowed],
            "flow": self.flow.document(),
            "timer": timer,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Dialog:
        """What ``document`` gave, for a successor: its CSeq leaps beyond what was not journalled."""
        timer = document.get("timer")
        return cls(
            **{name: _text(document[name]) for name in _TEXTS},
            local_cseq=document["local_cseq"] + LEAP,
            remote_cseq=document["remote_cseq"],
            routes=tuple(_text(route) for route in document["routes"]),
            allowed=tuple(_text(method) for method in document["allowed"]),
            flow=Flow.read(document["flow"]),
            timer=SessionTimer(**timer) if timer else None,
        )


_TEXTS = ("id", "call_id", "local", "remote", "remote_tag", "target")


def _octets(text: str) -> str:
    return encode(text).decode("latin-1")


def _text(octets: str) -> str:
    return decode(octets.encode("latin-1"))


def _leads_somewhere(route: str) -> bool:
    """A hop that cannot be read is left out: nothing could be sent over it."""
    try:
        Address.parse(route).place()
    except ProtocolError:
        return False
    return True


def _contact(request: Request) -> str | None:
    contacts = request.headers.listed("contact")
    return Address.parse(contacts[0], "Contact").uri if contacts else None
