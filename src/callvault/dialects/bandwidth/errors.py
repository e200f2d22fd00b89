"""Bandwidth's error body: ``{type, description, id}``."""

from __future__ import annotations

from callvault.dialects.bandwidth.replies import JSON
from callvault.dialects.contract import Terms
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.refusals import refusal_headers
from callvault.errors import (
    CallvaultError,
    Conflict,
    Gone,
    HouseError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotOffered,
    TooLarge,
    TooMany,
)
from callvault.wire import WireReply, WireRequest

UNDER_WAY = "recording under way"
"""What is missing where a call is live and has no recording that could be steered."""


def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:  # noqa: ARG001 - one shape for all
    """The vendor's status, type and sentence for any error of ours."""
    if _has_no_effect(error, request):
        return WireReply(status=204)
    status, kind, description = _words(error, request)
    headers = refusal_headers(error, status, 'Basic realm="callvault"')
    body = {"type": kind, "description": description, "id": None}
    return json_reply(body, status=status, content_type=JSON, headers=headers)


def _has_no_effect(error: CallvaultError, request: WireRequest) -> bool:
    """BXML that pauses, resumes or stops where nothing is so far is taken, and nothing comes of it."""
    nothing = isinstance(error, Conflict) or (isinstance(error, NotFound) and error.kind == UNDER_WAY)
    return nothing and request.path.endswith("/bxml")


def _words(error: CallvaultError, request: WireRequest) -> tuple[int, str, str]:
    match error:
        case NotAuthenticated():
            return (
                401,
                "authentication-error",
                "The credentials provided were invalid" if error.shown else "Unauthorized",
            )
        case NotAllowed():
            return 403, "authorization-error", "Access is denied"
        case NotFound(kind="live call"):
            kind = "Conference" if "conference" in request.parts else "Call"
            return 404, "validation", f"{kind} [{error.name}] not found"
        case NotFound() if error.kind == UNDER_WAY:
            return 404, "validation", f"Recording of call [{request.parts.get('call', '')}] not found"
        case NotFound():
            return 404, "validation", f"{error.kind.capitalize()} [{error.name}] not found"
        case NotOffered():
            return (405, "validation", "Method Not Allowed") if error.allowed else (404, "validation", "Not Found")
        case Conflict():
            return 409, "validation", str(error)
        case Gone():
            return 410, "validation", str(error)
        case TooLarge():
            return 413, "validation", str(error)
        case TooMany():
            return 429, "error", str(error)
        case HouseError():
            return 500, "internal-error", "An unknown internal error occurred"
        case _:
            return 400, "validation", str(error)
