"""Kazoo's error envelope: the status as a text, a word for programs, and details.

Of Kazoo's two spellings of a word the one is taken that it uses in the same case: ``bad_identifier`` where the
database was asked, ``bad identifier`` where the id alone told.
"""

from __future__ import annotations

from typing import Any

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.auth import shown_token
from callvault.dialects.kazoo.envelopes import READING, refusal
from callvault.dialects.kazoo.metadata import ReadOnly
from callvault.dialects.kazoo.parameters import Unfit, WrongAction
from callvault.dialects.kazoo.steering import sent
from callvault.dialects.toolbox.refusals import refusal_headers
from callvault.errors import (
    BadRequest,
    CallerError,
    CallvaultError,
    CatalogueError,
    Conflict,
    Gone,
    MediaError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotOffered,
    TooLarge,
    TooMany,
)
from callvault.wire import WireReply, WireRequest

LOG_IN = "/user_auth"
INVALID = {"message": "invalid credentials"}
Words = tuple[int, str, Any]

_PLAIN: dict[type[CallvaultError], tuple[int, str, str]] = {
    NotAllowed: (403, "forbidden", "forbidden"),
    NotOffered: (405, "invalid_method", "method not allowed"),
    Conflict: (409, "datastore_conflict", ""),
    Gone: (410, "gone", ""),
    TooLarge: (413, "request entity too large", ""),
    TooMany: (429, "too_many_requests", ""),
    CallerError: (400, "faulty_request", ""),
    CatalogueError: (503, "datastore_unreachable", "the datastore cannot be reached"),
    MediaError: (503, "datastore_fault", "the audio cannot be fetched"),
    CallvaultError: (500, "unspecified_fault", "unspecified fault"),
}
"""Status, word and sentence; the narrower classes first.  An empty sentence: the error's own."""

_SECRET = frozenset({"api_key", "credentials"})
_RULES = {
    "created_from": "date_range",
    "api_key": "minLength",
    "credentials": "maxLength",
    "method": "enum",
    "user_metadata": "type",
}
"""The rule of the schema that a field breaks; ``invalid`` where none fits better."""


def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:
    """The vendor's status, word and details for any error of ours."""
    if isinstance(error, BadRequest) and error.field == "accept" and not isinstance(error, ReadOnly):
        return WireReply(status=406)
    if _comes_to_nothing(error, request):
        return sent(request, terms)
    status, message, data = _words(error, request)
    # RFC 9110 section 15.5.2 wants a challenge; with Basic, browsers would ask for a password.
    headers = refusal_headers(error, status, 'Bearer realm="callvault"')
    token = None if isinstance(error, NotAuthenticated) else shown_token(request)
    return refusal(status, message, data, request, terms, token=token, headers=headers)


def _comes_to_nothing(error: CallvaultError, request: WireRequest) -> bool:
    """Whether a channel has nothing to stop, pause, ...: Kazoo has answered before anybody knows."""
    none = isinstance(error, Conflict) or (isinstance(error, NotFound) and error.kind == "recording under way")
    return none and "channel" in request.parts


def _words(error: CallvaultError, request: WireRequest) -> Words:
    match error:
        case Unfit():
            return 400, "validation error", {_property(error.path): {error.rule: _broken(error)}}
        case WrongAction():
            return 400, "invalid data", {"message": str(error), "cause": error.value}
        case ReadOnly():
            return 400, "validation error", {_path(error.field): {"forbidden": {"message": str(error)}}}
        case BadRequest():
            return _validation(error)
        case NotAuthenticated():
            # A token that has run out or was never given; a log-in that fails is told like no credential at all.
            expired = error.shown and not request.path.endswith(LOG_IN)
            return (401, "invalid credentials", {}) if expired else (401, "invalid_credentials", INVALID)
        case NotFound():
            return _missing(error, request)
        case NotOffered() if not error.allowed:
            return 404, "bad_identifier", {"message": "bad identifier", "cause": error.path}
        case TooLarge() if request.method in READING:
            return 416, "range not satisfiable", {}  # a list that is too long to be given at once
        case _:
            status, word, sentence = next(words for kind, words in _PLAIN.items() if isinstance(error, kind))
            return status, word, {"message": sentence or str(error)}


def _missing(error: NotFound, request: WireRequest) -> Words:
    match error.kind:
        case "account":
            return 404, "bad identifier", {"message": f"invalid account_id '{error.name}'"}
        case "device":
            return 404, "bad_identifier", {"message": "bad identifier", "cause": error.name}
        case "user":
            name = request.parts.get("user", error.name)
            return 404, "bad_identifier", {"message": "bad identifier", "cause": name}
        case "recording" | "audio of recording" if not words.has_month(error.name):
            return 404, "bad identifier", [error.name]
        case "audio of recording":
            return 404, "bad_identifier", {"message": "bad identifier", "details": error.name}
        case "live call" if "channel" in request.parts:
            return 404, "bad identifier", [request.parts["channel"]]
        case "api key":
            return 404, "bad identifier", [error.name]
        case _:
            return 404, "bad_identifier", {"message": "bad identifier", "cause": error.name}


def _validation(error: BadRequest) -> Words:
    """A map from the property's path to the rule that it breaks; a dot in a key is written ``%2E``."""
    if error.field == "page_size":
        return 404, "faulty_request", {"message": str(error)}
    field = error.field or "body"
    rule = "required" if error.value is None else _RULES.get(field, "invalid")
    details: dict[str, Any] = {"message": str(error)}
    if field in {"json", "body"}:
        rule, details["target"] = "invalid", "body"
    elif rule == "required":
        pass
    elif field not in _SECRET:
        details["cause"] = error.value
    return 400, "validation error", {_path(field): {rule: details}}


def _broken(error: Unfit) -> dict[str, Any]:
    details = {"message": str(error), "target": error.target, "value": error.said}
    return {key: value for key, value in details.items() if value is not None}


def _property(path: tuple[str, ...]) -> str:
    return ".".join(map(_path, path))


def _path(field: str | None) -> str:
    return (field or "body").replace(".", "%2E")
