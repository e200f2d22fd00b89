"""A SIP user agent that calls: requests with their timers (RFC 3261 section 17.1), and what comes in between.

What lives here: client transactions over one transport, and whose message an incoming one is.  What does not: dialogues
(``dialogue``), what a call says.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from callvault.caller import messages, transport
from callvault.caller.messages import Message
from callvault.errors import HouseError, ProtocolError

T1_S, T2_S = 0.5, 4.0
PATIENCE_S = 32.0
"""64 times T1: timers B and F."""


class NoAnswer(HouseError):
    """The recorder says nothing."""

    code = "no-answer"


class Listener(Protocol):
    """A call, as the agent knows it."""

    def hear_request(self, request: Message) -> bytes | None:
        """The answer to a request of the recorder's; None for an ACK."""

    def hear_again(self, response: Message) -> bytes | None:
        """The ACK for a 2xx that came once more; None where there has been none yet."""


@dataclass(eq=False)
class _Exchange:
    """A request under way."""

    octets: bytes
    final: asyncio.Future[Message]
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """Something came, a provisional answer at least."""
    provisional: Callable[[Message], None] | None = None


class Agent:
    """One transport, and all calls over it."""

    def __init__(self) -> None:
        self._exchanges: dict[tuple[str, str], _Exchange] = {}
        self._listeners: dict[str, Listener] = {}
        self._way: transport.Transport | None = None
        self.to = transport.Destination(host="", port=0, transport="udp")
        self.log: list[tuple[str, bytes]] = []
        """Every message, with ``>`` or ``<``; only kept where somebody asked for it."""
        self.keeps_log = False

    @property
    def way(self) -> transport.Transport:
        """The open transport."""
        if self._way is None:
            raise HouseError("The agent has not been connected.")
        return self._way

    async def connect(
        self,
        to: transport.Destination,
        *,
        ca_file: Path | None = None,
        certificate: Path | None = None,
        own: str | None = None,
    ) -> None:
        """Open the way.

        Raises:
            HouseError: there is none.
        """
        self.to = to
        self._way = await transport.connect(to, self._receive, ca_file=ca_file, certificate=certificate, own=own)

    def close(self) -> None:
        """No more of it."""
        if self._way is not None:
            self._way.close()

    def listen(self, call_id: str, listener: Listener) -> None:
        """Requests of a call go to it from now on."""
        self._listeners[call_id] = listener

    def forget(self, call_id: str) -> None:
        """And no longer."""
        self._listeners.pop(call_id, None)

    def send(self, octets: bytes) -> None:
        """One message, without a timer: an ACK."""
        if self.keeps_log:
            self.log.append((">", octets))
        self.way.send(octets)

    async def ask(self, octets: bytes, *, provisional: Callable[[Message], None] | None = None) -> Message:
        """Send a request until something comes; the final answer.

        Raises:
            NoAnswer: nothing came in 32 s, or the connection broke.
        """
        request = messages.parse(octets)
        final: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        exchange = _Exchange(octets=octets, final=final, provisional=provisional)
        key = (request.branch, request.method)
        self._exchanges[key] = exchange
        repeating = asyncio.create_task(self._repeat(exchange, request.method))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await exchange.final
        except TimeoutError as error:
            raise NoAnswer(f"{self.to.host}:{self.to.port} does not answer {request.method}.") from error
        finally:
            repeating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await repeating
            if not (exchange.final.done() and not exchange.final.cancelled() and self._is_invite_refused(exchange)):
                self._exchanges.pop(key, None)

    @staticmethod
    def _is_invite_refused(exchange: _Exchange) -> bool:
        """Its refusal may come again, and wants an ACK each time."""
        response = exchange.final.result()
        return response.method == "INVITE" and (response.status or 0) >= 300

    async def _repeat(self, exchange: _Exchange, method: str) -> None:
        """Timers A and E: 0.5 s, 1 s, 2 s ..., until something comes; reliable transports need none."""
        self.send(exchange.octets)
        if self.way.reliable:
            return
        wait_s = T1_S
        while not exchange.final.done():
            try:
                async with asyncio.timeout(wait_s):
                    await exchange.answered.wait()
            except TimeoutError:
                self.send(exchange.octets)
                wait_s = wait_s * 2 if method == "INVITE" else min(wait_s * 2, T2_S)
            else:
                return

    def _receive(self, octets: bytes) -> None:
        if self.keeps_log:
            self.log.append(("<", octets))
        try:
            message = messages.parse(octets)
        except ProtocolError:
            return  # what is no SIP is no concern of a call's
        if message.status is None:
            self._take_request(message)
        else:
            self._take_response(message)

    def _take_response(self, response: Message) -> None:
        status = response.status or 0
        exchange = self._exchanges.get((response.branch, response.method))
        if exchange is None:
            listener = self._listeners.get(response.get("call-id"))
            if response.method == "INVITE" and 200 <= status < 300 and listener is not None:
                acknowledgement = listener.hear_again(response)
                if acknowledgement is not None:
                    self.send(acknowledgement)
            return
        exchange.answered.set()
        if status < 200:
            if exchange.provisional is not None:
                exchange.provisional(response)
            return
        if response.method == "INVITE" and status >= 300:
            self.send(_refusal_acknowledged(exchange.octets, response))
        if not exchange.final.done():
            exchange.final.set_result(response)

    def _take_request(self, request: Message) -> None:
        listener = self._listeners.get(request.get("call-id"))
        if listener is not None:
            answer = listener.hear_request(request)
        elif request.method == "ACK":
            answer = None
        elif request.method == "OPTIONS":
            answer = messages.respond(request, 200, "OK", to_tag="ping")
        else:
            answer = messages.respond(request, 481, "Call/Transaction Does Not Exist", to_tag="none")
        if answer is not None:
            self.send(answer)


def _refusal_acknowledged(invite: bytes, response: Message) -> bytes:
    """RFC 3261 section 17.1.1.3: the ACK belongs to the INVITE's transaction."""
    return same_transaction(invite, "ACK", to=response.get("to"))


def same_transaction(invite: bytes, method: str, *, to: str | None = None) -> bytes:
    """An ACK or CANCEL with the Via, numbers and names of an INVITE (RFC 3261 sections 9.1 and 17.1.1.3)."""
    head = invite.partition(b"\r\n\r\n")[0].decode()
    start, *lines = head.split("\r\n")
    kept = [f"{method} {start.split()[1]} SIP/2.0"]
    for line in lines:
        name = line.partition(":")[0].strip().lower()
        if name in {"via", "from", "call-id", "max-forwards", "route"} or (name == "to" and to is None):
            kept.append(line)
        elif name == "to":
            kept.append(f"To: {to}")
        elif name == "cseq":
            kept.append(f"CSeq: {line.partition(':')[2].split()[0]} {method}")
    return ("\r\n".join([*kept, "Content-Length: 0"]) + "\r\n\r\n").encode()
