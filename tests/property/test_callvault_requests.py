"""Whatever is asked of our own API, it is a command or a refusal that names what is wrong; never a fault of ours."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.callvault import DIALECT, links, requests
from callvault.dialects.callvault.operations import OPERATIONS
from callvault.dialects.callvault.pages import BOOKMARK, bookmark
from callvault.dialects.contract import Route, Visit
from callvault.errors import BadRequest, CallerError, LinkExpired, NotAllowed
from callvault.model.query import Axis
from callvault.vault.commands import Command, TakeIn
from tests.unit.dialects.visits import TEA_ORDER, visit

NAMES = sorted({parameter.name for operation in OPERATIONS for parameter in operation.parameters})
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["1", "true", "asc", "started", "wav", "available", "2026-03-01", "2026-03-01T09:00Z", "call"]),
    st.integers().map(str),
    st.uuids().map(str),
    st.datetimes().map(datetime.isoformat),
)
QUERIES = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), VALUES), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def asked(query: list[tuple[str, str]], headers: dict[str, str] | None = None) -> Visit:
    names = dict.fromkeys(("recording", "hook", "delivery", "call", "which"), str(TEA_ORDER.id))
    plain = visit("/", parts={**names, "name": f"{TEA_ORDER.id}.mp3"}, headers=headers)
    return replace(plain, request=replace(plain.request, query=tuple(query)))


def outcome(read: Callable[[Visit], Command], visit: Visit) -> Command | CallerError:
    try:
        return read(visit)
    except CallerError as error:
        return error


SAID_BY_BODY = {(operation.method, operation.path) for operation in OPERATIONS if operation.takes is not None}
ASKED_BY_QUERY = [route for route in DIALECT.routes if (route.method, route.path) not in SAID_BY_BODY]


@pytest.mark.parametrize("route", ASKED_BY_QUERY, ids=lambda route: f"{route.method} {route.path}")
@given(query=QUERIES)
def test_a_query_is_a_command_or_a_refusal(route: Route, query: list[tuple[str, str]]) -> None:
    came = outcome(route.read, asked(query))
    if isinstance(came, BadRequest):
        assert came.field in {name for name, _ in query}
        assert came.field in str(came) or repr(came.field) in str(came)
    elif isinstance(came, CallerError):
        assert route.read is links.follow
        assert isinstance(came, NotAllowed | LinkExpired)


BY_BODY = [route for route in DIALECT.routes if (route.method, route.path) in SAID_BY_BODY]
BODY_FIELDS = ["to", "silent", "on", "rules", "record", "prebuffer_ms", "url", "events", "most_s", "push", "cue", "key"]


@pytest.mark.parametrize("route", BY_BODY, ids=lambda route: f"{route.method} {route.path}")
@given(document=st.one_of(JSON, st.dictionaries(st.sampled_from(BODY_FIELDS), JSON, max_size=4)))
def test_any_json_is_a_command_or_a_refusal(route: Route, document: Any) -> None:
    plain = asked([])
    came = outcome(route.read, replace(plain, request=replace(plain.request, body=orjson.dumps(document))))
    assert not isinstance(came, CallerError) or isinstance(came, BadRequest)


@given(text=st.text(max_size=60), key=st.text(max_size=20), length=st.text(max_size=8), kind=st.text(max_size=20))
def test_headers_of_an_upload_are_a_command_or_a_refusal(text: str, key: str, length: str, kind: str) -> None:
    headers = {"callvault-card": text, "idempotency-key": key, "content-length": length, "content-type": kind}
    assert isinstance(outcome(requests.upload, asked([], headers)), TakeIn | BadRequest)


FIELDS = ["label", "caller", "callee", "notes", "foreign", "extras", "price", "call_id", "started_at", "transcription"]


@given(document=st.one_of(JSON, st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4)))
def test_any_json_is_a_card_or_a_refusal(document: Any) -> None:
    header = base64.urlsafe_b64encode(orjson.dumps(document)).decode()
    assert isinstance(outcome(requests.upload, asked([], {"callvault-card": header})), TakeIn | BadRequest)


@given(
    at=st.datetimes(timezones=st.just(UTC)),
    core_id=st.uuids(),
    axis=st.sampled_from(Axis),
    descending=st.booleans(),
)
def test_a_page_token_is_read_as_it_was_written(at: datetime, core_id: UUID, axis: Axis, descending: bool) -> None:
    last = replace(TEA_ORDER, id=core_id, started_at=at, created_at=at)
    token = bookmark(last, axis, descending=descending)
    read = BOOKMARK.read(token, "after")
    assert (read.position.at, read.position.id, read.axis, read.descending) == (at, core_id, axis, descending)
