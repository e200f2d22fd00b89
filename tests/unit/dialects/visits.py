"""What a dialect's functions are given, ready to be varied: recording, request, caller, terms, every error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import orjson

from callvault import errors
from callvault.dialects.contract import Dialect, Route, Terms, Visit
from callvault.model.actor import ORDINARY_SCOPES, Account, Actor, Scope
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.query import RecordingQuery, Slice
from callvault.model.recording import Direction, MediaState, Origin, Recording, Status, StoredMedia
from callvault.vault.commands import OpenedMedia
from callvault.wire import WireReply, WireRequest

NOW = datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC)
TOKEN = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
ALICE = Account(
    id=UUID("019cad00-0000-7000-8000-00000000a11c"),
    serial=10_000_001,
    name="Alice",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
TERMS = Terms(
    now=NOW,
    base_url="https://vault.example.net",
    link_key=b"l" * 32,
    cloak_key=b"v" * 32,
    notice_key=b"n" * 32,
)
TEA_ORDER = Recording(
    id=UUID("019ca884-2a00-7111-8222-333344445555"),
    account_id=ALICE.id,
    call_id=UUID("019ca884-2a00-7aaa-8bbb-ccccddddeeee"),
    call_session_id=UUID("019ca884-2a00-7a5e-8551-000000000001"),
    connection_id="2100000000000000001",
    sip_call_id="a84b4c76e66710@pbx.example.net",
    origin=Origin.CALL_COMMAND,
    direction=Direction.INBOUND,
    status=Status.AVAILABLE,
    media_state=MediaState.WHOLE,
    caller=Party(number="+15550100"),
    callee=Party(number="+15550199"),
    channels=2,
    format=MediaFormat.WAV,
    duration_ms=61_240,
    media=StoredMedia(
        store="main",
        key="tea-order",
        size_bytes=1_959_724,
        sha256="0" * 64,
        format=MediaFormat.WAV,
        codec="pcm_s16le",
        sample_rate=8_000,
        samples=489_920,
    ),
    started_at=datetime(2026, 3, 1, 9, 0, 2, 114_000, tzinfo=UTC),
    ended_at=datetime(2026, 3, 1, 9, 1, 3, 354_000, tzinfo=UTC),
    created_at=datetime(2026, 3, 1, 9, 1, 5, 1_000, tzinfo=UTC),
    updated_at=datetime(2026, 3, 1, 9, 1, 6, 2_000, tzinfo=UTC),
    taken_in_at=datetime(2026, 3, 1, 9, 1, 7, tzinfo=UTC),
)


def recording(**changes: Any) -> Recording:
    """The tea order, with these fields changed."""
    return replace(TEA_ORDER, **changes)


def page(*items: Recording, query: RecordingQuery, **fields: Any) -> Slice[Recording]:
    """A page of an answer to this question."""
    return Slice(items=items, more=fields.pop("more", False), query=query, **fields)


def visit(
    target: str = "/",
    *,
    method: str = "GET",
    parts: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    scopes: frozenset[Scope] = ORDINARY_SCOPES,
    settings: Mapping[str, Any] | None = None,
    now: datetime = NOW,
) -> Visit:
    """Alice asks.  ``target``: path and query, as a client sends them."""
    split = urlsplit(target)
    return Visit(
        request=WireRequest(
            method=method,
            path=split.path,
            parts=parts or {},
            query=tuple(parse_qsl(split.query, keep_blank_values=True)),
            headers=headers or {},
            body=body,
        ),
        terms=replace(TERMS, now=now, settings=settings or {}),
        caller=Actor(account=ALICE, key_id=TOKEN[:16], scopes=scopes),
    )


class Silence:
    """As many octets as are asked for."""

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        yield bytes((stop or 0) - start)


def opened(form: MediaFormat = MediaFormat.WAV) -> OpenedMedia:
    """The tea order's audio."""
    return OpenedMedia(
        recording=TEA_ORDER,
        format=form,
        channels=2,
        size_bytes=1000,
        etag="abc",
        modified_at=TEA_ORDER.taken_in_at,
        source=Silence(),
    )


def document(reply: WireReply) -> Any:
    """The JSON of a reply."""
    assert isinstance(reply.body, bytes)
    return orjson.loads(reply.body)


def header(reply: WireReply, name: str) -> str | None:
    """A header of a reply; None where it has none."""
    return dict(reply.headers).get(name)


def route(dialect: Dialect, method: str, path: str) -> Route:
    """The dialect's route with this method and template."""
    (found,) = (route for route in dialect.routes if (route.method, route.path) == (method, path))
    return found


def every_error() -> list[errors.CallvaultError]:
    """One of each class of the family, in each of the forms that make a difference."""
    return [error for kind in _family(errors.CallvaultError) for error in _forms(kind)]


def _forms(kind: type[errors.CallvaultError]) -> Iterator[errors.CallvaultError]:
    if issubclass(kind, errors.BadRequest):
        yield kind("a must be a number.", field="a", value="b")
        yield kind("The body is no JSON.")
    elif issubclass(kind, errors.NotAuthenticated):
        yield kind()
        yield kind(shown=True)
    elif issubclass(kind, errors.NotFound):
        yield kind("recording", "r-1")
    elif issubclass(kind, errors.NotOffered):
        yield kind("PATCH", "/v2/recordings", allowed=("GET",))
        yield kind("GET", "/v3")
    elif issubclass(kind, errors.TooMany):
        yield kind("Slow down.", after_s=1.6)
    else:
        yield kind("It went wrong.")


def _family(root: type[errors.CallvaultError]) -> Iterator[type[errors.CallvaultError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:  # the emulator's planted faults are no errors of the house
            yield from _family(child)
