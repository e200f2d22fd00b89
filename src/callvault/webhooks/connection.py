"""One connection to a customer's server: HTTP/1.1 as h11 speaks it, over one of asyncio's transports.

What does not live here: where it leads (``guard``), which connections are kept (``connections``), and what becomes of
an answer (``sender``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import cast

import h11

from callvault.model.notice import Notice

MOST_HEAD = 65_536
"""Bytes of an answer's status line and headers."""
MOST_UNREAD = 262_144
"""Bytes that are taken ahead of whoever reads; the other side may go on when they are read."""
_TARGET = re.compile(r"[a-z]+://[^/?#]*([^#]*)", re.IGNORECASE)


class Trouble(Exception):
    """An attempt comes to nothing; says why in one sentence."""


class NotConnected(Trouble):
    """No connection came about."""


class Broken(Trouble):
    """The connection broke, or what came is not HTTP."""


class Late(Trouble):
    """There was nothing to read for as long as somebody was willing to wait."""


class Wire(asyncio.Protocol):
    """The bytes that come in."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.closed = asyncio.Event()
        self._arrived = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    @property
    def quiet(self) -> bool:
        """Whether the other side has said nothing that nobody has read, and has not closed."""
        return not self._arrived and not self._ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Some came."""
        self._arrived += data
        if len(self._arrived) > MOST_UNREAD:
            self.transport.pause_reading()
        self._room.set()  # whoever is sending has to look at it
        self._tell()

    def eof_received(self) -> None:
        """No more will come."""
        self._ended = True
        self._room.set()
        self._tell()

    def pause_writing(self) -> None:
        """The other side does not take as much as is sent."""
        self._room.clear()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._ended, self._error = True, exc
        self.closed.set()
        self._room.set()
        self._tell()

    async def read(self, seconds: float) -> bytes:
        """What came; empty at the end.

        Raises:
            Broken: the connection was lost.
            Late: nothing came for so long.
        """
        if self.quiet:
            self._news = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._news
            except TimeoutError as error:
                raise Late(f"The answer did not come in time: nothing for {seconds:g} s.") from error
            finally:
                self._news = None
        if self._error is not None and not self._arrived:
            raise Broken(f"The connection broke before an answer: {self._error}.") from self._error
        data = bytes(self._arrived)
        self._arrived.clear()
        if not self._ended:
            self.transport.resume_reading()
        return data

    async def drain(self, seconds: float) -> None:
        """Wait until more may be sent, or the other side has spoken.

        Raises:
            Late: the other side took nothing for so long.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._room.wait()
        except TimeoutError as error:
            raise Late(f"What was sent was not taken in time: nothing for {seconds:g} s.") from error

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


class Connection:
    """Takes one request after the other."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        self.idle_since = 0.0
        """By the loop's clock; whoever keeps it says so."""

    @property
    def closed(self) -> asyncio.Event:
        """Set once nothing is left of it."""
        return self._wire.closed

    @property
    def sound(self) -> bool:
        """Whether a request may be sent on it: nothing is open, and the other side has neither spoken nor closed."""
        return self._http.our_state is h11.IDLE and self._wire.quiet and not self._wire.transport.is_closing()

    async def ask(self, request: Notice, seconds: float) -> h11.Response:
        """Send a request, and wait for the head of its answer.

        Raises:
            Broken, Late: there is none.
        """
        try:
            head = _head(request)
            content = [head, h11.Data(data=request.body)] if request.body else [head]
            self._wire.transport.write(b"".join(self._spelled(event) for event in (*content, h11.EndOfMessage())))
        except h11.LocalProtocolError as error:
            raise Broken(f"The request is not HTTP: {error}.") from error
        return await self._answered(seconds)

    async def upload(self, request: Notice, content: AsyncIterator[bytes], seconds: float) -> h11.Response:
        """Send a request whose body comes in pieces, and wait for the head of its answer; ``seconds``: for each step.

        Who answers before the end is sent no more.

        Raises:
            Broken, Late: there is no answer.
        """
        try:
            self._wire.transport.write(self._spelled(_head(request)))
            async for piece in content:
                if not self._wire.quiet:
                    return await self._answered(seconds)
                self._wire.transport.write(self._spelled(h11.Data(data=piece)))
                await self._wire.drain(seconds)
            self._wire.transport.write(self._spelled(h11.EndOfMessage()))
        except h11.LocalProtocolError as error:
            raise Broken(f"The request is not HTTP: {error}.") from error
        return await self._answered(seconds)

    async def _answered(self, seconds: float) -> h11.Response:
        while True:
            event = await self._next(seconds)
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise Broken("The connection ended before an answer.")

    async def body(self, seconds: float) -> AsyncIterator[bytes]:
        """What follows the head, piece by piece.  Raises Broken, Late."""
        while isinstance(event := await self._next(seconds), h11.Data):
            yield bytes(event.data)

    def finish(self) -> bool:
        """Be ready for another request, if that can be."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return self.sound

    def close(self) -> None:
        """Let go of it, whatever is under way."""
        self._wire.transport.abort()

    def _spelled(self, event: h11.Event) -> bytes:
        return self._http.send(event) or b""

    async def _next(self, seconds: float) -> h11.Event | type[h11.PAUSED]:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._wire.read(seconds))
        except h11.RemoteProtocolError as error:
            raise Broken(f"The answer is not HTTP: {error}.") from error
        return cast("h11.Event | type[h11.PAUSED]", event)


def _head(request: Notice) -> h11.Request:
    match = _TARGET.match(request.url)
    target = match[1] if match else ""
    return h11.Request(
        method=request.method,
        target=target if target.startswith("/") else f"/{target}",
        headers=list(request.headers),
    )
