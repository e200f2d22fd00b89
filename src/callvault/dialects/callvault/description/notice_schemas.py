"""The components' schemas of hooks and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callvault.dialects.callvault.description.fields import Schema, object_schema, ref
from callvault.dialects.callvault.new_hooks import NEEDED, NEW_HOOK
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryState, Failure

_ID = {"type": "string", "format": "uuid"}
_TIME = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_KIND = {"type": "string", "enum": [kind.value for kind in EventKind]}


def _object(about: str, always: list[str], shown: Mapping[str, Schema], **rest: Any) -> Schema:  # noqa: ANN401
    return object_schema(shown, always, about, **rest)


def _links(**links: str) -> Schema:
    url = {"type": "string", "format": "uri"}
    return _object("Where things are.", [], {name: url | {"description": about} for name, about in links.items()})


def _delivery() -> dict[str, Schema]:
    return {
        "id": _ID | {"description": "Its id."},
        "hook_id": _ID | {"description": "Where it goes."},
        "recording_id": _ID | {"description": "What it tells of."},
        "event_id": _ID | {"description": "The same in every attempt, and for every hook."},
        "type": _KIND | {"description": "What happened."},
        "timestamp": _TIME | {"description": "When."},
        "state": {
            "type": "string",
            "enum": [state.value for state in DeliveryState],
            "description": "How far it has come.",
        },
        "attempts": _COUNT | {"description": "How often it was sent, since it was posted or replayed."},
        "due_at": _TIME | {"description": "When it is sent next; only where it is waiting."},
        "links": _links(self="This delivery, with its log."),
    }


_DELIVERED = ["id", "hook_id", "recording_id", "event_id", "type", "timestamp", "state", "attempts", "links"]
_ATTEMPT: dict[str, Schema] = {
    "at": _TIME | {"description": "When it was sent."},
    "took_ms": _COUNT | {"description": "Until the answer, or until it was given up."},
    "method": _TEXT,
    "url": _TEXT | {"description": "Where it went."},
    "headers": {
        "type": "array",
        "items": _object("A header.", ["name", "value"], {"name": _TEXT, "value": _TEXT}),
        "description": "All that were sent, in their order; a password is a star.",
    },
    "body": _TEXT | {"description": "The body that was sent."},
    "body_base64": _TEXT | {"description": "The same, where it is not UTF-8."},
    "status": {"type": "integer", "description": "The answer's; not there where none came."},
    "answer": _TEXT | {"description": "The beginning of the answer's body."},
    "answer_base64": _TEXT | {"description": "The same, where it is not UTF-8."},
    "failure": {"type": "string", "enum": [kind.value for kind in Failure], "description": "Why no answer came."},
    "error": {"type": ["string", "null"], "description": "The same as a sentence."},
}

NOTICE_SCHEMAS: dict[str, Schema] = {
    "Notice": _object(
        "What our own webhooks say.",
        ["type", "timestamp", "data"],
        {
            "type": _KIND | {"description": "What happened."},
            "timestamp": _TIME | {"description": "When."},
            "data": ref("Recording") | {"description": "The recording as it was then."},
        },
    ),
    "NewHook": _object(
        "Where to tell what. A field that is not listed is refused.",
        list(NEEDED),
        {name: dict(field.schema) | {"description": field.about} for name, field in NEW_HOOK.items()},
        additionalProperties=False,
    ),
    "Hook": _object(
        "Who is told.",
        ["id", "dialect", "url", "method", "events", "options", "created_at", "links"],
        {
            "id": _ID | {"description": "Its id."},
            **{
                name: {key: value for key, value in field.schema.items() if key != "writeOnly"}
                | {"description": field.about}
                for name, field in NEW_HOOK.items()
                if name != "password"
            },
            "created_at": _TIME | {"description": "Since when."},
            "links": _links(self="This hook.", deliveries="What was told there."),
        },
    ),
    "HookList": _object("An account's hooks.", ["hooks"], {"hooks": {"type": "array", "items": ref("Hook")}}),
    "Delivery": _object("One event on its way to one hook.", _DELIVERED, _delivery()),
    "DeliveryPage": _object(
        "A page of deliveries.",
        ["deliveries", "next", "links"],
        {
            "deliveries": {"type": "array", "items": ref("Delivery")},
            "next": {"type": ["string", "null"], "description": "`after` of the next page; null on the last."},
            "links": _links(next="The next page; not there on the last."),
        },
    ),
    "LoggedDelivery": _object(
        "A delivery, and every attempt at it.",
        [*_DELIVERED, "log"],
        {**_delivery(), "log": {"type": "array", "items": ref("Attempt"), "description": "Oldest first."}},
    ),
    "Attempt": _object("What was sent and what was answered.", ["at", "took_ms", "method", "url", "headers"], _ATTEMPT),
}
