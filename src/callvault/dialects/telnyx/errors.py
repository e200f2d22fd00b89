"""Telnyx's error body: ``{"errors": [{code, title, detail, source?, meta}]}``, the code a string of digits."""

from __future__ import annotations

import math
from typing import Any

from callvault.dialects.contract import Terms
from callvault.dialects.telnyx.parameters import Unfit
from callvault.dialects.telnyx.texml import ROOT
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.refusals import refusal_headers
from callvault.errors import (
    BadRequest,
    CallerError,
    CallvaultError,
    Conflict,
    Ended,
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

COMMAND = "/actions/record_"
CONFERENCES = "/v2/conferences/"
NOT_FOUND = (404, "10005", "Resource not found", "The requested resource or URL could not be found.")


def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:  # noqa: ARG001 - one shape for all
    """The vendor's status, code and sentence for any error of ours; the TeXML paths have the sentence alone."""
    status, code, title, detail = _of_command(error, request) or _words(error)
    headers = (*refusal_headers(error, status, 'Bearer realm="callvault"'), *_limit_headers(error))
    if request.path.startswith(ROOT):
        return json_reply({"errors": [{"detail": title if status == 404 else detail}]}, status=status, headers=headers)
    entry: dict[str, Any] = {"code": code, "title": title, "detail": detail}
    if isinstance(error, BadRequest) and error.field is not None:
        entry["source"] = {"pointer" if error.field.startswith("/") else "parameter": error.field}
    if isinstance(error, NotFound) and error.kind == "storage":
        entry["source"] = {"pointer": "/connection_id"}
    entry["meta"] = {"url": f"https://developers.telnyx.com/docs/overview/errors/{code}"}
    return json_reply({"errors": [entry]}, status=status, headers=headers)


def _limit_headers(error: CallvaultError) -> tuple[tuple[str, str], ...]:
    """What the vendor's page on rate limits shows (developers.telnyx.com, read 2026-11): the reset in seconds."""
    if not isinstance(error, TooMany):
        return ()
    limit = (("x-ratelimit-limit", str(error.limit)),) if error.limit is not None else ()
    return (*limit, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(max(1, math.ceil(error.after_s)))))


def _of_command(error: CallvaultError, request: WireRequest) -> tuple[int, str, str, str] | None:
    """What is said to a command on a live call, where that differs from what is said to anything else."""
    if COMMAND not in request.path:
        return None
    match error:
        case Ended():
            return 422, "90018", "Call has already ended", "The call is over, so there is nothing to record any more."
        case NotFound(kind="recording" | "recording under way"):
            return None
        case NotFound() if request.path.startswith(CONFERENCES):
            return 422, "90058", "Conference not found", "There is no such conference under way."
        case NotFound():
            return 422, "90015", "Invalid Call Control ID", "The call_control_id does not name a call that is known."
        case _:
            return None


def _words(error: CallvaultError) -> tuple[int, str, str, str]:
    match error:
        case NotAuthenticated():
            return 401, "10009", "Authentication failed", str(error)
        case NotAllowed() | LinkExpired():
            return 403, "10010", "Authorization failed", str(error)
        case NotFound() | Gone():
            return NOT_FOUND
        case NotOffered():
            return (405, "10030", "Method not allowed", str(error)) if error.allowed else NOT_FOUND
        case BadRequest():
            return _bad_request(error)
        case Conflict():
            # Not 409: the vendor's clients send what was answered so three times
            return 422, "10027", "Unprocessable Entity", str(error)
        case TooLarge():
            return 413, "10015", "Bad Request", str(error)
        case TooMany():
            return 429, "10011", "Too many requests", str(error)
        case CallerError():
            return 400, "10015", "Bad Request", str(error)
        case _:
            return 500, "10007", "Unexpected error", "An unexpected error occurred."


def _bad_request(error: BadRequest) -> tuple[int, str, str, str]:
    if isinstance(error, Unfit):
        return 422, *error.said, str(error)
    field = error.field or ""
    if field.startswith("filter"):
        return 422, "10031", "Invalid filter", str(error)
    if field.startswith("page"):
        return 422, "10033", "Value outside of range", str(error)
    if field.startswith("/") and error.value is None:
        return 422, "10004", "Missing required parameter", str(error)
    return 400, "10015", "Bad Request", str(error)
