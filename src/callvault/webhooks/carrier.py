"""The carrier: a file to a customer's URL, and back from there, in pieces; however long it is, none of it is held.

It connects through the guard, as notices do, and keeps no connection: files are few and far between.  What does not
live here: which file goes where (``shipper``), and what is tried again (``model.shipment``).
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from callvault.errors import MediaError
from callvault.model.destination import credentials_of, without_credentials
from callvault.model.notice import Notice
from callvault.vault.pushing import Fetched
from callvault.webhooks.connection import Connection, Trouble, Wire
from callvault.webhooks.connections import origin_of
from callvault.webhooks.guard import Forbidden, Guard
from callvault.webhooks.redirects import redirected

MOST_REDIRECTS = 10
OK, PARTIAL = 200, 206

Body = Callable[[], AsyncIterator[bytes]]
"""Gives the bytes from their beginning, each time it is asked: a redirect wants them again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What became of a try."""

    status: int | None
    """What was answered; None: nothing."""
    error: str | None
    """What was wrong; None: it was taken."""


class Carrier:
    """Carries files."""

    def __init__(self, guard: Guard, *, agent: str, tls: ssl.SSLContext, timeout_s: float) -> None:
        """``timeout_s``: how long the other side may take nothing, or say nothing."""
        self._guard = guard
        self._agent = agent
        self._tls = tls
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Let go of the resolver."""
        self._guard.close()

    async def send(self, url: str, method: str, content_type: str, size_bytes: int | None, body: Body) -> Carried:
        """One try; whatever the other side does is an outcome.  Redirects are followed with verb and body.

        Raises:
            MediaError, AudioError: the file cannot be read.
        """
        length = ("Content-Length", str(size_bytes)) if size_bytes is not None else ("Transfer-Encoding", "chunked")
        request = self._request(url, method, (("Content-Type", content_type), length))
        status: int | None = None
        been = {request.url}
        try:
            for _ in range(MOST_REDIRECTS + 1):
                async with self._connected(request.url) as connection:
                    head = await connection.upload(request, body(), self._timeout_s)
                status = head.status_code
                onward = redirected(request, status, _headers_of(head.headers))
                if onward is None:
                    taken = 200 <= status < 300
                    return Carried(status=status, error=None if taken else f"It was answered with {status}.")
                if onward.url in been:
                    return Carried(status=status, error="The answers lead round in a circle.")
                been.add(onward.url)
                request = onward
        except (Trouble, Forbidden) as trouble:
            return Carried(status=status, error=str(trouble))
        return Carried(status=status, error=f"The answers lead on more than {MOST_REDIRECTS} times.")

    @asynccontextmanager
    async def fetch(self, url: str, start: int = 0) -> AsyncIterator[Fetched]:
        """What lies at a URL, from a byte on.

        Raises:
            MediaError: it cannot be had.
        """
        request = self._request(url, "GET", (("Range", f"bytes={start}-"),) if start else ())
        try:
            for _ in range(MOST_REDIRECTS + 1):
                async with self._connected(request.url) as connection:
                    head = await connection.ask(request, self._timeout_s)
                    headers = _headers_of(head.headers)
                    onward = redirected(request, head.status_code, headers)
                    if onward is None:
                        if head.status_code not in {OK, PARTIAL}:
                            raise MediaError(f"The place that the audio was pushed to answered {head.status_code}.")
                        skip = start if head.status_code == OK else 0
                        pieces = _after(skip, connection.body(self._timeout_s))
                        length = headers.get("content-length", "")
                        size = int(length) - skip + start if length.isdigit() else None
                        yield Fetched(size_bytes=size, pieces=pieces)
                        return
                request = onward
        except (Trouble, Forbidden) as trouble:
            raise MediaError(f"The audio cannot be read back from where it was pushed to: {trouble}") from trouble
        raise MediaError("The place that the audio was pushed to leads elsewhere again and again.")

    @asynccontextmanager
    async def _connected(self, url: str) -> AsyncIterator[Connection]:
        origin = origin_of(url)
        tls = self._tls if origin.scheme == "https" else None
        wire = await self._guard.connect(Wire, origin.host, origin.port, tls=tls, seconds=self._timeout_s)
        connection = Connection(wire)
        try:
            yield connection
        finally:
            connection.close()
            await connection.closed.wait()

    def _request(self, url: str, method: str, headers: tuple[tuple[str, str], ...]) -> Notice:
        plain, known = without_credentials(url), credentials_of(url)
        shown = (("Authorization", _basic(*known)),) if known is not None else ()
        host = ("Host", urlsplit(plain).netloc)
        agent = ("User-Agent", self._agent)
        return Notice(method=method, url=plain, headers=(host, agent, ("Accept", "*/*"), *shown, *headers))


def _headers_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}


def _basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


async def _after(skip: int, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Without what comes before a byte, from whoever does not know ranges."""
    async for piece in pieces:
        if skip < len(piece):
            yield piece[skip:]
        skip = max(0, skip - len(piece))
