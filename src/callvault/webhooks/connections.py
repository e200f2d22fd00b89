"""Connections that are kept for a while, since what is told to somebody is seldom the last thing that they are told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from callvault.webhooks.connection import Connection, Wire
from callvault.webhooks.guard import Guard

KEEPALIVE_S = 3.0
"""Shorter than the five seconds after which many servers close."""
_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a connection leads."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """Where a URL leads."""
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])


class Connections:
    """Lends them, one at a time to everybody who asks."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext, most: int) -> None:
        """``most``: that are kept while nobody uses them."""
        self._guard = guard
        self._tls = tls
        self._most = most
        self._idle: dict[Origin, list[Connection]] = {}
        self._count = 0
        self._sweeping: asyncio.TimerHandle | None = None

    def kept(self, origin: Origin) -> Connection | None:
        """One that was used before and can be used again; whoever takes it has it."""
        waiting = self._idle.get(origin, [])
        while waiting:
            connection = waiting.pop()
            self._count -= 1
            if connection.sound and self._age(connection) < KEEPALIVE_S:
                return connection
            connection.close()
        return None

    async def fresh(self, origin: Origin, seconds: float) -> Connection:
        """A new one.

        Raises:
            Forbidden: it would lead where nothing may be sent.
            NotConnected: nobody answers.
        """
        tls = self._tls if origin.scheme == "https" else None
        wire = await self._guard.connect(Wire, origin.host, origin.port, tls=tls, seconds=seconds)
        return Connection(wire)

    @asynccontextmanager
    async def using(self, connection: Connection, origin: Origin) -> AsyncIterator[None]:
        """For the time of one request and its answer; then it is kept, or closed where it cannot be."""
        try:
            yield
        except BaseException:
            connection.close()
            raise
        if not connection.finish() or self._count >= self._most:
            connection.close()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.setdefault(origin, []).append(connection)
        self._count += 1
        self._sweep_later()

    async def close(self) -> None:
        """Let go of those that nobody uses."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        waiting = [connection for entries in self._idle.values() for connection in entries]
        self._idle.clear()
        self._count = 0
        for connection in waiting:
            connection.close()
        for connection in waiting:
            await connection.closed.wait()

    def _age(self, connection: Connection) -> float:
        return asyncio.get_running_loop().time() - connection.idle_since

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(KEEPALIVE_S, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for too long."""
        self._sweeping = None
        for origin, entries in list(self._idle.items()):
            young = [each for each in entries if each.sound and self._age(each) < KEEPALIVE_S]
            for old in (each for each in entries if each not in young):
                old.close()
            self._count -= len(entries) - len(young)
            if young:
                self._idle[origin] = young
            else:
                del self._idle[origin]
        if self._idle:
            self._sweep_later()
