"""The way to the recorder: UDP, TCP or TLS, over IPv4 or IPv6.

What lives here: sockets, and where one message ends and the next begins.  What does not: what messages mean.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from callvault.caller import messages
from callvault.errors import BadRequest, HouseError

PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}

Receive = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where a SIP URI leads."""

    host: str
    port: int
    transport: str


def destination(recorder: str, transport: str | None = None) -> Destination:
    """Of a URI such as ``sip:archive.example.net:5060;transport=tcp``.

    Raises:
        BadRequest: it is no SIP URI, or names a transport that there is not.
    """
    found = re.match(r"(?i)(sips?):(?:[^@;]*@)?(\[[0-9a-f:.]+\]|[^:;?]+)(?::(\d+))?(.*)", recorder)
    if found is None:
        raise BadRequest(f"{recorder!r} is no SIP URI; one looks like sip:archive.example.net:5060.", field="recorder")
    named = re.search(r"(?i);transport=(\w+)", found[4])
    chosen = (transport or (named[1] if named else "tls" if found[1].lower() == "sips" else "udp")).lower()
    if chosen not in PORTS:
        raise BadRequest(f"There is no transport {chosen!r}; there are {', '.join(PORTS)}.", field="transport")
    return Destination(host=found[2].strip("[]"), port=int(found[3] or PORTS[chosen]), transport=chosen)


def own_address(to: Destination) -> str:
    """The address from which packets to a place leave."""
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_DGRAM)
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise HouseError(f"There is no way to {to.host}: {error}.") from error


class Transport:
    """An open way; ``receive`` is told whole messages."""

    reliable = True
    host = ""
    port = 0
    closed = False
    """Whether the other side has gone."""

    def send(self, message: bytes) -> None:
        """One message, as soon as there is room."""
        raise NotImplementedError

    def close(self) -> None:
        """No more messages."""
        raise NotImplementedError


class _Datagrams(Transport, asyncio.DatagramProtocol):
    reliable = False

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.host, self.port = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:  # noqa: ARG002 - asyncio's
        if data.strip():
            self._receive(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there just now; the timers deal with that."""

    def send(self, message: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(message)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _Stream(Transport, asyncio.Protocol):
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.host, self.port = transport.get_extra_info("sockname")[:2]

    def data_received(self, data: bytes) -> None:
        self._held += data
        while True:
            message, self._held = messages.cut(self._held)
            if message is None:
                return
            self._receive(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.closed = True

    def send(self, message: bytes) -> None:
        if self._transport is not None and not self.closed:
            self._transport.write(message)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(
    to: Destination,
    receive: Receive,
    *,
    ca_file: Path | None = None,
    certificate: Path | None = None,
    own: str | None = None,
) -> Transport:
    """An open way.  ``ca_file``: whom to trust, None: nobody is checked; ``certificate``: ours, with its key.

    Raises:
        HouseError: nobody answers there, or with a certificate that is not to be trusted.
    """
    loop = asyncio.get_running_loop()
    try:
        if to.transport == "udp":
            family = socket.AF_INET6 if _is_six(to.host) else socket.AF_UNSPEC
            _, datagrams = await loop.create_datagram_endpoint(
                lambda: _Datagrams(receive),
                local_addr=(own, 0) if own else None,
                remote_addr=(to.host, to.port),
                family=family,
            )
            return datagrams
        context = _trusting(ca_file, certificate) if to.transport == "tls" else None
        _, stream = await loop.create_connection(
            lambda: _Stream(receive), to.host, to.port, ssl=context, local_addr=(own, 0) if own else None
        )
    except OSError as error:
        raise HouseError(f"There is no way to {to.host}:{to.port} by {to.transport.upper()}: {error}.") from error
    return stream


def _is_six(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _trusting(ca_file: Path | None, certificate: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    if ca_file is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context
