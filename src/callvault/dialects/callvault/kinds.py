"""The kinds of value that a parameter can hold, each with its two faces: how a text is read, and what JSON Schema
says of it.  Both stand side by side, so that the description cannot promise what the reading refuses.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from callvault.dialects.callvault.words import EXAMPLE_ID
from callvault.dialects.toolbox.ids import read_uuid
from callvault.dialects.toolbox.parameters import telephone, whole_number
from callvault.dialects.toolbox.times import parse_iso
from callvault.errors import BadRequest

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)
Word = TypeVar("Word", bound=enum.StrEnum)

LONGEST_TEXT = 255
# Control characters and lone surrogates: no telephone number or Call-ID has them, and not every database takes them.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_IDEMPOTENCY_KEY = r"[!#-~][ !#-~]{0,253}[!#-~]|[!#-~]"


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind(Generic[Value_co]):
    """One kind of value."""

    read: Callable[[str, str], Value_co]
    """From text and parameter name to value.  Raises BadRequest, naming the parameter."""
    schema: Mapping[str, Any]
    """JSON Schema (2020-12), as OpenAPI 3.1 embeds it."""


def one_of(*choices: Word) -> Kind[Word]:
    """One of some words."""

    def read(text: str, field: str) -> Word:
        for choice in choices:
            if text == choice.value:
                return choice
        listed = ", ".join(choice.value for choice in choices)
        raise BadRequest(f"{field} must be one of {listed}, not {text!r}.", field=field, value=text)

    return Kind(read=read, schema={"type": "string", "enum": [choice.value for choice in choices]})


def whole(least: int, most: int) -> Kind[int]:
    """A whole number; both bounds are allowed."""

    def read(text: str, field: str) -> int:
        return whole_number(text, field, default=least, least=least, most=most)

    return Kind(read=read, schema={"type": "integer", "minimum": least, "maximum": most})


def _text(text: str, field: str) -> str:
    if len(text) > LONGEST_TEXT or _UNWRITABLE.search(text):
        raise BadRequest(
            f"{field} must be a text of at most {LONGEST_TEXT} characters, control characters excluded.", field=field
        )
    return text


def _number(text: str, field: str) -> str:
    return telephone(_text(text, field)) or ""


def _uuid(text: str, field: str) -> UUID:
    value = read_uuid(text)
    if value is None:
        raise BadRequest(f"{field} must be a UUID such as {EXAMPLE_ID}, not {text!r}.", field=field, value=text)
    return value


def _truth(text: str, field: str) -> bool:
    if text not in {"true", "false"}:
        raise BadRequest(f"{field} must be true or false, not {text!r}.", field=field, value=text)
    return text == "true"


def _idempotency_key(text: str, field: str) -> str:
    """Bare, as most clients send it, or quoted, as draft-ietf-httpapi-idempotency-key-header-07 section 2.1 has it."""
    key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not re.fullmatch(_IDEMPOTENCY_KEY, key):
        raise BadRequest(f"{field} must be 1 to 255 printable ASCII characters, quotes excluded.", field=field)
    return key


def _anything(text: str, field: str) -> str:  # noqa: ARG001 - one shape for all
    return text


TEXT: Kind[str] = Kind(
    read=_text,
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": "^[^\\x00-\\x1f\\x7f]+$"},
)
NUMBER: Kind[str] = Kind(read=_number, schema=TEXT.schema)
UUID_: Kind[UUID] = Kind(read=_uuid, schema={"type": "string", "format": "uuid"})
TRUTH: Kind[bool] = Kind(read=_truth, schema={"type": "boolean"})
MOMENT: Kind[datetime] = Kind(read=parse_iso, schema={"type": "string", "format": "date-time"})
IDEMPOTENCY_KEY: Kind[str] = Kind(
    read=_idempotency_key,
    schema={
        "type": "string",
        "minLength": 1,
        "maxLength": 257,
        "pattern": f'^("({_IDEMPOTENCY_KEY})"|{_IDEMPOTENCY_KEY})$',
    },
)
HINT: Kind[str] = Kind(read=_anything, schema={"type": "string"})
"""A standard header that whoever writes the answer heeds or ignores, as RFC 9110 has it."""
