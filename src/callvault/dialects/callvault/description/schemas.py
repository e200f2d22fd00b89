"""The components' schemas.  Names, types and what must be there are read off the core's own classes, so that the
description cannot fall behind them; the sentences are here, and a field without one stops the import.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from callvault.dialects.callvault.description import sentences
from callvault.dialects.callvault.documents import OUR_PLACES
from callvault.model.actor import Account, Scope
from callvault.model.card import Card
from callvault.model.party import Party
from callvault.model.recording import Recording, StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.model.transcription import Transcript, Transcription
from callvault.vault.enrolment import OURS_TO_SAY

Schema = dict[str, Any]

_COMPONENTS: Mapping[type, str] = {
    Party: "Party",
    StoredMedia: "StoredMedia",
    SealedMedia: "SealedMedia",
    SealedForm: "SealedForm",
    Transcription: "Transcription",
    Transcript: "Transcript",
}
_RANGES: Mapping[str, Schema] = {
    "channels": {"minimum": 1, "maximum": 2},
    "confidence": {"minimum": 0, "maximum": 1},
    "sha256": {"pattern": "^[0-9a-f]{64}$"},
    "price": {"pattern": "^-?[0-9.]+$"},
}
_HEARD = ("channels", "format")
"""What a card may repeat and the audio decides."""


def ref(name: str) -> Schema:
    """A component by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _type_schema(hint: Any) -> Schema:  # noqa: ANN401 - a type hint
    """What JSON Schema says of a Python type, None excluded: unknown fields are left out."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        (known,) = (argument for argument in arguments if argument is not type(None))
        return _type_schema(known)
    if origin is tuple:
        return {"type": "array", "items": _type_schema(arguments[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _type_schema(arguments[1])}
    if hint in _COMPONENTS:
        return ref(_COMPONENTS[hint])
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        return {"type": "string", "enum": [word.value for word in hint]}
    return dict(_PLAIN[hint])


_PLAIN: Mapping[Any, Schema] = {
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0},
    float: {"type": "number"},
    Any: {},
}


def _properties(kind: type, about: Mapping[str, str]) -> dict[str, Schema]:
    hints = get_type_hints(kind)
    return {
        entry.name: _type_schema(hints[entry.name]) | _RANGES.get(entry.name, {}) | {"description": about[entry.name]}
        for entry in fields(kind)
    }


def _required(kind: type) -> list[str]:
    return [entry.name for entry in fields(kind) if entry.default is MISSING and entry.default_factory is MISSING]


def _object(properties: Mapping[str, Schema], required: list[str], about: str, **rest: Any) -> Schema:  # noqa: ANN401
    return {"type": "object", "description": about, "properties": dict(properties), "required": required, **rest}


def _recording() -> Schema:
    link = {"type": "string", "format": "uri"}
    links = _object(
        {
            "self": link | {"description": "This recording."},
            "media": link | {"description": "Its audio; not there where there is nothing to hear."},
        },
        ["self"],
        "Where things are.",
    )
    always = [*_required(Recording), "source", "origin", "direction", "revision", "links"]
    properties = _properties(Recording, sentences.RECORDING) | {"links": links}
    return _object(properties, always, "A recording's card. What is not known is left out; new fields may come.")


def _card() -> Schema:
    """What may be said of new audio: everything but what only the audio and the archive know."""
    decided = {*OURS_TO_SAY, *_HEARD}
    properties = {
        name: schema for name, schema in _properties(Card, sentences.RECORDING).items() if name not in decided
    }
    properties["media_state"]["enum"] = ["whole", "partial"]
    about = "What the sender knows of a recording. Everything is optional; a field that is not listed is refused."
    return _object(properties, [], about, additionalProperties=False)


def _stored_media() -> Schema:
    properties = _properties(StoredMedia, sentences.STORED_MEDIA)
    shown = {name: schema for name, schema in properties.items() if name not in OUR_PLACES}
    always = [name for name in _required(StoredMedia) if name in shown]
    return _object(shown, always, "The bytes as they arrived.")


def _page() -> Schema:
    url = {"type": "string", "format": "uri", "description": "The next page; not there on the last."}
    return _object(
        {
            "recordings": {"type": "array", "items": ref("Recording")},
            "next": {"type": ["string", "null"], "description": "`after` of the next page; null on the last."},
            "total": {"type": "integer", "minimum": 0, "description": "How many match in all; with `total=true`."},
            "links": _object({"next": url}, [], "Where things are."),
        },
        ["recordings", "next", "links"],
        "A page of recordings.",
    )


def _account() -> Schema:
    properties = _properties(Account, sentences.ACCOUNT)
    del properties["settings"]
    properties["scopes"] = {
        "type": "array",
        "items": {"type": "string", "enum": [scope.value for scope in Scope]},
        "description": "What the credential may do.",
    }
    properties["key_id"] = {"type": "string", "description": "The key's public half, where a key was shown."}
    properties["user_id"] = {"type": "string", "format": "uuid", "description": "The user, where one has logged in."}
    return _object(properties, ["id", "serial", "name", "created_at", "scopes"], "Who is asking.")


SCHEMAS: dict[str, Schema] = {
    "Recording": _recording(),
    "RecordingPage": _page(),
    "Card": _card(),
    "Party": _object(_properties(Party, sentences.PARTY), [], "One side of a call.", additionalProperties=False),
    "StoredMedia": _stored_media(),
    "SealedMedia": _object(
        _properties(SealedMedia, sentences.SEALED_MEDIA), _required(SealedMedia), "How audio was encrypted."
    ),
    "SealedForm": _object(
        _properties(SealedForm, sentences.SEALED_FORM), _required(SealedForm), "One encrypted rendition."
    ),
    "Transcription": _object(
        _properties(Transcription, sentences.TRANSCRIPTION),
        _required(Transcription),
        "What was said.",
        additionalProperties=False,
    ),
    "Transcript": _object(
        _properties(Transcript, sentences.TRANSCRIPT),
        _required(Transcript),
        "The words of one channel.",
        additionalProperties=False,
    ),
    "MediaLink": _object(
        {
            "url": {"type": "string", "format": "uri", "description": "Opens the audio, whoever asks."},
            "expires_at": {"type": "string", "format": "date-time", "description": "From then on it opens nothing."},
        },
        ["url", "expires_at"],
        "A signed link.",
    ),
    "Account": _account(),
    "Ping": _object(
        {
            "service": {"type": "string", "const": "callvault"},
            "version": {"type": "string", "description": "Of the software."},
        },
        ["service", "version"],
        "Who answers.",
    ),
    "OpenApi": {"type": "object", "description": "An OpenAPI 3.1 document."},
    "Problem": _object(
        {
            "type": {"type": "string", "const": "about:blank"},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What was wrong and what would be right, in one sentence."},
            "code": {
                "type": "string",
                "enum": sentences.CODES,
                "description": "What a program compares; never renamed.",
            },
            "field": {"type": "string", "description": "The parameter, header or card field to blame."},
        },
        ["type", "title", "status", "detail", "code"],
        "A refusal (RFC 9457).",
    ),
}
