"""One WebSocket connection: from its HTTP request over its messages to its end.

The protocol itself is ``websockets``', without its I/O: a message costs no task and no queue, and its moment is when
its octets were read.  What does not live here: what messages say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import Any, Protocol

from websockets.datastructures import Headers
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from callvault.capture.clock import NowNs

log = logging.getLogger("callvault.websocket")
log.setLevel(logging.WARNING)  # the library tells of every connection

MOST_MESSAGE_BYTES = 1 << 20
OPENING_S = 10.0
"""How long the request may take."""
JAMBONZ = Subprotocol("audio.jambonz.org")
_SPOKEN = {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}


class Refusal(Exception):
    """The HTTP status and sentence with which a connection is refused."""

    def __init__(self, status: int, sentence: str, **fields: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.fields = {name.replace("_", "-"): value for name, value in fields.items()}


class Visitor(Protocol):
    """Whoever hears what is said on a connection."""

    def hear(self, message: str | bytes, at_ns: int) -> None:
        """A message has come."""

    def lost(self, at_ns: int, *, clean: bool) -> None:
        """Nothing more comes; clean: the other side said so."""


class Host(Protocol):
    """Whoever opens the door."""

    def greet(self, target: str, headers: Headers, host: str, connection: Connection) -> Visitor:
        """Somebody wants to come in.

        Raises:
            Refusal: and may not.
        """


class Connection(asyncio.Protocol):
    """Of one client."""

    def __init__(self, host: Host, now_ns: NowNs, scheme: str) -> None:
        self._host = host
        self._now_ns = now_ns
        self._scheme = scheme
        self._protocol = ServerProtocol(
            select_subprotocol=_subprotocol,
            max_size=MOST_MESSAGE_BYTES,
            logger=log,
        )
        self._visitor: Visitor | None = None
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._text = False
        self._clean = False
        self._timer: asyncio.TimerHandle | None = None
        self.peer_host = ""
        self.peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a stream server
        self._transport = transport
        self.peer_host, port = (transport.get_extra_info("peername") or ("", 0))[:2]
        shown = f"[{self.peer_host}]" if ":" in self.peer_host else self.peer_host
        self.peer = f"{self._scheme}:{shown}:{port}"
        opened: socket.socket | None = transport.get_extra_info("socket")
        if opened is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._timer = asyncio.get_running_loop().call_later(OPENING_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        at_ns = self._now_ns()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._open(event)
            elif isinstance(event, Frame):
                self._take(event, at_ns)
        self._send()

    def eof_received(self) -> None:
        """See ``asyncio.Protocol``."""
        self._protocol.receive_eof()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """See ``asyncio.Protocol``."""
        if self._timer is not None:
            self._timer.cancel()
        visitor, self._visitor = self._visitor, None
        if visitor is not None:
            visitor.lost(self._now_ns(), clean=self._clean)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and hear nothing more."""
        self._visitor = None
        if self._transport is None or self._transport.is_closing():
            return
        with contextlib.suppress(InvalidState):  # the client has said it already
            self._protocol.send_close(code, reason.encode()[:120].decode(errors="ignore"))
        self._send()
        asyncio.get_running_loop().call_later(1.0, self._transport.abort)

    def hold(self, *, back: bool) -> None:
        """Let the client wait with what it has to say, or not any more."""
        if self._transport is not None and not self._transport.is_closing():
            (self._transport.pause_reading if back else self._transport.resume_reading)()

    def _open(self, request: Request) -> None:
        if self._timer is not None:
            self._timer.cancel()
        try:
            visitor = self._host.greet(request.path, request.headers, self.peer_host, self)
        except Refusal as refusal:
            response = self._protocol.reject(refusal.status, f"{refusal}\n")
            for name, value in refusal.fields.items():
                response.headers[name] = value
            self._answer(response)
            return
        response = self._protocol.accept(request)
        self._answer(response)
        if response.status_code == 101:
            self._visitor = visitor
        else:
            visitor.lost(self._now_ns(), clean=True)

    def _answer(self, response: Response) -> None:
        self._protocol.send_response(response)
        self._send()

    def _take(self, frame: Frame, at_ns: int) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._clean = self._protocol.close_rcvd is not None and self._protocol.close_rcvd.code in (1000, 1001, 1005)
        if frame.opcode not in _SPOKEN or self._visitor is None:
            return
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        if not frame.fin or self._pieces:
            self._pieces.append(bytes(frame.data))
            if not frame.fin:
                return
        data = b"".join(self._pieces) if self._pieces else bytes(frame.data)
        self._pieces = []
        self._visitor.hear(data.decode(errors="replace") if self._text else data, at_ns)

    def _send(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()


def _subprotocol(_: ServerProtocol, offered: Any) -> Subprotocol | None:  # noqa: ANN401 - as the library calls it
    return JAMBONZ if JAMBONZ in offered else None
