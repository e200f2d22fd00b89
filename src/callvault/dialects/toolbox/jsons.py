"""JSON: replies, and bodies that have to be an object."""

from __future__ import annotations

from typing import Any

import orjson

from callvault.errors import BadRequest
from callvault.wire import WireReply


def json_reply(
    document: Any,  # noqa: ANN401 - any JSON value
    *,
    status: int = 200,
    content_type: str = "application/json; charset=utf-8",
    headers: tuple[tuple[str, str], ...] = (),
) -> WireReply:
    """The document as UTF-8 JSON."""
    return WireReply(status=status, headers=(("content-type", content_type), *headers), body=orjson.dumps(document))


def json_object(body: bytes, example: str) -> dict[str, Any]:
    """The object that a body is.  ``example``: one that would be right, for the sentence.

    Raises:
        BadRequest: it is none.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise BadRequest(f"The body has to be a JSON object such as {example}.")
    return document
