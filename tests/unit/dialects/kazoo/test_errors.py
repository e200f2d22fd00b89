"""Every error of ours in Kazoo's words."""

from __future__ import annotations

from typing import Any

import pytest

from callvault import errors
from callvault.dialects.kazoo.errors import refuse
from tests.unit.dialects.kazoo.asking import LIST, ONE, asking
from tests.unit.dialects.visits import TERMS, TOKEN, document, every_error, header

REQUEST = asking(ONE).request
R = "202603-019ca8842a0071118222333344445555"


def told(error: errors.CallvaultError, **how: Any) -> tuple[int, str, Any]:
    reply = refuse(error, asking(how.pop("target", ONE), **how).request, TERMS)
    envelope = document(reply)
    assert envelope["error"] == str(reply.status)
    return reply.status, envelope["message"], envelope["data"]


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_error_has_the_vendors_shape(error: errors.CallvaultError) -> None:
    reply = refuse(error, REQUEST, TERMS)
    envelope = document(reply)
    assert 400 <= reply.status <= 599
    assert (reply.status >= 500) is not isinstance(error, errors.CallerError)
    assert envelope["status"] == "error"
    assert envelope["error"] == str(reply.status)
    assert envelope["message"]
    assert {"data", "request_id", "node", "timestamp", "tokens"} <= set(envelope)
    known = not isinstance(error, errors.NotAuthenticated)
    assert ("auth_token" in envelope) is ("version" in envelope) is known


@pytest.mark.parametrize(
    ("error", "status", "message", "data"),
    [
        (errors.NotAuthenticated(), 401, "invalid_credentials", {"message": "invalid credentials"}),
        (errors.NotAuthenticated(shown=True), 401, "invalid credentials", {}),
        (errors.NotAllowed("no"), 403, "forbidden", {"message": "forbidden"}),
        (errors.NotFound("recording", R), 404, "bad_identifier", {"message": "bad identifier", "cause": R}),
        (errors.NotFound("audio of recording", R), 404, "bad_identifier", {"message": "bad identifier", "details": R}),
        (errors.NotFound("recording", "call-7"), 404, "bad identifier", ["call-7"]),
        (errors.NotFound("audio of recording", "call-7"), 404, "bad identifier", ["call-7"]),
        (errors.NotFound("api key", "f"), 404, "bad identifier", ["f"]),
        (errors.NotFound("account", "acme"), 404, "bad identifier", {"message": "invalid account_id 'acme'"}),
        (errors.NotFound("user", "ada"), 404, "bad_identifier", {"message": "bad identifier", "cause": "ada"}),
        (errors.NotOffered("PATCH", ONE, allowed=("GET",)), 405, "invalid_method", {"message": "method not allowed"}),
        (errors.NotOffered("GET", "/v2/x"), 404, "bad_identifier", {"message": "bad identifier", "cause": "/v2/x"}),
        (errors.Conflict("It is recorded."), 409, "datastore_conflict", {"message": "It is recorded."}),
        (errors.Gone("It is gone."), 410, "gone", {"message": "It is gone."}),
        (errors.TooLarge("Too long."), 416, "range not satisfiable", {}),
        (errors.TooMany("Slow down.", after_s=3), 429, "too_many_requests", {"message": "Slow down."}),
        (errors.CatalogueError("x"), 503, "datastore_unreachable", {"message": "the datastore cannot be reached"}),
        (errors.MediaError("x"), 503, "datastore_fault", {"message": "the audio cannot be fetched"}),
        (errors.AudioError("x"), 500, "unspecified_fault", {"message": "unspecified fault"}),
        (errors.OperatorError("x"), 500, "unspecified_fault", {"message": "unspecified fault"}),
        (
            errors.BadRequest("page size must be at least 1", field="page_size", value="0"),
            404,
            "faulty_request",
            {"message": "page size must be at least 1"},
        ),
    ],
    ids=repr,
)
def test_statuses_words_and_details(error: errors.CallvaultError, status: int, message: str, data: Any) -> None:
    assert told(error) == (status, message, data)


@pytest.mark.parametrize(
    ("error", "data"),
    [
        (
            errors.BadRequest("reversed", field="created_from", value="9"),
            {"created_from": {"date_range": {"message": "reversed", "cause": "9"}}},
        ),
        (
            errors.BadRequest("no key", field="start_key", value="x"),
            {"start_key": {"invalid": {"message": "no key", "cause": "x"}}},
        ),
        (errors.BadRequest("missing", field="api_key"), {"api_key": {"required": {"message": "missing"}}}),
        (errors.BadRequest("short", field="api_key", value="f"), {"api_key": {"minLength": {"message": "short"}}}),
        (errors.BadRequest("dotted", field="a.b"), {"a%2Eb": {"required": {"message": "dotted"}}}),
        (
            errors.BadRequest("no JSON", field="json", value=""),
            {"json": {"invalid": {"message": "no JSON", "target": "body"}}},
        ),
        (errors.NotAudio("no audio"), {"body": {"invalid": {"message": "no audio", "target": "body"}}}),
    ],
    ids=repr,
)
def test_what_breaks_a_schema_is_told_by_property_and_rule(error: errors.BadRequest, data: Any) -> None:
    assert told(error) == (400, "validation error", data)


def test_a_log_in_that_fails_is_told_as_no_credential() -> None:
    status, message, _ = told(errors.NotAuthenticated(shown=True), target="/v2/user_auth", method="PUT")
    assert (status, message) == (401, "invalid_credentials")


def test_an_upload_that_is_too_large_is_no_range() -> None:
    status, message, _ = told(errors.TooLarge("Too large."), target="/v2/push/x.mp3", method="PUT")
    assert (status, message) == (413, "request entity too large")


def test_a_form_that_cannot_be_given_has_no_body() -> None:
    reply = refuse(errors.BadRequest("no", field="accept", value="image/png"), REQUEST, TERMS)
    assert (reply.status, reply.body) == (406, b"")


def test_headers() -> None:
    assert header(refuse(errors.NotAuthenticated(), REQUEST, TERMS), "www-authenticate") == 'Bearer realm="callvault"'
    assert header(refuse(errors.TooMany("x", after_s=0.2), REQUEST, TERMS), "retry-after") == "1"
    offered = errors.NotOffered("PUT", LIST, allowed=("GET", "POST"))
    assert header(refuse(offered, REQUEST, TERMS), "allow") == "GET, POST"


def test_a_token_is_echoed_to_whom_it_belongs_alone() -> None:
    assert document(refuse(errors.NotAllowed("x"), REQUEST, TERMS))["auth_token"] == TOKEN
    anonymous = asking(ONE, headers={}).request
    assert "auth_token" not in document(refuse(errors.NotAllowed("x"), anonymous, TERMS))
