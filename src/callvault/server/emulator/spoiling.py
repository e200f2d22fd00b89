"""Dialects that go wrong on demand: the same routes, with a fault looked for before each is read and after it is said.

A refusal is the dialect's own ``refuse``, so status, body and headers are the vendor's.  A 5xx that the vendor has no
word for comes as from a gateway in front of it: a status and a line of text.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from callvault.dialects.contract import Dialect, Refuse, Route, Terms, Visit
from callvault.errors import (
    CallvaultError,
    CatalogueError,
    HouseError,
    MediaError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooMany,
)
from callvault.server.emulator.faults import Family, Faults, Refusal, SlowBody
from callvault.vault.commands import Command
from callvault.wire import ByteSource, MediaSlice, WireReply, WireRequest

BREATHS_PER_S = 20
"""How often a slow body gives something."""
LARGEST_PIECE = 1 << 16


class PlantedFault(CallvaultError):
    """A server that fails because it was told to; nothing of ours is broken, so nothing is logged."""

    code = "planted-fault"

    def __init__(self, status: int) -> None:
        super().__init__("This fault was asked for.")
        self.status = status


def spoiled(dialect: Dialect, faults: Faults) -> Dialect:
    """The dialect with faults wherever one stands."""
    return replace(
        dialect,
        routes=tuple(_route(dialect.name, route, faults) for route in dialect.routes),
        refuse=_refusing(dialect),
    )


def _route(name: str, route: Route, faults: Faults) -> Route:
    def read(visit: Visit) -> Command:
        deed = faults.take(Family.REFUSAL, name, visit.request.method, visit.request.path)
        if isinstance(deed, Refusal):
            raise _error(deed, visit.request)
        return route.read(visit)

    def say(result: Any, visit: Visit) -> WireReply:  # noqa: ANN401 - by route
        reply = route.say(result, visit)
        if not 200 <= reply.status < 300 or reply.body == b"" or visit.request.method == "HEAD":
            return reply
        deed = faults.take(Family.BODY, name, visit.request.method, visit.request.path)
        return replace(reply, body=_slow(reply.body, deed)) if isinstance(deed, SlowBody) else reply

    return replace(route, read=read, say=say)


def _error(deed: Refusal, request: WireRequest) -> CallvaultError:
    match deed.status:
        case 401:
            return NotAuthenticated(shown=True)
        case 403:
            return NotAllowed("This was refused on demand.")
        case 404:
            named = request.parts.get("recording") or request.path.rstrip("/").rpartition("/")[2]
            return NotFound("recording", named)
        case 429:
            return TooMany("There were too many requests.", after_s=deed.retry_after_s, limit=deed.limit)
        case _:
            return PlantedFault(deed.status)


def _refusing(dialect: Dialect) -> Refuse:
    def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:
        if not isinstance(error, PlantedFault):
            return dialect.refuse(error, request, terms)
        for kind in (HouseError, CatalogueError):
            reply = dialect.refuse(kind("An internal error occurred."), request, terms)
            if reply.status == error.status:
                return reply
        phrase = HTTPStatus(error.status).phrase if error.status in set(HTTPStatus) else "Server Error"
        text = f"{error.status} {phrase}\n".encode()
        return WireReply(status=error.status, headers=(("content-type", "text/plain"),), body=text)

    return refuse


def _slow(body: bytes | MediaSlice, deed: SlowBody) -> MediaSlice:
    if isinstance(body, MediaSlice):
        return replace(body, source=SlowSource(body.source, deed))
    return MediaSlice(source=SlowSource(Held(body), deed), start=0, stop=len(body))


class Held:
    """Bytes in memory, as a byte source."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """A stretch of them."""
        yield self._content[start:stop]


class SlowSource:
    """Another source, as over a bad line."""

    def __init__(self, source: ByteSource, deed: SlowBody) -> None:
        self._source = source
        self._deed = deed

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """A stretch of it.

        Raises:
            MediaError: where it is to break off.
        """
        await asyncio.sleep(self._deed.first_byte_after_s)
        left = self._deed.break_after_bytes
        async for whole in self._source.chunks(start, stop):
            for piece in self._pieces(whole):
                given = piece if left is None else piece[:left]
                if given:
                    yield given
                if len(given) < len(piece):
                    raise MediaError("The body broke off, as it was asked to.")
                if left is not None:
                    left -= len(given)
                if self._deed.bytes_per_s is not None:
                    await asyncio.sleep(len(given) / self._deed.bytes_per_s)

    def _pieces(self, whole: bytes) -> list[bytes]:
        pace = self._deed.bytes_per_s
        size = LARGEST_PIECE if pace is None else max(1, min(LARGEST_PIECE, int(pace / BREATHS_PER_S)))
        return [whole[at : at + size] for at in range(0, len(whole), size)]
