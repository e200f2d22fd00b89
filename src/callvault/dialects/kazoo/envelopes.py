"""The envelope that every request and every answer of Kazoo's is wrapped in.

What lives here: opening the one, sealing the other; revisions, which are the entity tags.  What does not: whose token
it is (``auth``), what lies inside (``documents``, ``errors``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo.origins import cross_origin
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import BadRequest
from callvault.wire import WireReply, WireRequest

JSON = "application/json"
READING = frozenset({"GET", "HEAD"})
FULL_BUCKET = {"consumed": 0, "remaining": 100}
"""Kazoo's rate limit; there is none here."""

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_FUNCTION = re.compile(r"[A-Za-z_$][\w$.]{0,127}", re.ASCII)


def open_envelope(request: WireRequest) -> dict[str, Any]:
    """The request's envelope, its own keys in lower case; empty where there is no body.

    Raises:
        BadRequest: the body is not a JSON object.
    """
    if not request.body.strip():
        return {}
    try:
        envelope = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.", field="json", value="") from None
    if not isinstance(envelope, dict):
        raise BadRequest("The body must be a JSON object with the key data.", field="json", value="")
    return {key.lower(): value for key, value in envelope.items()}


def open_data(request: WireRequest) -> dict[str, Any]:
    """What lies in the request's envelope.

    Raises:
        BadRequest: there is no envelope, or no object under ``data``.
    """
    data = open_envelope(request).get("data")
    if not isinstance(data, dict):
        raise BadRequest("The body must be a JSON object with an object under data.", field="json", value="")
    return data


def truth(text: str | None) -> bool:
    """A switch in the query."""
    return text is not None and text.lower() == "true"


def revision_of(data: object) -> str:
    """32 hex characters that change with the data."""
    return hashlib.md5(orjson.dumps(data), usedforsecurity=False).hexdigest()


def is_pretty(request: WireRequest) -> bool:
    """Whether the answer is to be indented."""
    return truth(request.header("x-pretty-print")) or truth(request.first("pretty_print"))


def seal(
    data: Any,  # noqa: ANN401 - any JSON value
    request: WireRequest,
    terms: Terms,
    *,
    token: str | None,
    status: int = 200,
    revision: str | None = None,
    paging: Mapping[str, Any] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> WireReply:
    """A success.  ``token``: what an authenticated caller showed; None for whoever had to show nothing.

    With a revision the answer to a GET carries an entity tag, and is answered 304 where the caller has that already.
    """
    headers = (*headers, *cross_origin(request))
    if revision is not None and request.method in READING:
        headers = (*headers, ("etag", f'"{revision}"'), ("vary", "accept"))
        if _has(request, revision):
            return WireReply(status=304, headers=(*headers, ("x-request-id", _request_id(request, terms))))
    envelope: dict[str, Any] = dict(paging or {}) | {"data": data}
    if revision is not None:
        envelope["revision"] = revision
    return _sealed(envelope | {"status": "success"}, request, terms, token=token, status=status, headers=headers)


def refusal(
    status: int,
    message: str,
    data: Any,  # noqa: ANN401 - any JSON value
    request: WireRequest,
    terms: Terms,
    *,
    token: str | None,
    headers: tuple[tuple[str, str], ...] = (),
) -> WireReply:
    """A failure: the HTTP status again as a text, a word for programs, and the details."""
    headers = (*headers, *cross_origin(request))
    envelope = {"data": data, "error": str(status), "message": message, "status": "error"}
    return _sealed(envelope, request, terms, token=token, status=status, headers=headers)


def _sealed(
    envelope: dict[str, Any],
    request: WireRequest,
    terms: Terms,
    *,
    token: str | None,
    status: int,
    headers: tuple[tuple[str, str], ...],
) -> WireReply:
    request_id = _request_id(request, terms)
    envelope |= {
        "request_id": request_id,
        "node": _node(terms.base_url),
        "timestamp": iso_ms(terms.now)[:19] + "Z",
        "tokens": FULL_BUCKET,
    }
    if token is not None:
        envelope |= {"auth_token": token, "version": terms.version}
    body = orjson.dumps(envelope, option=orjson.OPT_INDENT_2 if is_pretty(request) else 0)
    content_type = JSON
    function = request.first("jsonp") or ""
    if _FUNCTION.fullmatch(function):
        content_type, body = "application/javascript", function.encode() + b"(" + body + b");"
    return WireReply(
        status=status, headers=(("content-type", content_type), ("x-request-id", request_id), *headers), body=body
    )


@lru_cache(maxsize=16)
def _node(base_url: str) -> str:
    return hashlib.blake2s(base_url.encode(), digest_size=5).hexdigest()


def _request_id(request: WireRequest, terms: Terms) -> str:
    wished = request.header("x-request-id") or ""
    return wished if _REQUEST_ID.fullmatch(wished) else terms.request_id


def _has(request: WireRequest, revision: str) -> bool:
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in (request.header("if-none-match") or "").split(","))
    return any(tag in {revision, "*"} for tag in tags)
