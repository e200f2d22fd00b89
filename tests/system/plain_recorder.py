"""A recorder by hand: a few regular expressions that answer a recording client, and sockets that keep what comes.

It knows neither callvault's server nor its client; each of them can be held against it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Send = Callable[[bytes], None]


@dataclass
class PlainRecorder:
    """What it is to do, and what it has heard."""

    refusals: list[str] = field(default_factory=list)
    """Status lines' rests, with further header lines behind them, for the next INVITEs."""
    silent_for: int = 0
    """So many messages it does not hear."""
    offers: bool = False
    rings: bool = False
    """It says 180 and nothing more, until it is cancelled."""
    takes_s: float = 0.0
    """How long it thinks about each re-INVITE."""
    direction: str = "recvonly"
    crypto_tag: int | None = None
    requests: list[bytes] = field(default_factory=list)
    """Without those that it did not hear."""
    media: list[list[bytes]] = field(default_factory=list)
    """RTP by media line, as it came."""
    reports: list[list[bytes]] = field(default_factory=list)
    port: int = 0
    send: Send = lambda _: None
    _sockets: list[socket.socket] = field(default_factory=list)
    _ringing: bytes = b""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def methods(self) -> list[str]:
        return [request.split()[0].decode() for request in self.requests]

    async def until(self, heard: Callable[[], object]) -> None:
        """Wait for what a message or a packet brings about."""
        while not heard():
            self._news.clear()
            await self._news.wait()

    def hear(self, message: bytes, send: Send) -> None:
        self.send = send
        self._news.set()
        if self.silent_for:
            self.silent_for -= 1
            return
        if message.startswith(b"SIP/2.0"):
            return
        self.requests.append(message)
        method = message.split()[0]
        if method == b"INVITE" and self.media and self.takes_s:
            asyncio.get_running_loop().call_later(self.takes_s, self._invited, message)
        elif method == b"INVITE":
            self._invited(message)
        elif method == b"CANCEL":
            send(answer(message, "200 OK"))
            send(answer(self._ringing, "487 Request Terminated"))
        elif method != b"ACK":
            send(answer(message, "200 OK"))

    def _invited(self, message: bytes) -> None:
        if self.refusals:
            self.send(answer(message, self.refusals.pop(0)))
        elif self.rings:
            self._ringing = message
            self.send(answer(message, "180 Ringing"))
        else:
            self.send(answer(message, "100 Trying"))
            described = self.describe(message).encode()
            self.send(
                answer(message, "200 OK\r\nContact: <sip:plain@127.0.0.1>\r\nContent-Type: application/sdp", described)
            )

    def describe(self, message: bytes) -> str:
        host = "::1" if b"c=IN IP6" in message else "127.0.0.1"
        lines = ["v=0", f"o=- 1 1 IN IP{'6' if ':' in host else '4'} {host}", "s=-"]
        lines += [f"c=IN IP{'6' if ':' in host else '4'} {host}", "t=0 0"]
        offered = re.split(rb"(?m)^(?=m=)", message)[1:] if not self.offers else [b"m=audio 9 RTP/AVP 0\r\n"] * 2
        for number, part in enumerate(offered):
            kind, _, *rest = part.split(b"\r\n")[0].decode().split()
            wanted = kind == "m=audio"
            port = self._open(number, host) if wanted else 0
            lines.append(f"{kind} {port} {' '.join(rest)}")
            lines += re.findall(r"(?m)^a=(?:rtpmap|fmtp|label).*(?=\r)", part.decode())
            if self.crypto_tag is not None and wanted:
                lines.append(re.findall(rf"(?m)^a=crypto:{self.crypto_tag} .*(?=\r)", part.decode())[0])
            held = b"a=inactive" in part
            lines.append("a=inactive" if held else f"a={self.direction}")
        return "".join(line.split("\r")[0] + "\r\n" for line in lines)

    def _open(self, number: int, host: str) -> int:
        while len(self.media) <= number:
            while True:
                media, reports = (
                    socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab"
                )
                media.bind((host, 0))
                try:
                    reports.bind((host, media.getsockname()[1] + 1))
                    break
                except (OSError, OverflowError):
                    media.close()
                    reports.close()
            for each, kept in ((media, self.media), (reports, self.reports)):
                each.setblocking(False)
                kept.append([])
                self._sockets.append(each)
                asyncio.get_running_loop().add_reader(each, self._drain, each, kept[-1])
        return int(self._sockets[2 * number].getsockname()[1])

    def _drain(self, source: socket.socket, kept: list[bytes]) -> None:
        self._news.set()
        try:
            while True:
                kept.append(source.recv(2048))
        except BlockingIOError:
            return

    def close(self) -> None:
        for number, each in enumerate(self._sockets):
            self._drain(each, (self.media, self.reports)[number % 2][number // 2])
            asyncio.get_running_loop().remove_reader(each)
            each.close()


def answer(request: bytes, status: str, body: bytes = b"") -> bytes:
    """A response with what has to be copied."""
    head = request.partition(b"\r\n\r\n")[0].decode()
    copied = [line for line in head.split("\r\n")[1:] if re.match(r"(?i)(via|from|to|call-id|cseq)\s*:", line)]
    tagged = [f"{line};tag=plain" if re.match(r"(?i)to\s*:", line) and ";tag=" not in line else line for line in copied]
    first, *more = status.split("\r\n")
    lines = [f"SIP/2.0 {first}", *tagged, *more, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, recorder: PlainRecorder) -> None:
        self.recorder = recorder

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self.recorder.hear(data, lambda octets: self.transport.sendto(octets, addr))


@asynccontextmanager
async def recording(
    recorder: PlainRecorder, transport: str = "udp", *, host: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Listening until the end of the block; its SIP URI."""
    loop = asyncio.get_running_loop()
    shown = f"[{host}]" if ":" in host else host
    if transport == "udp":
        way, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(recorder), local_addr=(host, 0))
        recorder.port = way.get_extra_info("sockname")[1]
        try:
            yield f"sip:plain@{shown}:{recorder.port}"
        finally:
            way.close()
            recorder.close()
        return

    served: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.current_task())
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?im)^content-length\s*:\s*(\d+)", head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                recorder.hear(head.lstrip() + body, writer.write)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=context)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield f"sip:plain@{shown}:{recorder.port};transport={transport}"
    finally:
        server.close()
        await asyncio.gather(*(task for task in served if task is not None))
        recorder.close()
