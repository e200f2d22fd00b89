"""In what form the answer is wanted."""

from __future__ import annotations

import pytest

from callvault.dialects.kazoo.negotiation import Form, of_list, of_recording
from callvault.errors import BadRequest
from callvault.wire import WireRequest


def asked(accept: str | None, query: str | None = None, *, method: str = "GET", body: bytes = b"") -> WireRequest:
    return WireRequest(
        method=method,
        path="/",
        query=() if query is None else (("accept", query),),
        headers={} if accept is None else {"accept": accept},
        body=body,
    )


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, Form.DOCUMENT),
        ("", Form.DOCUMENT),
        ("application/json", Form.DOCUMENT),
        ("application/x-json", Form.DOCUMENT),
        ("*/*", Form.DOCUMENT),
        ("application/json, text/javascript, */*; q=0.01", Form.DOCUMENT),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", Form.DOCUMENT),
        ("audio/mpeg", Form.AUDIO),
        ("audio/mp3", Form.AUDIO),
        ("Audio/MPEG", Form.AUDIO),
        ("audio/*", Form.AUDIO),
        ("audio/wav", Form.AUDIO),
        ("audio/x-wav", Form.AUDIO),
        ("audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,*/*;q=0.5", Form.AUDIO),
        ("application/json;q=0.5, audio/mpeg;q=0.6", Form.AUDIO),
        ("application/json;q=0.6, audio/mpeg;q=0.5", Form.DOCUMENT),
        ("application/json, audio/mpeg", Form.AUDIO),
        ("audio/mpeg, application/json", Form.DOCUMENT),
        ("audio/mpeg;q=0, */*;q=0.1", Form.DOCUMENT),
        ("audio/mpeg;q=many, */*;q=0.1", Form.DOCUMENT),
        ("audio/mpeg;q=nan, */*;q=0.1", Form.DOCUMENT),
        ("audio/mpeg;charset=x;q=0.2, */*;q=0.1", Form.AUDIO),
    ],
)
def test_the_header(accept: str | None, form: Form) -> None:
    assert of_recording(asked(accept)) is form


@pytest.mark.parametrize("accept", ["image/png", "text/csv", "audio/mpeg;q=0", "audio/ogg", "nonsense"])
def test_a_header_that_allows_for_neither(accept: str) -> None:
    with pytest.raises(BadRequest, match="application/json or audio/mpeg") as caught:
        of_recording(asked(accept))
    assert caught.value.field == "accept"


@pytest.mark.parametrize(
    ("accept", "query", "form"),
    [
        ("application/json", "audio/mpeg", Form.AUDIO),
        ("audio/mpeg", "application/json", Form.DOCUMENT),
        ("image/png", "audio/mp3", Form.AUDIO),
        ("audio/mpeg", "image/png", Form.AUDIO),
        (None, "image/png", Form.DOCUMENT),
        (None, "", Form.DOCUMENT),
    ],
)
def test_the_query_stands_above_it(accept: str | None, query: str, form: Form) -> None:
    assert of_recording(asked(accept, query)) is form


def test_the_body_of_a_tunnelled_request_does_too() -> None:
    body = b'{"accept": "audio/mpeg", "verb": "get"}'
    assert of_recording(asked("application/json", method="POST", body=body)) is Form.AUDIO
    assert of_recording(asked("application/json", method="GET", body=body)) is Form.DOCUMENT
    assert of_recording(asked(None, method="POST", body=b'{"accept": ["audio/mpeg"]}')) is Form.DOCUMENT


@pytest.mark.parametrize(
    ("accept", "query", "form"),
    [
        ("text/csv", None, Form.TABLE),
        ("text/comma-separated-values", None, Form.TABLE),
        ("application/octet-stream", None, Form.TABLE),
        ("application/json", "csv", Form.TABLE),
        ("text/csv", "json", Form.DOCUMENT),
        ("text/csv;q=0.5, */*", None, Form.DOCUMENT),
        ("audio/mpeg", None, Form.DOCUMENT),
        (None, None, Form.DOCUMENT),
    ],
)
def test_a_list_can_be_a_table(accept: str | None, query: str | None, form: Form) -> None:
    assert of_list(asked(accept, query)) is form
