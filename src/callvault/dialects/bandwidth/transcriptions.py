"""Asking for a transcription: the body of Bandwidth's request, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from callvault.dialects.bandwidth import words
from callvault.dialects.bandwidth.requests import account_of
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest
from callvault.vault.commands import Callback
from callvault.vault.transcription_commands import DeleteTranscription, RequestTranscription

METHODS = ("GET", "POST")
SHORTEST_S, LONGEST_S = 1, 25
LONGEST_CREDENTIAL = 1024


def request(visit: Visit) -> RequestTranscription:
    """``callbackUrl``, ``callbackMethod``, ``callbackTimeout``, ``username``, ``password``, ``tag`` and
    ``detectLanguage``; null is as good as absent."""
    parts = visit.request.parts
    body = _body(visit.request.body)
    detect = body.get("detectLanguage")
    if not isinstance(detect, bool | None):
        raise BadRequest(f"detectLanguage must be true or false, but was {detect}", field="detectLanguage")
    return RequestTranscription(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
        callback=_callback(body),
    )


def delete(visit: Visit) -> DeleteTranscription:
    """The words go; media and metadata stay."""
    parts = visit.request.parts
    return DeleteTranscription(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
    )


def _body(raw: bytes) -> Mapping[str, Any]:
    """The JSON object; no body at all is taken for an empty one."""
    if not raw.strip():
        return {}
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The request body is no JSON") from error
    if not isinstance(document, dict):
        raise BadRequest("The request body must be a JSON object")
    return document


def _callback(body: Mapping[str, Any]) -> Callback | None:
    url = _text(body, "callbackUrl")
    method = _text(body, "callbackMethod") or "POST"
    if method not in METHODS:
        raise BadRequest(f"callbackMethod must be GET or POST, but was {method}", field="callbackMethod")
    timeout = body.get("callbackTimeout")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float)):
        raise BadRequest(f"callbackTimeout must be a number, but was {timeout}", field="callbackTimeout")
    if timeout is not None and not SHORTEST_S <= timeout <= LONGEST_S:
        raise BadRequest(
            f"callbackTimeout must be within the range [{SHORTEST_S}, {LONGEST_S}], but was {timeout}",
            field="callbackTimeout",
        )
    options = {"tag": _text(body, "tag"), "timeout": None if timeout is None else f"{timeout:g}"}
    username, password = (_text(body, name, LONGEST_CREDENTIAL) for name in ("username", "password"))
    if url is None:
        return None
    return Callback(
        dialect=words.NAME,
        url=url,
        method=method,
        username=username,
        password=password,
        options={name: text for name, text in options.items() if text is not None},
    )


def _text(body: Mapping[str, Any], name: str, longest: int = 2048) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise BadRequest(f"{name} must be a text of at most {longest} characters", field=name)
    return value or None
