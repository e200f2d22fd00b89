"""RFC 9457: every refusal is a problem with our stable ``code``, one sentence, and the field to blame.

``type`` is left at ``about:blank`` (section 4.2.1): what a program compares is ``code``.
"""

from __future__ import annotations

from typing import Any

from callvault.dialects.callvault.words import PROBLEM
from callvault.dialects.contract import Terms
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.refusals import refusal_headers
from callvault.errors import (
    BadRequest,
    CallerError,
    CallvaultError,
    Conflict,
    Gone,
    LinkExpired,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotOffered,
    TooLarge,
    TooMany,
)
from callvault.wire import WireReply, WireRequest

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
OUR_FAULT = "The archive failed; nothing in the request is to blame, and it may be sent again."


def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:  # noqa: ARG001 - one shape for all
    """Status, code and sentence for any error of ours."""
    status = _status(error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": str(error) if isinstance(error, CallerError) else OUR_FAULT,
        "code": error.code,
    }
    if isinstance(error, BadRequest) and error.field is not None:
        problem["field"] = error.field
    return json_reply(
        problem, status=status, content_type=PROBLEM, headers=refusal_headers(error, status, _challenge(error))
    )


def _status(error: CallvaultError) -> int:
    match error:
        case NotAuthenticated():
            return 401
        case NotAllowed() | LinkExpired():  # a link that has run out: 403, as S3 says of its own
            return 403
        case NotFound():
            return 404
        case NotOffered():
            return 405 if error.allowed else 404
        case Conflict():
            return 409
        case Gone():
            return 410
        case TooLarge():
            return 413
        case TooMany():
            return 429
        case CallerError():
            return 400
        case _:
            return 500


def _challenge(error: CallvaultError) -> str:
    hint = ', error="invalid_token"' if isinstance(error, NotAuthenticated) and error.shown else ""  # RFC 6750, 3.1
    return f'Bearer realm="callvault"{hint}, Basic realm="callvault", charset="UTF-8"'
