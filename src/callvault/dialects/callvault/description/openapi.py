"""The description of our own API (OpenAPI 3.1.1), built from the table of operations.

What does not live here: what is described (``operations``, ``parameters``, ``schemas``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from callvault.dialects.callvault.asked import Parameter, Preset
from callvault.dialects.callvault.description import samples
from callvault.dialects.callvault.description.fields import ref
from callvault.dialects.callvault.description.schemas import SCHEMAS
from callvault.dialects.callvault.documents import (
    account_object,
    link_object,
    page_object,
    ping_object,
    recording_object,
)
from callvault.dialects.callvault.errors import TITLES
from callvault.dialects.callvault.live_documents import live_call_object
from callvault.dialects.callvault.notice_documents import delivery_object, hook_object, logged_delivery_object
from callvault.dialects.callvault.operation import Answer, Operation
from callvault.dialects.callvault.operations import OPERATIONS
from callvault.dialects.callvault.pages import bookmark
from callvault.dialects.callvault.parameters import PATH_PARAMETERS
from callvault.dialects.callvault.policies import policy_object
from callvault.dialects.callvault.wishes import wish_object
from callvault.dialects.callvault.words import BASE, CONTENT_TYPE, JSON, PROBLEM
from callvault.model.query import Axis, Slice

_ABOUT = """callvault keeps call recordings, and gives them out in several vendors' APIs and in this one.

Times are ISO 8601 in UTC with milliseconds, ids are UUIDs, lengths say their unit. A refusal is a problem (RFC 9457)
with a stable `code`. A recording of another account does not exist for you."""

_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "A strong tag of this form of the audio.", "schema": {"type": "string"}},
    "Last-Modified": {"description": "When the archive took the audio in.", "schema": {"type": "string"}},
    "Content-Disposition": {"description": "To be played or saved, and a file name.", "schema": {"type": "string"}},
    "Accept-Ranges": {"description": "`bytes` where ranges are answered.", "schema": {"type": "string"}},
    "Content-Range": {"description": "Which part of how much.", "schema": {"type": "string"}},
    "Link": {"description": 'The next page, as `rel="next"` (RFC 8288).', "schema": {"type": "string"}},
    "Location": {"description": "Where it is.", "schema": {"type": "string", "format": "uri"}},
    "Cache-Control": {"description": "`no-store`: a link is for whoever asked.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "What would be taken.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
}
_REFUSAL_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}


def description(base_url: str, version: str) -> dict[str, Any]:
    """The whole document, for a server that is reached under ``base_url``."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "callvault",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _PATHS,
        "webhooks": _WEBHOOKS,
        "components": _COMPONENTS,
    }


def _operation(operation: Operation, *, head: bool = False) -> dict[str, Any]:
    document: dict[str, Any] = {
        "operationId": operation.id + ("Head" if head else ""),
        "summary": operation.about + (", without the bytes" if head else ""),
    }
    if operation.more and not head:
        document["description"] = operation.more
    path = [parameter for parameter in PATH_PARAMETERS if f"{{{parameter.name}}}" in operation.path]
    parameters = [_parameter(parameter) for parameter in (*path, *operation.parameters)]
    if parameters:
        document["parameters"] = parameters
    if operation.takes_audio:
        audio: dict[str, Any] = {media_type: {} for media_type in (*CONTENT_TYPE.values(), "application/octet-stream")}
        document["requestBody"] = {"required": True, "description": "The audio as it is.", "content": audio}
    if operation.takes is not None:
        required = not operation.may_be_empty
        document["requestBody"] = {"required": required, "content": {JSON: _content(operation.takes)}}
    statuses = sorted({*operation.refusals, 500} | (set() if operation.public else {401}))
    document["responses"] = {
        **{str(answer.status): _answer(answer, head=head) for answer in operation.answers},
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses},
    }
    if operation.public:
        document["security"] = []
    return document


def _parameter(parameter: Parameter[Any]) -> dict[str, Any]:
    schema = dict(parameter.kind.schema)
    if isinstance(parameter, Preset):
        schema["default"] = parameter.default
    if parameter.many:
        schema = {"type": "array", "items": schema}
    document: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.about,
        "required": parameter.required,
    }
    if "$ref" in schema:
        document["content"] = {"application/json": {"schema": schema}}
        return document
    document["schema"] = schema
    if parameter.example is not None:
        document["example"] = parameter.example
    return document


def _answer(answer: Answer, *, head: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"description": answer.about}
    if answer.headers:
        document["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in answer.headers}
    if answer.media_types and not head:
        document["content"] = {media_type: _content(answer.schema) for media_type in answer.media_types}
    return document


def _content(schema: str | None) -> dict[str, Any]:
    if schema is None:
        return {}
    content: dict[str, Any] = {"schema": ref(schema)}
    if schema in _EXAMPLES:
        content["example"] = _EXAMPLES[schema]
    return content


def _refusal(status: int, title: str) -> dict[str, Any]:
    document: dict[str, Any] = {"description": f"{title}.", "content": {PROBLEM: {"schema": ref("Problem")}}}
    if status in _REFUSAL_HEADERS:
        names = _REFUSAL_HEADERS[status]
        document["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return document


def _paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _operation(operation)
        if operation.head:
            item["head"] = _operation(operation, head=True)
    return paths


def _examples() -> dict[str, Any]:
    recording, base_url = samples.RECORDING, samples.BASE_URL
    token = bookmark(recording, Axis.STARTED, descending=True)
    link = f"{base_url}/media/{recording.id}.mp3?expires=1772445600&signature={'A1b2C3d4' * 4}"
    return {
        "Recording": recording_object(recording, base_url),
        "RecordingPage": page_object(
            Slice(items=(recording,), more=True, total=734),
            base_url,
            after=token,
            url=f"{base_url}{BASE}/recordings?from=%2B12025550143&after={token}",
        ),
        "MediaLink": link_object(link, recording.taken_in_at + timedelta(days=1)),
        "NewHook": {"dialect": "telnyx", "url": samples.HOOK.url, "options": dict(samples.HOOK.options)},
        "Hook": hook_object(samples.HOOK, base_url),
        "Delivery": delivery_object(samples.DELIVERY, base_url),
        "LoggedDelivery": logged_delivery_object(samples.LOGGED, base_url),
        "LiveCall": live_call_object(samples.LIVE_CALL, base_url, samples.CALL_NAMES, samples.CONFERENCE_NAMES),
        "Wish": wish_object(samples.WISH),
        "Change": {"to": "paused", "silent": True},
        "Masking": {"on": True},
        "Policy": policy_object(samples.POLICY),
        "Account": account_object(samples.ACTOR),
        "Ping": ping_object("1.0.0"),
    }


def _webhooks() -> dict[str, dict[str, Any]]:
    """What goes out to hooks of our own dialect (Standard Webhooks 1.0.0)."""
    headers = {
        "webhook-id": "The same in every attempt.",
        "webhook-timestamp": "When this attempt was sent, in Unix seconds.",
        "webhook-signature": "`v1,` and HMAC-SHA256 over id, timestamp and body with dots between, in base64.",
    }
    text = {"type": "string"}
    parameters = [
        {"name": name, "in": "header", "description": about, "required": True, "schema": text}
        for name, about in headers.items()
    ]
    post = {
        "operationId": "tellEvent",
        "summary": "Something happened to a recording",
        "parameters": parameters,
        "requestBody": {"required": True, "content": {JSON: _content("Notice")}},
        "responses": {
            "2XX": {"description": "It was taken."},
            "410": {"description": "Nothing shall go there any more: the hook is removed."},
            "default": {"description": "It is sent again later."},
        },
        "security": [],
    }
    return {"event": {"post": post}}


_EXAMPLES = _examples()
_PATHS = _paths()
_WEBHOOKS = _webhooks()
_COMPONENTS: dict[str, Any] = {
    "schemas": SCHEMAS,
    "headers": _HEADERS,
    "responses": {str(status): _refusal(status, title) for status, title in TITLES.items()},
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The key: 64 hex characters."},
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "The key's id (16 characters) and its secret (48).",
        },
    },
}
