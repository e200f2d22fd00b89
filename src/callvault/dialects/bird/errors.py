"""Bird's error body: ``{code, message, details}``, and nothing else."""

from __future__ import annotations

from callvault.dialects.bird.replies import JSON
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


def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:  # noqa: ARG001 - one shape for all
    """The vendor's status and shape for any error of ours; the vendor publishes no list of its codes."""
    status, code, message = _words(error, request)
    headers = refusal_headers(error, status, 'AccessKey realm="callvault"')
    field = error.field if isinstance(error, BadRequest) else None
    details = {} if field is None else {field: [message]}
    body = {"code": code, "message": message, "details": details}
    return json_reply(body, status=status, content_type=JSON, headers=headers)


def _words(error: CallvaultError, request: WireRequest) -> tuple[int, str, str]:
    match error:
        case NotAuthenticated():
            return 401, "Unauthorized", str(error)
        case NotAllowed() | LinkExpired():
            return 403, "AccessDenied", str(error)
        case NotFound():
            return 404, "NotFound", str(error)
        case NotOffered():
            return (405, "MethodNotAllowed", str(error)) if error.allowed else (404, "NotFound", str(error))
        case BadRequest(field=str()):
            return 422, "ValidationFailed", str(error)
        case Conflict() if request.method == "PATCH":
            return 422, "ValidationFailed", str(error)
        case Conflict():
            return 409, "Conflict", str(error)
        case Gone():
            return 410, "Gone", str(error)
        case TooLarge():
            return 413, "PayloadTooLarge", str(error)
        case TooMany():
            return 429, "TooManyRequests", str(error)
        case CallerError():
            return 400, "BadRequest", str(error)
        case _:
            return 500, "InternalError", "An internal error occurred."
