"""A new hook as our own API takes it: ``NEW_HOOK`` says each field once, for the reading and for the description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from callvault.dialects.callvault.bodies import Field, read_body
from callvault.dialects.toolbox.ids import read_uuid
from callvault.errors import BadRequest
from callvault.model.destination import LONGEST_URL
from callvault.model.events import EventKind


def _text(value: Any, name: str) -> str:  # noqa: ANN401 - a JSON value
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text, not {value!r}.", field=name)
    return value


def _id(value: Any, name: str) -> UUID:  # noqa: ANN401
    found = read_uuid(value) if isinstance(value, str) else None
    if found is None:
        raise BadRequest(f"{name} must be a UUID, not {value!r}.", field=name)
    return found


def _events(value: Any, name: str) -> frozenset[EventKind]:  # noqa: ANN401
    known = {kind.value: kind for kind in EventKind}
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and word in known for word in value):
        raise BadRequest(f"{name} must be a list of some of {', '.join(known)}.", field=name)
    return frozenset(known[word] for word in value)


def _options(value: Any, name: str) -> Mapping[str, str]:  # noqa: ANN401
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadRequest(f"{name} must be an object whose values are texts.", field=name)
    return value


_TEXT = {"type": "string"}
_URL = {"type": "string", "format": "uri", "maxLength": LONGEST_URL}
NEW_HOOK: Mapping[str, Field] = {
    "dialect": Field(
        read=_text, schema=_TEXT, about="In whose form it is told: `bandwidth`, `telnyx`, `callvault`, ..."
    ),
    "url": Field(read=_text, schema=_URL, about="Where it goes: http or https, to a public address."),
    "failover_url": Field(read=_text, schema=_URL, about="Where it goes when the first does not take it."),
    "method": Field(read=_text, schema=_TEXT, about="`POST`, or what else the vendor has."),
    "events": Field(
        read=_events,
        schema={
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": [kind.value for kind in EventKind]},
        },
        about="What is told; without it what the vendor usually tells.",
    ),
    "recording_id": Field(read=_id, schema={"type": "string", "format": "uuid"}, about="Only of this recording."),
    "username": Field(read=_text, schema=_TEXT, about="For Basic."),
    "password": Field(read=_text, schema={**_TEXT, "writeOnly": True}, about="For Basic; it is never shown again."),
    "options": Field(
        read=_options,
        schema={"type": "object", "additionalProperties": _TEXT},
        about="What only this dialect's hooks have (docs/webhooks.md).",
    ),
}
NEEDED = ("dialect", "url")


def read_new_hook(body: bytes) -> dict[str, Any]:
    """The fields that a body says, by the names that ``AddHook`` has for them.

    Raises:
        BadRequest: it is no JSON object, or a field is unknown, missing or not of its kind.
    """
    return read_body(body, NEW_HOOK, "hook", needed=NEEDED)
