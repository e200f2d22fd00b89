"""Bird's refusals: a status, and three keys."""

from __future__ import annotations

from typing import Any

import pytest

from callvault import errors
from callvault.dialects.bird.errors import refuse
from tests.unit.dialects.visits import TERMS, document, every_error, header, visit

REQUEST = visit("/workspaces/x/recordings").request


def refused(error: errors.CallvaultError) -> tuple[int, Any]:
    reply = refuse(error, REQUEST, TERMS)
    return reply.status, document(reply)


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_error_has_the_vendors_shape(error: errors.CallvaultError) -> None:
    status, body = refused(error)
    assert 400 <= status <= 599
    assert (status >= 500) is not isinstance(error, errors.CallerError)
    assert list(body) == ["code", "message", "details"]
    assert len(body["code"]) >= 3
    assert body["message"]
    assert isinstance(body["details"], dict)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotAuthenticated(), 401, "Unauthorized"),
        (errors.NotAllowed("This key cannot delete."), 403, "AccessDenied"),
        (errors.NotFound("recording", "x"), 404, "NotFound"),
        (errors.NotOffered("GET", "/workspaces"), 404, "NotFound"),
        (errors.NotOffered("PATCH", "/workspaces/x/recordings", allowed=("GET",)), 405, "MethodNotAllowed"),
        (errors.BadRequest("no", field="limit"), 422, "ValidationFailed"),
        (errors.BadRequest("no"), 400, "BadRequest"),
        (errors.Conflict("It is being recorded."), 409, "Conflict"),
        (errors.Gone("It is gone."), 410, "Gone"),
        (errors.LinkExpired("It has run out."), 403, "AccessDenied"),
        (errors.TooLarge("Too large."), 413, "PayloadTooLarge"),
        (errors.TooMany("Slow down.", after_s=3), 429, "TooManyRequests"),
        (errors.CatalogueError("The database is away."), 500, "InternalError"),
    ],
    ids=repr,
)
def test_statuses_and_codes(error: errors.CallvaultError, status: int, code: str) -> None:
    answered, body = refused(error)
    assert (answered, body["code"]) == (status, code)


def test_the_field_to_blame_is_in_the_details() -> None:
    _, body = refused(errors.BadRequest("limit must be less.", field="limit", value="100"))
    assert body["details"] == {"limit": ["limit must be less."]}
    assert body["message"] == "limit must be less."


def test_what_went_wrong_inside_stays_inside() -> None:
    _, body = refused(errors.CatalogueError("connection to 10.0.0.7 refused"))
    assert "10.0.0.7" not in body["message"]


def test_headers_that_tell_what_to_do() -> None:
    def told(error: errors.CallvaultError, name: str) -> str | None:
        return header(refuse(error, REQUEST, TERMS), name)

    assert told(errors.NotAuthenticated(), "www-authenticate") == 'AccessKey realm="callvault"'
    assert told(errors.TooMany("Slow down.", after_s=0.2), "retry-after") == "1"
    assert told(errors.NotOffered("PUT", "/workspaces/x/recordings", allowed=("GET", "HEAD")), "allow") == "GET, HEAD"
