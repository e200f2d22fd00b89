"""A customer's server: takes webhooks on a free port of the loopback, keeps their exact bytes, answers as it is told.

It runs in a thread of its own, so that tests of one process and of several use the same.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request, as it came."""

    at: float
    """By ``time.monotonic``."""
    connection: int
    """Which connection it came on, counted from 1."""
    head: bytes
    """Request line and headers, without the empty line."""
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def header_list(self) -> tuple[tuple[str, str], ...]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case names."""
        return {name.lower(): value for name, value in self.header_list}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the receiver does with a request."""

    status: int = 204
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    after_s: float = 0.0
    """How long it thinks before it answers."""
    drip_s: float = 0.0
    """How long it thinks before each byte of the body."""
    hang_up: bool = False
    """Whether it closes the connection instead of answering."""
    close: bool = False
    """Whether it closes the connection behind the answer, without having said so."""


@dataclass
class Receiver:
    """The running server."""

    scheme: str = "http"
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[Received] = field(default_factory=list)
    answer: Callable[[Received], Answer] = lambda _: Answer()
    most_at_once: int = 0
    _connections: int = 0
    _at_once: int = 0

    def url(self, path: str = "/hook", host: str | None = None) -> str:
        name = host or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{self.scheme}://{name}:{self.port}{path}"

    def wait_for(self, count: int, seconds: float = 60.0) -> list[Received]:
        """At least so many requests."""
        until(lambda: len(self.requests) >= count, seconds, lambda: f"{len(self.requests)} of {count} webhooks came")
        return list(self.requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        connection = self._connections
        try:
            while await self._one(reader, writer, connection):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:  # not raised on: streams of Python 3.11 complain of it
            writer.transport.abort()
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        body = await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)
        received = Received(at=time.monotonic(), connection=connection, head=head, body=body)
        self.requests.append(received)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._answer(self.answer(received), writer)
        finally:
            self._at_once -= 1

    async def _answer(self, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(answer.after_s)
        if answer.hang_up:
            return False
        lines = [f"HTTP/1.1 {answer.status} Told", *(f"{name}: {value}" for name, value in answer.headers)]
        if answer.status != 204:
            lines.append(f"Content-Length: {len(answer.body)}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if answer.drip_s:
            for octet in answer.body:
                await writer.drain()
                await asyncio.sleep(answer.drip_s)
                writer.write(bytes([octet]))
        else:
            writer.write(answer.body)
        await writer.drain()
        return not answer.close


@contextmanager
def receiving(
    answer: Callable[[Received], Answer] | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Receiver]:
    """Run a receiver; without ``answer`` it says 204 to everything."""
    receiver = Receiver(scheme="https" if tls else "http", host=host)
    if answer is not None:
        receiver.answer = answer
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def begin() -> asyncio.Server:
        server = await asyncio.start_server(receiver.serve, host, port, ssl=tls)
        receiver.port = server.sockets[0].getsockname()[1]
        return server

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(begin())
        loop.call_soon(ready.set)
        loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0.01))  # several turns: transports over TLS close in steps
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, name="receiver", daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def until(true: Callable[[], bool], seconds: float = 60.0, told: Callable[[], str] = lambda: "it never came") -> None:
    """Wait for something to become true."""
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, told()
        time.sleep(0.01)
