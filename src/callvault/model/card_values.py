"""Reading the single values of a card: each is held to its form, and refused by the name under which it stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from callvault.errors import BadRequest

Value = TypeVar("Value")


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise BadRequest(f"{name} must be a JSON object.", field=name)
    return value


def text(value: object, name: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text, not {value!r}.", field=name)
    return value


def truth(value: object, name: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false, not {value!r}.", field=name)
    return value


def count(value: object, name: str) -> int:
    """A whole number from 0 on."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise BadRequest(f"{name} must be a whole number from 0 on, not {value!r}.", field=name)
    return value


def channels(value: object, name: str) -> int:
    """1 or 2."""
    if value not in (1, 2) or isinstance(value, bool):
        raise BadRequest(f"{name} must be 1 or 2, not {value!r}.", field=name)
    return int(count(value, name))


def fraction(value: object, name: str) -> float:
    """A number from 0 to 1."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise BadRequest(f"{name} must be a number from 0 to 1, not {value!r}.", field=name)
    return float(value)


def uuid(value: object, name: str) -> UUID:
    """A UUID."""
    try:
        return UUID(text(value, name))
    except ValueError:
        raise BadRequest(f"{name} must be a UUID, not {value!r}.", field=name) from None


def decimal(value: object, name: str) -> str:
    """A decimal, as text."""
    said = text(value, name)
    digits = said.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()):
        raise BadRequest(f"{name} must be a decimal such as -0.0025, not {value!r}.", field=name)
    return said


def texts(value: object, name: str) -> tuple[str, ...]:
    """Texts."""
    if not isinstance(value, list | tuple):
        raise BadRequest(f"{name} must be a list of texts.", field=name)
    return tuple(text(item, name) for item in value)


def ids(value: object, name: str) -> dict[str, dict[str, str]]:
    """Ids that vendors gave: dialect to kind to id."""
    return {
        dialect: {
            kind: text(foreign, f"{name}.{dialect}.{kind}")
            for kind, foreign in mapping(given, f"{name}.{dialect}").items()
        }
        for dialect, given in mapping(value, name).items()
    }


def extras(value: object, name: str) -> dict[str, dict[str, Any]]:
    """Anything, by dialect."""
    return {dialect: dict(mapping(extra, f"{name}.{dialect}")) for dialect, extra in mapping(value, name).items()}


def one_of(words: Callable[[str], Value], choices: list[str]) -> Callable[[object, str], Value]:
    """A reader of one of these words."""

    def read(value: object, name: str) -> Value:
        if value not in choices:
            raise BadRequest(f"{name} must be one of {', '.join(choices)}, not {value!r}.", field=name)
        return words(text(value, name))

    return read


def nested(
    make: Callable[..., Value], readers: Mapping[str, Callable[[Any, str], Any]]
) -> Callable[[object, str], Value]:
    """A reader of an object with these fields."""

    def read(value: object, name: str) -> Value:
        known: dict[str, Any] = {}
        for key, entry in mapping(value, name).items():
            if key not in readers:
                raise BadRequest(f"{name} has no field {key!r}; it takes {', '.join(readers)}.", field=f"{name}.{key}")
            if entry is not None:
                known[key] = readers[key](entry, f"{name}.{key}")
        try:
            return make(**known)
        except TypeError:
            raise BadRequest(f"{name} needs {', '.join(readers)}.", field=name) from None

    return read


def list_of(read_item: Callable[[object, str], Value]) -> Callable[[object, str], tuple[Value, ...]]:
    """A reader of a list of these."""

    def read(value: object, name: str) -> tuple[Value, ...]:
        if not isinstance(value, list | tuple):
            raise BadRequest(f"{name} must be a list.", field=name)
        return tuple(read_item(item, f"{name}[{index}]") for index, item in enumerate(value))

    return read
