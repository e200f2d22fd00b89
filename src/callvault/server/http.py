"""HTTP to values and back, over ASGI: the only file that knows the server's protocol.

Each request becomes a ``WireRequest``, goes through ``dialects.contract.answer``, and its reply is sent; audio in large
pieces, each only when the one before has been taken, so that memory does not grow with the file.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, MutableMapping
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Any, Protocol
from urllib.parse import quote, unquote_plus

from callvault import __version__
from callvault.dialects import registry
from callvault.dialects.contract import Desk, Dialect, Terms, answer
from callvault.errors import BadRequest, CallvaultError, NotAudio, NotOffered, TooLarge
from callvault.server.clock import Clock, wall_clock
from callvault.server.routing import Match, Router
from callvault.server.workers import Workers
from callvault.vault.clear_rows import ClearRows
from callvault.vault.secrets import Secrets
from callvault.vault.settling import Settling
from callvault.wire import MediaSlice, WireReply, WireRequest

log = logging.getLogger("callvault.http")

MOST_BODY = 1 << 20
"""Bytes of a body that is not audio."""
SETTLE_PAUSE_S = 60.0
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[(?P<six>[0-9A-Fa-f:.]+)\])(?::[0-9]{0,5})?", re.ASCII)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class House(Desk, Protocol):
    """What stands behind the doors: a vault, or an emulator in its place."""

    @property
    def secrets(self) -> Secrets:
        """What links and cloaked ids are made with."""
        ...

    @property
    def settling(self) -> Settling:
        """What tidies up after faults."""
        ...

    @property
    def clear_rows(self) -> ClearRows:
        """What seals what an older callvault kept in clear."""
        ...

    async def open(self) -> None:
        """Be ready.  Raises CallvaultError."""

    async def close(self) -> None:
        """Let go of everything."""


class Disconnected(Exception):
    """The caller went away."""


class App:
    """The ASGI application: one a process."""

    def __init__(
        self,
        vault: House,
        router: Router,
        fallback: Dialect,
        settings: Mapping[str, Any],
        clock: Clock = wall_clock,
        *,
        workers: Workers | None = None,
    ) -> None:
        self._vault = vault
        self._router = router
        self._fallback = fallback
        self._settings = settings
        self._clock = clock
        self._workers = workers or Workers()
        self._base_url = str(settings.get("base_url") or "").rstrip("/")
        self._settling: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's scope, as ASGI 3 has it."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._vault.open()
                except CallvaultError as error:
                    log.critical("callvault cannot start: %s", error)
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                self._settling = asyncio.create_task(self._settle())
                self._workers.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._settling is not None:
                    self._settling.cancel()
                await self._workers.stop()
                await self._vault.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _settle(self) -> None:
        """What a fault of catalogue or store left open is settled once they are back, not only at the next start."""
        looked = False
        while True:
            try:
                if not looked:
                    await self._seal_clear_rows()
                    looked = True
            except CallvaultError as error:
                log.warning("what an older callvault kept in clear cannot be sealed yet: %s", error)
            await asyncio.sleep(SETTLE_PAUSE_S)
            try:
                await self._vault.settling.settle()
            except CallvaultError as error:
                log.warning("what is left open cannot be settled yet: %s", error)

    async def _seal_clear_rows(self) -> None:
        sealed = await self._vault.clear_rows.seal()
        if sealed:
            log.warning("%d rows of an older callvault, which may have held passwords in clear, are sealed now", sealed)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        path = raw.decode(errors="replace").partition("?")[0] if raw else quote(scope["path"], safe="/%:@!$&'()*+,;=~")
        match = self._router.match(scope["method"], path)
        headers = _headers(scope)
        terms = self._terms(scope, headers)
        try:
            request, fault = await _request(scope, headers, match, receive)
            reply = await self._answer(match, request, fault, terms)
            await _send(reply, scope["method"] == "HEAD", receive, send)
        except Disconnected:
            log.info("%s %s: the caller went away", scope["method"], _told(match))
        except CallvaultError as error:  # in the middle of a body: the client sees the connection break
            log.error("%s %s broke off: %s", scope["method"], _told(match), error)  # noqa: TRY400
            raise

    async def _answer(
        self, match: Match, request: WireRequest, fault: CallvaultError | None, terms: Terms
    ) -> WireReply:
        dialect = match.dialect or self._fallback
        if fault is not None:
            return dialect.refuse(fault, request, terms)
        if match.route is None:
            error = NotOffered(request.method, request.path, allowed=match.allowed)
            return dialect.refuse(error, request, terms)
        return await answer(dialect, match.route, request, self._vault, terms)

    def _terms(self, scope: Scope, headers: Mapping[str, str]) -> Terms:
        return Terms(
            now=self._clock(),
            base_url=self._base_url or f"{scope['scheme']}://{_host(headers) or 'localhost'}",
            link_key=self._vault.secrets.link_key,
            cloak_key=self._vault.secrets.cloak_key,
            notice_key=self._vault.secrets.notice_key,
            request_id=secrets.token_hex(16),
            settings=self._settings,
            version=__version__,
            call_names=registry.call_names,
            conference_names=registry.conference_names,
        )


def _told(match: Match) -> str:
    """The path for a log: never as it was asked, since it may hold a key."""
    return match.route.path if match.route else "an unknown path"


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _host(headers: Mapping[str, str]) -> str | None:
    """The host that was asked; None where a client names none that could be (RFC 9112 section 3.2)."""
    return _sound_host(headers.get("host") or "localhost")  # a client of HTTP/1.0 may leave it out


@lru_cache(maxsize=1024)
def _sound_host(host: str) -> str | None:
    match = _HOST.fullmatch(host)
    try:
        return host if match and (match["six"] is None or IPv6Address(match["six"])) else None
    except AddressValueError:
        return None


def _parameters(query: bytes) -> tuple[tuple[str, str], ...]:
    """What ``urllib.parse.parse_qsl`` finds, blank values kept, in half its time."""
    pairs = [pair.partition("=") for pair in query.decode(errors="replace").split("&") if pair]
    return tuple([(_decoded(name), _decoded(value)) for name, _, value in pairs])


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


async def _request(
    scope: Scope, headers: Mapping[str, str], match: Match, receive: Receive
) -> tuple[WireRequest, CallvaultError | None]:
    """The request, and what is wrong with it whatever it asks for."""
    streams = match.route is not None and match.route.streams
    client = scope.get("client")
    query = scope.get("query_string") or b""
    fault: CallvaultError | None = None
    body = b""
    if b"%00" in query or b"\0" in query or "\0" in scope["path"]:
        fault = BadRequest("A NUL character stands in the URL, where nothing here has one.")
    elif _host(headers) is None:
        fault = BadRequest("The Host header must name one host, and may name a port.", field="Host")
    elif not streams and scope["method"] not in {"GET", "HEAD"}:
        try:
            body = await _whole(receive)
        except TooLarge as error:
            fault = error
    request = WireRequest(
        method=scope["method"],
        path=scope["path"],
        parts=match.parts,
        query=_parameters(query) if query else (),
        headers=headers,
        body=body,
        stream=_audio(receive) if streams else None,
        client=client[0] if client else "",
    )
    return request, fault


async def _whole(receive: Receive) -> bytes:
    pieces, size = [], 0
    async for piece in _pieces(receive):
        size += len(piece)
        if size > MOST_BODY:
            raise TooLarge(f"The body is larger than the {MOST_BODY} bytes that are allowed here.")
        pieces.append(piece)
    return b"".join(pieces)


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        piece = message.get("body", b"")
        if piece:
            yield piece
        more = message.get("more_body", False)


async def _audio(receive: Receive) -> AsyncIterator[bytes]:
    try:
        async for piece in _pieces(receive):
            yield piece
    except Disconnected:
        raise NotAudio("The upload broke off in the middle; send it again, whole.") from None


async def _send(reply: WireReply, head: bool, receive: Receive, send: Send) -> None:  # noqa: FBT001
    body = reply.body
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    length = len(body) if isinstance(body, bytes) else None
    if isinstance(body, MediaSlice) and body.stop is not None:
        length = body.stop - body.start
    if length is not None and reply.status not in {204, 304}:
        headers.append((b"content-length", str(length).encode()))
    start = {"type": "http.response.start", "status": reply.status, "headers": headers}
    if isinstance(body, bytes) or head:
        await send(start)
        await send({"type": "http.response.body", "body": b"" if head or not isinstance(body, bytes) else body})
        return
    pieces = body.source.chunks(body.start, body.stop)
    await send(start)
    if body.live:
        await _until_gone(_pour(pieces, send), receive)
    else:
        await _pour(pieces, send)
    await send({"type": "http.response.body", "body": b""})


async def _pour(pieces: AsyncIterator[bytes], send: Send) -> None:
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _until_gone(pouring: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Sending to somebody who is gone is no error to the HTTP server, and what has no end would go on for ever.

    Raises:
        Disconnected: whoever asked went away first.
    """
    poured, gone = asyncio.create_task(pouring), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait((poured, gone), return_when=asyncio.FIRST_COMPLETED)
        if not poured.done():
            raise Disconnected
        await poured
    finally:
        gone.cancel()
        poured.cancel()
        await asyncio.gather(poured, gone, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
