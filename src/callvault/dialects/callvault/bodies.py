"""JSON bodies of requests: a table of fields, each with its two faces, how a value is read and what JSON Schema says
of it.  Which fields there are is the nouns' matter (``new_hooks``, ``wishes``, ``policies``, ``steering``).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from callvault.dialects.callvault import kinds
from callvault.dialects.callvault.kinds import Kind
from callvault.errors import BadRequest

Word = TypeVar("Word", bound=enum.StrEnum)
DEEPEST = 30
_NUL = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a body."""

    read: Callable[[Any, str], Any]
    """From a JSON value and the field's name.  Raises BadRequest, naming the field."""
    schema: Mapping[str, Any]
    about: str


Fields = Mapping[str, Field]


def read_body(body: bytes, fields: Fields, thing: str, *, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields that a body says.  ``thing``: what has them, for the sentence.

    Raises:
        BadRequest: it is no JSON object, or a field is unknown, missing or not of its kind.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body must be a JSON object: {error}.") from None
    if not isinstance(document, dict):
        raise BadRequest("The body must be a JSON object.")
    return read_fields(document, fields, thing, needed=needed)


def read_fields(
    document: Mapping[str, Any], fields: Fields, thing: str, *, needed: tuple[str, ...] = (), prefix: str = ""
) -> dict[str, Any]:
    """The same of an object; ``prefix`` is where it stands.

    Raises:
        BadRequest: as ``read_body``.
    """
    said: dict[str, Any] = {}
    for name, value in document.items():
        if name not in fields:
            raise BadRequest(f"A {thing} has no field {name!r}; it takes {', '.join(fields)}.", field=prefix + name)
        said[name] = fields[name].read(value, prefix + name)
    for name in needed:
        if name not in said:
            raise BadRequest(f"A {thing} needs {' and '.join(needed)}; {name} is missing.", field=prefix + name)
    return said


def field_schemas(fields: Fields) -> dict[str, Any]:
    """What JSON Schema says of all of them."""
    return {name: {**field.schema, "description": field.about} for name, field in fields.items()}


# What a field can hold


def said_as(kind: Kind[Any], about: str) -> Field:
    """A text that is read as a parameter of this kind is."""

    def read(value: Any, name: str) -> Any:  # noqa: ANN401 - a JSON value, and what the kind makes of it
        if not isinstance(value, str) or value == "":
            raise BadRequest(f"{name} must be a text, not {value!r}.", field=name)
        return kind.read(value, name)

    return Field(read=read, schema=kind.schema, about=about)


def text(about: str) -> Field:
    """A text of one line."""
    return said_as(kinds.TEXT, about)


def word_of(words: Iterable[Word], about: str) -> Field:
    """One of some words."""
    return said_as(kinds.one_of(*words), about)


def truth(about: str) -> Field:
    """True or false."""

    def read(value: Any, name: str) -> bool:  # noqa: ANN401
        if not isinstance(value, bool):
            raise BadRequest(f"{name} must be true or false, not {value!r}.", field=name)
        return value

    return Field(read=read, schema={"type": "boolean"}, about=about)


def whole(least: int, most: int, about: str) -> Field:
    """A whole number; both bounds are allowed."""

    def read(value: Any, name: str) -> int:  # noqa: ANN401
        number = _number(value, name, least, most)
        if number != int(number):
            raise BadRequest(f"{name} must be a whole number, not {value!r}.", field=name)
        return int(number)

    return Field(read=read, schema={"type": "integer", "minimum": least, "maximum": most}, about=about)


def number(least: float, most: float, about: str) -> Field:
    """A number; both bounds are allowed."""

    def read(value: Any, name: str) -> float:  # noqa: ANN401
        return float(_number(value, name, least, most))

    return Field(read=read, schema={"type": "number", "minimum": least, "maximum": most}, about=about)


def listed(inner: Field, about: str, *, most: int) -> Field:
    """A list of at most so many."""

    def read(value: Any, name: str) -> tuple[Any, ...]:  # noqa: ANN401
        if not isinstance(value, list) or len(value) > most:
            raise BadRequest(f"{name} must be a list of at most {most}.", field=name)
        return tuple(inner.read(each, f"{name}[{place}]") for place, each in enumerate(value))

    return Field(read=read, schema={"type": "array", "maxItems": most, "items": inner.schema}, about=about)


def extras(about: str) -> Field:
    """Any JSON, by dialect."""

    def read(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401
        if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
            raise BadRequest(f"{name} must be an object of objects.", field=name)
        _sound(value, name)
        return value

    schema = {"type": "object", "additionalProperties": {"type": "object"}}
    return Field(read=read, schema=schema, about=about)


def _number(value: Any, name: str, least: float, most: float) -> float:  # noqa: ANN401
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise BadRequest(f"{name} must be a number from {least:g} to {most:g}, not {value!r}.", field=name)
    return value


def _sound(value: Any, name: str, depth: int = 0) -> None:  # noqa: ANN401
    """Raises BadRequest: there is a text in it that not every database takes, or it goes too deep."""
    if depth > DEEPEST:
        raise BadRequest(f"{name} goes deeper than {DEEPEST} objects and lists.", field=name)
    if isinstance(value, str) and _NUL.search(value):
        raise BadRequest(f"{name} holds a text with a NUL character.", field=name)
    if isinstance(value, dict):
        for key, each in value.items():
            _sound(key, name, depth + 1)
            _sound(each, name, depth + 1)
    if isinstance(value, list):
        for each in value:
            _sound(each, name, depth + 1)
