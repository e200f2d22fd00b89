"""SIP over TCP and TLS: connections that clients open, and those that we have to, cut into messages.

What lives here: connections, their limits, and their reuse.  What does not: what the messages say.
A connection has to bring a message within `FIRST_MESSAGE_S`, and to finish one that it has begun; after that it may be
idle for as long as calls last.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from callvault.capture.siprec.places import Place
from callvault.capture.siprec.tls import Identity, certificate_names
from callvault.errors import OperatorError
from callvault.protocols.sip.flow import Flow, Transport
from callvault.protocols.sip.framing import PONG, KeepAlive, StreamFramer
from callvault.protocols.sip.message import BadMessage

log = logging.getLogger("callvault.siprec")

Receive = Callable[[bytes, Flow], bool]
"""A message, and its flow; whether it was SIP at all."""
MOST_UNSENT_BYTES = 1024 * 1024
"""A client that does not read loses its connection, and not our memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamLimits:
    """What connections may cost."""

    connections: int = 4000
    connections_of_one_host: int = 500
    first_message_s: float = 10.0
    """Also how long a message that has begun may take to its end."""
    connect_s: float = 5.0


class Streams:
    """All connections of one server, whoever opened them."""

    def __init__(self, receive: Receive, *, limits: StreamLimits, identity: Identity | None) -> None:
        self._receive = receive
        self.limits = limits
        self._identity = identity
        self._connections: dict[int, Connection] = {}
        self._hosts: Counter[str] = Counter()
        self._opening: dict[Flow, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._count = 0
        self.refused = 0
        """Connections that were one too many."""

    def __len__(self) -> int:
        return len(self._connections)

    async def listen(self, place: Place) -> Place:
        """Take connections there; the place with the port that it has got.

        Raises:
            OperatorError: the place is taken, or not ours, or needs a certificate and has none.
        """
        context = None
        if place.transport is Transport.TLS:
            if self._identity is None:
                raise OperatorError("sip_listen has a tls: place; it needs sip_tls_cert and sip_tls_key.")
            context = self._identity.server_context()
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: Connection(self, place.transport),
                place.host,
                place.port,
                ssl=context,
                ssl_handshake_timeout=self.limits.first_message_s if context else None,
                backlog=1024,
            )
        except OSError as error:
            raise OperatorError(f"Nothing can be listened for at {place}: {error.strerror}.") from error
        self._servers.append(server)
        return replace(place, port=server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """No connection any more."""
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections.values()):
            connection.abort()

    def names(self, connection: int | None) -> tuple[str, ...]:
        """The names that the client of a connection has proved by its certificate."""
        found = self._connections.get(connection) if connection is not None else None
        return found.names if found else ()

    def send(self, data: bytes, flow: Flow) -> None:
        """Over the flow's connection; over a new one where that is closed."""
        found = self._connections.get(flow.connection) if flow.connection is not None else None
        if found is not None:
            found.send(data)
            return
        target = replace(flow, connection=None)
        if target in self._opening:
            self._opening[target].append(data)
        elif len(self._opening) < self.limits.connections:
            self._opening[target] = [data]
            task = asyncio.get_running_loop().create_task(self._open(target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, target: Flow) -> None:
        context = self._identity.client_context() if target.transport is Transport.TLS and self._identity else None
        try:
            async with asyncio.timeout(self.limits.connect_s):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self, target.transport, target.local_port), target.host, target.port, ssl=context
                )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            log.info("no connection to %s: %s", target.peer, error)
            del self._opening[target]
            return
        for data in self._opening.pop(target):
            connection.send(data)

    # What connections say of themselves

    def admit(self, connection: Connection, host: str) -> int | None:
        """Its number; None where it is one too many."""
        limits = self.limits
        if len(self._connections) >= limits.connections or self._hosts[host] >= limits.connections_of_one_host:
            self.refused += 1
            return None
        self._count += 1
        self._connections[self._count] = connection
        self._hosts[host] += 1
        return self._count

    def forget(self, number: int, host: str) -> None:
        """It is closed."""
        if self._connections.pop(number, None):
            self._hosts[host] -= 1
            self._hosts += Counter()  # drops hosts without any

    def receive(self, data: bytes, flow: Flow) -> bool:
        """A message came; whether it was SIP at all."""
        return self._receive(data, flow)


class Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, streams: Streams, transport: Transport, listening_port: int | None = None) -> None:
        """``listening_port``: what to name as our port where the connection is one that we opened."""
        self._streams = streams
        self._kind = transport
        self._listening_port = listening_port
        self._framer = StreamFramer()
        self._deadline: asyncio.TimerHandle | None = None
        self._number: int | None = None
        self.names: tuple[str, ...] = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open, and has shaken hands."""
        self._transport = cast("asyncio.Transport", transport)
        host, port = transport.get_extra_info("peername")[:2]
        local_host, local_port = transport.get_extra_info("sockname")[:2]
        self._number = self._streams.admit(self, host)
        self._flow = Flow(
            transport=self._kind,
            host=host,
            port=port,
            local_host=local_host,
            local_port=self._listening_port or local_port,
            connection=self._number,
        )
        if self._number is None:
            self._transport.abort()
            return
        if isinstance(transport.get_extra_info("ssl_object"), ssl.SSLObject):
            self.names = certificate_names(transport.get_extra_info("peercert"))
        self._wait_for_message()

    def data_received(self, data: bytes) -> None:
        """Bytes of the stream."""
        try:
            pieces = self._framer.receive(data)
        except BadMessage as error:
            log.info("the stream from %s is closed: %s", self._flow.peer, error)
            self.abort()
            return
        for piece in pieces:
            if isinstance(piece, KeepAlive):
                self.send(PONG)
            elif not self._streams.receive(piece, self._flow):
                log.info("the stream from %s is closed: it speaks no SIP", self._flow.peer)
                self.abort()
                return
        if pieces or (self._framer.waiting_bytes and self._deadline is None):
            self._wait_for_message()
        if not self._framer.waiting_bytes and pieces and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """It is closed."""
        if self._deadline is not None:
            self._deadline.cancel()
        if self._number is not None:
            self._streams.forget(self._number, self._flow.host)

    def send(self, data: bytes) -> None:
        """To the client, unless it has stopped reading."""
        if self._transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            log.info("the stream to %s is closed: what is sent is not read", self._flow.peer)
            self.abort()
        elif not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        """Close it, whatever is still on its way."""
        self._transport.abort()

    def _wait_for_message(self) -> None:
        """The next message has to be whole by its time."""
        if self._deadline is not None:
            self._deadline.cancel()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._streams.limits.first_message_s, self.abort)
