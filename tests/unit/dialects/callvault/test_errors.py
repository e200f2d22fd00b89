"""Problems (RFC 9457): a status, a stable code, one sentence, and the field to blame."""

from __future__ import annotations

import pytest

from callvault import errors
from callvault.dialects.callvault.description.sentences import CODES
from callvault.dialects.callvault.errors import OUR_FAULT, TITLES, refuse
from tests.unit.dialects.visits import TERMS, document, every_error, header, visit

REQUEST = visit("/callvault/v1/recordings").request


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_error_is_a_problem(error: errors.CallvaultError) -> None:
    reply = refuse(error, REQUEST, TERMS)
    problem = document(reply)
    assert header(reply, "content-type") == "application/problem+json"
    assert problem["type"] == "about:blank"
    assert problem["status"] == reply.status
    assert problem["title"] == TITLES[reply.status]
    assert problem["code"] == error.code
    assert problem["detail"].endswith(".")
    assert (reply.status >= 500) is not isinstance(error, errors.CallerError)
    assert set(problem) - {"field"} == {"type", "title", "status", "detail", "code"}


def test_every_code_is_described() -> None:
    raised = {error.code for error in every_error()} - {errors.CallvaultError.code, errors.OperatorError.code}
    assert set(CODES) == raised


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadRequest("no", field="limit"), 400),
        (errors.NotAudio("no"), 400),
        (errors.NotAuthenticated(), 401),
        (errors.NotAllowed("This key may not delete."), 403),
        (errors.LinkExpired("It has run out."), 403),
        (errors.NotFound("recording", "x"), 404),
        (errors.NotOffered("GET", "/callvault/v1/nothing"), 404),
        (errors.NotOffered("PUT", "/callvault/v1/recordings", allowed=("GET", "POST")), 405),
        (errors.Conflict("It is being recorded."), 409),
        (errors.Gone("It is gone."), 410),
        (errors.TooLarge("Too large."), 413),
        (errors.TooMany("Slow down.", after_s=3), 429),
        (errors.CatalogueError("The database is away."), 500),
    ],
    ids=repr,
)
def test_statuses(error: errors.CallvaultError, status: int) -> None:
    assert refuse(error, REQUEST, TERMS).status == status


def test_the_field_to_blame_is_named_where_there_is_one() -> None:
    assert document(refuse(errors.BadRequest("no", field="limit"), REQUEST, TERMS))["field"] == "limit"
    assert "field" not in document(refuse(errors.BadRequest("no"), REQUEST, TERMS))


def test_what_went_wrong_inside_stays_inside() -> None:
    problem = document(refuse(errors.CatalogueError("connection to 10.0.0.7 refused"), REQUEST, TERMS))
    assert (problem["detail"], problem["code"]) == (OUR_FAULT, "catalogue-error")


def test_headers_that_tell_what_to_do() -> None:
    def told(error: errors.CallvaultError, name: str) -> str | None:
        return header(refuse(error, REQUEST, TERMS), name)

    both = 'Bearer realm="callvault"{}, Basic realm="callvault", charset="UTF-8"'
    assert told(errors.NotAuthenticated(), "www-authenticate") == both.format("")
    assert told(errors.NotAuthenticated(shown=True), "www-authenticate") == both.format(', error="invalid_token"')
    assert told(errors.TooMany("Slow down.", after_s=2.1), "retry-after") == "3"
    assert told(errors.TooMany("Slow down.", after_s=0.0), "retry-after") == "1"
    assert told(errors.NotOffered("PUT", "/x", allowed=("GET", "POST")), "allow") == "GET, POST"
    assert told(errors.NotOffered("PUT", "/x"), "allow") is None
