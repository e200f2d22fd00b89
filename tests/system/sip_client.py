"""A SIP client that is nothing but sockets and text, for talking to a server's real ones.

It shares no code with the server, nor with ``callvault call``.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE_S = 30.0


class Datagrams(asyncio.DatagramProtocol):
    """What comes to a UDP socket."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.queue.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        """Refused by the other end: nothing will come."""


class SipClient:
    """One end of a signalling flow."""

    def __init__(self, transport: str, host: str, port: int, source: str | None = None) -> None:
        """``transport``: udp, tcp or tls; ``source``: the address to come from."""
        self._local = (source, 0) if source else None
        self.transport = transport
        self.host = host
        self.port = port
        self.tag = ""
        self.cseq = 0
        self._asked = ""
        """Number and method of the last request that is answered."""
        self.call = "client"
        self.own_port = 0
        self._udp: asyncio.DatagramTransport | None = None
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, tls: ssl.SSLContext | None = None) -> None:
        if self.transport == "udp":
            protocol = Datagrams()
            self._queue = protocol.queue
            self._udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: protocol, local_addr=self._local, remote_addr=(self.host, self.port)
            )
            self.own_port = self._udp.get_extra_info("sockname")[1]
        else:
            self._reader, self._writer = await asyncio.open_connection(
                self.host, self.port, ssl=tls, local_addr=self._local
            )
            self.own_port = self._writer.get_extra_info("sockname")[1]

    async def close(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._writer is not None:
            self._writer.close()

    @property
    def own_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def request(self, method: str, *more: str, body: bytes = b"", cseq: int | None = None, branch: str = "") -> bytes:
        """Each has the next number, unless told otherwise."""
        self.cseq += cseq is None
        number = self.cseq if cseq is None else cseq
        if method != "ACK":
            self._asked = f"{number} {method}"
        contact = f"<sip:client@{self.own_host}:{self.own_port};transport={self.transport}>;+sip.src"
        branch = f"z9hG4bK{self.call}{branch or f'{method}{number}'}"
        lines = [
            f"{method} sip:recorder@{self.own_host}:{self.port} SIP/2.0",
            f"Via: SIP/2.0/{self.transport.upper()} {self.own_host}:{self.own_port};rport;branch={branch}",
            "Max-Forwards: 70",
            f"From: <sip:client@{self.own_host}>;tag=client",
            f"To: <sip:recorder@{self.own_host}>" + (f";tag={self.tag}" if self.tag else ""),
            f"Call-ID: {self.call}",
            f"CSeq: {number} {method}",
            f"Contact: {contact}",
            *more,
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def send(self, data: bytes) -> None:
        if self._udp is not None:
            self._udp.sendto(data)
        elif self._writer is not None:
            self._writer.write(data)

    async def receive(self) -> bytes:
        """The next message, whole; empty where the connection was closed."""
        async with asyncio.timeout(PATIENCE_S):
            if self._udp is not None:
                return await self._queue.get()
            assert self._reader is not None
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""
            return head + await self._reader.readexactly(int(field(head, "Content-Length")))

    async def octets(self, count: int) -> bytes:
        """The next bytes of a stream; fewer where it was closed."""
        assert self._reader is not None
        async with asyncio.timeout(PATIENCE_S):
            return await self._reader.read(count)

    async def final(self) -> bytes:
        """The final response to the last request, or nothing where the connection was closed.

        What answers an earlier request is no news: where a machine is slow, it comes again.
        """
        while message := await self.receive():
            if status(message) >= 200 and field(message, "CSeq") == self._asked:
                break
        return message

    async def asked(self) -> bytes:
        """The server's next request; before it an answer may come again."""
        while status(message := await self.receive()):
            pass
        return message

    async def invite(self, *more: str, body: bytes = b"") -> bytes:
        """Begin a call; its final response, which is acknowledged."""
        self.send(self.request("INVITE", *more, body=body))
        answer = await self.final()
        tagged = re.search(r";tag=([^;\r]+)", field(answer, "To"))
        tag = tagged[1] if tagged else ""
        if status(answer) < 300:
            self.tag = tag
            self.send(self.request("ACK", cseq=self.cseq, branch="ack"))
        else:
            before, self.tag = self.tag, tag
            self.send(self.request("ACK", cseq=self.cseq, branch=f"INVITE{self.cseq}"))
            self.tag = before
        return answer


def status(message: bytes) -> int:
    """0 for a request."""
    return int(message.split(b" ")[1]) if message.startswith(b"SIP/2.0 ") else 0


def field(message: bytes, name: str) -> str:
    """The first of this name; empty where there is none."""
    found = re.search(rb"^%s: *(.*?)\r$" % name.encode(), message, re.MULTILINE | re.IGNORECASE)
    return found[1].decode(errors="replace") if found else ""


def body_of(message: bytes) -> bytes:
    return message.partition(b"\r\n\r\n")[2]


@asynccontextmanager
async def a_client(
    transport: str,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    call: str = "client",
    source: str | None = None,
) -> AsyncIterator[SipClient]:
    """A client with its socket open."""
    client = SipClient(transport, host, port, source)
    client.call = call
    await client.open(tls)
    try:
        yield client
    finally:
        await client.close()
