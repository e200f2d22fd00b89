"""One ASGI conversation, octet by octet: what a server hands to the application, and what it is given back.

The application is the real one; only the socket is left out, so that a test decides when pieces arrive and leave.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

Headers = Sequence[tuple[str, str]]
Message = MutableMapping[str, Any]
Application = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class PeerGone(Exception):
    """The server can send no more: the client has closed the connection."""


@dataclass(kw_only=True)
class Answer:
    """What the application sent."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    complete: bool = False

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)

    def header(self, name: str) -> str | None:
        """A header's value; None where there is none, and an error where there are two."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} is there {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    def take(self, message: Message) -> None:
        """A message of the application's, held to the rules of the protocol."""
        assert not self.complete, "a message after the last one"
        if message["type"] == "http.response.start":
            assert self.status == 0, "two beginnings"
            self.status = message["status"]
            self.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            assert all(name == name.lower() for name, _ in self.headers)
        else:
            assert message["type"] == "http.response.body"
            assert self.status, "a body before the beginning"
            self.pieces.append(bytes(message.get("body", b"")))
            self.complete = not message.get("more_body", False)


def scope_of(
    method: str, target: str | bytes, headers: Headers = (), *, scheme: str = "http", **more: Any
) -> dict[str, Any]:
    """A connection's scope as granian makes it.  ``target``: path and query, still encoded."""
    raw = target.encode() if isinstance(target, str) else target
    raw_path, _, query = raw.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote_to_bytes(raw_path).decode(errors="replace"),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "server": ("127.0.0.1", 8480),
        "client": ("127.0.0.1", 50_000),
        **more,
    }


async def ask(
    app: Application,
    method: str,
    target: str | bytes,
    headers: Headers = (),
    body: bytes | Iterable[bytes] = b"",
    **more: Any,
) -> Answer:
    """A whole request, and the whole answer.  ``body`` in pieces is handed over piece by piece."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    inbox = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ] or [{"type": "http.request", "body": b"", "more_body": False}]
    answer = Answer()

    async def receive() -> Message:
        await asyncio.sleep(0)
        return inbox.pop(0) if inbox else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answer.take(message)
        await asyncio.sleep(0)

    await app(scope_of(method, target, headers, **more), receive, send)
    assert answer.complete, "the answer has no end"
    return answer


async def nothing_more() -> Message:
    """Receives the end of a request that has no body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def gone() -> Message:
    """Receives that the client has closed the connection."""
    return {"type": "http.disconnect"}


async def swallow(_: Message) -> None:
    """Sends into the void."""


async def conversation(
    app: Application, scope: dict[str, Any], receive: Callable[[], Awaitable[Message]] = nothing_more
) -> Answer:
    """A request whose pieces come from ``receive``, and the whole answer."""
    answer = Answer()

    async def send(message: Message) -> None:
        answer.take(message)

    await app(scope, receive, send)
    assert answer.complete, "the answer has no end"
    return answer


def descriptors() -> int:
    """How many files, sockets and pipes this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def awake(app: Application) -> AsyncIterator[None]:
    """The application between its startup and its shutdown."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.create_task(_live(app, inbox, outbox))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await life


async def _live(app: Application, inbox: asyncio.Queue[Message], outbox: asyncio.Queue[Message]) -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, outbox.put)
