"""JSON Schema read off the core's own classes: names, types, and what must be there.

What does not live here: which classes are described (``schemas``, ``capture_schemas``), the sentences.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from callvault.model.capture import Attendance, Digit, Gap, Oddity, StreamQuality
from callvault.model.live import LiveRecording
from callvault.model.party import Party
from callvault.model.recording import StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.model.transcription import Transcript, Transcription
from callvault.model.wish import Wish

Schema = dict[str, Any]

_COMPONENTS: Mapping[type, str] = {
    Party: "Party",
    StoredMedia: "StoredMedia",
    SealedMedia: "SealedMedia",
    SealedForm: "SealedForm",
    Transcription: "Transcription",
    Transcript: "Transcript",
    StreamQuality: "CapturedStream",
    Gap: "Gap",
    Digit: "Digit",
    Attendance: "Attendance",
    Oddity: "Oddity",
    LiveRecording: "LiveRecording",
    Wish: "Wish",
}
_RANGES: Mapping[str, Schema] = {
    "channels": {"minimum": 1, "maximum": 2},
    "confidence": {"minimum": 0, "maximum": 1},
    "sha256": {"pattern": "^[0-9a-f]{64}$"},
    "price": {"pattern": "^-?[0-9.]+$"},
}


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


def properties(kind: type, about: Mapping[str, str]) -> dict[str, Schema]:
    """The fields of a class, each with its sentence."""
    hints = get_type_hints(kind)
    return {
        entry.name: _type_schema(hints[entry.name]) | _RANGES.get(entry.name, {}) | {"description": about[entry.name]}
        for entry in fields(kind)
    }


def required(kind: type) -> list[str]:
    """Those that have no default."""
    return [entry.name for entry in fields(kind) if entry.default is MISSING and entry.default_factory is MISSING]


def object_schema(shown: Mapping[str, Schema], always: list[str], about: str, **rest: Any) -> Schema:  # noqa: ANN401
    """An object with these fields, some of which are always there."""
    return {"type": "object", "description": about, "properties": dict(shown), "required": always, **rest}
