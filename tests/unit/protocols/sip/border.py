"""A border controller on a clock of the test's own, and a network that loses what it is told to lose.

What lives here: a client that writes SIP in plain text and shares no code with the agent, and the agent it talks to.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from callvault.protocols.sip import events
from callvault.protocols.sip.agent import UserAgentServer
from callvault.protocols.sip.flow import Flow, Transport
from callvault.protocols.sip.terms import Limits, Terms

UDP = Flow(transport=Transport.UDP, host="192.0.2.7", port=5060, local_host="192.0.2.1", local_port=5060)
TCP = Flow(transport=Transport.TCP, host="192.0.2.7", port=40001, local_host="192.0.2.1", local_port=5060, connection=1)


def _description(host: str, port: int, direction: str) -> bytes:
    lines = (
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0",
        direction,
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


SDP = _description("192.0.2.7", 40000, "a=sendonly")
ANSWER = _description("192.0.2.1", 30000, "a=recvonly")


def terms(limits: Limits | None = None) -> Terms:
    return Terms(key=b"of these tests alone", limits=limits or Limits())


def an_agent(limits: Limits | None = None) -> UserAgentServer:
    """One whose tokens are tok1, tok2, ..."""
    numbers = itertools.count(1)
    return UserAgentServer(terms(limits), lambda: f"tok{next(numbers)}")


@dataclass
class Seen:
    """A message, as the client sees it."""

    data: bytes

    @property
    def start(self) -> str:
        return self.data.split(b"\r\n", 1)[0].decode()

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """Of the CSeq."""
        return self.field("CSeq").split()[1]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    def field(self, name: str) -> str:
        """The first of this name; empty where there is none."""
        found = re.search(rb"^%s: (.*?)\r$" % name.encode(), self.data, re.MULTILINE | re.IGNORECASE)
        return found[1].decode() if found else ""

    @property
    def to_tag(self) -> str:
        found = re.search(r";tag=([^;]+)", self.field("To"))
        return found[1] if found else ""


@dataclass
class Border:
    """The client, and the whole world between it and the agent."""

    agent: UserAgentServer = field(default_factory=an_agent)
    flow: Flow = UDP
    now: float = 0.0
    heard: list[Seen] = field(default_factory=list)
    """What has reached the client."""
    told: list[events.Event] = field(default_factory=list)
    """What the agent has told its driver, but for `events.Passed`."""
    passed: list[events.Passed] = field(default_factory=list)
    lost: list[Seen] = field(default_factory=list)
    losing: int = 0
    """How many of the agent's next messages get lost."""
    cseq: int = 0
    tag: str = ""
    call: str = "call-1"

    def send(self, data: bytes, flow: Flow | None = None) -> None:
        """To the agent."""
        self._note(self.agent.receive(data, flow or self.flow, self.now))

    def collect(self) -> list[Seen]:
        """Take what the agent says; what has come."""
        self._note(self.agent.happened())
        came = []
        for data, _ in self.agent.to_send():
            if self.losing:
                self.losing -= 1
                self.lost.append(Seen(data))
            else:
                came.append(Seen(data))
        self.heard += came
        return came

    def wait(self, seconds: float) -> list[Seen]:
        """Let time pass, and the agent's timers with it; what has come meanwhile."""
        until, came = self.now + seconds, self.collect()
        while (at := self.agent.next_timer()) is not None and at <= until:
            self.now = max(self.now, at)
            self._note(self.agent.handle_timer(self.now))
            came += self.collect()
        self.now = until
        return came

    def _note(self, happened: list[events.Event]) -> None:
        for event in happened:
            if isinstance(event, events.Passed):
                self.passed.append(event)
            else:
                self.told.append(event)

    def request(
        self,
        method: str,
        *more: str,
        body: bytes = b"",
        cseq: int | None = None,
        branch: str = "",
        tag: str | None = None,
    ) -> bytes:
        """A request of the client's; each has its own branch and the next number, unless told otherwise."""
        if cseq is None:
            self.cseq += 1
        number = self.cseq if cseq is None else cseq
        to_tag = self.tag if tag is None else tag
        lines = [
            f"{method} sip:recorder@192.0.2.1 SIP/2.0",
            f"Via: SIP/2.0/{self.flow.transport.upper()} 192.0.2.7:5060;branch=z9hG4bK{branch or f'{method}-{number}'}",
            "Max-Forwards: 70",
            "From: <sip:border@192.0.2.7>;tag=border",
            "To: <sip:recorder@192.0.2.1>" + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {self.call}",
            f"CSeq: {number} {method}",
            "Contact: <sip:border@192.0.2.7:5060>;+sip.src",
            *more,
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def invite(self, *more: str, **options: int | str) -> bytes:
        """An INVITE with an offer."""
        fields = ("Content-Type: application/sdp", "Require: siprec", *more)
        return self.request("INVITE", *fields, body=SDP, **options)  # type: ignore[arg-type]

    def last(self, kind: type[events.Event]) -> events.Event:
        """The last event of this kind."""
        return next(event for event in reversed(self.told) if isinstance(event, kind))

    def asked(self) -> events.Asked:
        """The last request that the driver has to answer."""
        return next(event for event in reversed(self.told) if isinstance(event, events.Asked))

    def answer(self) -> list[Seen]:
        """Let the driver answer what was asked last; what comes."""
        self.agent.answer(self.asked().transaction, self.now, content_type="application/sdp", body=ANSWER)
        return self.collect()

    def ack(self) -> None:
        """Acknowledge the INVITE of the last number."""
        self.send(self.request("ACK", cseq=self.cseq, branch=f"ack-{self.cseq}"))

    def establish(self, *more: str) -> Seen:
        """A call, set up and acknowledged; the 200."""
        self.send(self.invite(*more))
        answer = self.answer()[-1]
        self.tag = answer.to_tag
        self.ack()
        self.collect()
        return answer

    def statuses(self, seen: list[Seen]) -> list[int]:
        return [message.status for message in seen]


def only(seen: list[Seen]) -> Seen:
    (message,) = seen
    return message


def respond(request: Seen, status: str, *more: str, body: bytes = b"") -> bytes:
    """What the client answers to a request of the agent's."""
    names = ("Via", "From", "To", "Call-ID", "CSeq")
    lines = [f"SIP/2.0 {status}", *(f"{name}: {request.field(name)}" for name in names), *more]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}"]).encode() + b"\r\n\r\n" + body
