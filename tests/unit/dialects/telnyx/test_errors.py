"""Telnyx's refusals: a status, a code of digits, and the parameter to blame."""

from __future__ import annotations

from typing import Any

import pytest

from callvault import errors
from callvault.dialects.telnyx.errors import refuse
from tests.unit.dialects.visits import TERMS, document, every_error, header, visit

REQUEST = visit("/v2/recordings").request


def refused(error: errors.CallvaultError) -> tuple[int, Any]:
    reply = refuse(error, REQUEST, TERMS)
    (entry,) = document(reply)["errors"]
    return reply.status, entry


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_error_has_the_vendors_shape(error: errors.CallvaultError) -> None:
    status, entry = refused(error)
    assert 400 <= status <= 599
    assert (status >= 500) is not isinstance(error, errors.CallerError)
    assert set(entry) - {"source"} == {"code", "title", "detail", "meta"}
    assert entry["code"].isdigit()
    assert entry["title"]
    assert entry["detail"]
    assert entry["meta"]["url"].endswith(entry["code"])


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotAuthenticated(), 401, "10009"),
        (errors.NotAllowed("This key cannot delete."), 403, "10010"),
        (errors.NotFound("recording", "x"), 404, "10005"),
        (errors.NotOffered("GET", "/v2/nothing"), 404, "10005"),
        (errors.NotOffered("PATCH", "/v2/recordings", allowed=("GET",)), 405, "10030"),
        (errors.BadRequest("no", field="page[size]"), 422, "10033"),
        (errors.BadRequest("no", field="filter[created_at][gte]"), 422, "10031"),
        (errors.BadRequest("no"), 400, "10015"),
        (errors.BadRequest("no", field="/ids"), 422, "10004"),
        (errors.BadRequest("no", field="/ids", value="7"), 400, "10015"),
        (errors.Conflict("It is being recorded."), 422, "10027"),
        (errors.TooLarge("Too large."), 413, "10015"),
        (errors.TooMany("Slow down.", after_s=3), 429, "10011"),
        (errors.Gone("It is gone."), 404, "10005"),
        (errors.LinkExpired("It has run out."), 403, "10010"),
        (errors.CatalogueError("The database is away."), 500, "10007"),
    ],
    ids=repr,
)
def test_statuses_and_codes(error: errors.CallvaultError, status: int, code: str) -> None:
    answered, entry = refused(error)
    assert (answered, entry["code"]) == (status, code)


def test_the_parameter_to_blame_is_named() -> None:
    _, entry = refused(errors.BadRequest("page[size] must be less.", field="page[size]", value="251"))
    assert entry["source"] == {"parameter": "page[size]"}
    assert entry["detail"] == "page[size] must be less."


def test_the_key_of_a_body_is_pointed_at() -> None:
    _, entry = refused(errors.BadRequest("ids is missing.", field="/ids"))
    assert entry["source"] == {"pointer": "/ids"}


def test_a_connection_without_credentials_is_pointed_at() -> None:
    _, entry = refused(errors.NotFound("storage", "2100000000000000001"))
    assert entry["source"] == {"pointer": "/connection_id"}
    _, entry = refused(errors.NotFound("recording", "x"))
    assert "source" not in entry


def test_what_went_wrong_inside_stays_inside() -> None:
    _, entry = refused(errors.CatalogueError("connection to 10.0.0.7 refused"))
    assert "10.0.0.7" not in entry["detail"]


def test_headers_that_tell_what_to_do() -> None:
    def told(error: errors.CallvaultError, name: str) -> str | None:
        return header(refuse(error, REQUEST, TERMS), name)

    assert told(errors.NotAuthenticated(), "www-authenticate") == 'Bearer realm="callvault"'
    assert told(errors.TooMany("Slow down.", after_s=2.4), "retry-after") == "3"
    assert told(errors.NotOffered("PUT", "/v2/recordings", allowed=("GET", "HEAD")), "allow") == "GET, HEAD"


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_the_texml_paths_have_a_detail_alone(error: errors.CallvaultError) -> None:
    reply = refuse(error, visit("/v2/texml/Accounts/x/Recordings.json").request, TERMS)
    (entry,) = document(reply)["errors"]
    assert list(entry) == ["detail"]
    assert entry["detail"]
    assert reply.status == refuse(error, REQUEST, TERMS).status


def test_the_texml_paths_detail_of_what_is_not_there() -> None:
    reply = refuse(errors.NotFound("recording", "x"), visit("/v2/texml/Accounts/x/Recordings.json").request, TERMS)
    assert document(reply) == {"errors": [{"detail": "Resource not found"}]}
