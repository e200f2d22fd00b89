"""The filters of Kazoo's lists: ``filter_KEY``, ``filter_not_KEY``, ``has_key`` and their like.

What lives here: reading them, handing to the catalogue's indexes those that it has one for, and judging a document by
the rest.  All of them have to hold.  A key may be dotted; a document that lacks it has the empty text there.
Source: applications/crossbar, doc/filters.md and ``crossbar_filter.erl`` (4.3 to 5.x, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from callvault.dialects.kazoo import words
from callvault.dialects.toolbox.parameters import telephone
from callvault.model.recording import Direction
from callvault.vault.commands import Ref

Look = Callable[[str], Any]
"""What stands under a key of a document; None where nothing does."""
_Holds = Callable[[Any], bool]
"""Whether a value satisfies a condition."""
_Demand = Callable[[str], _Holds]
"""What a parameter's value asks of the document's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One parameter, as it was written, that the catalogue has no index for."""

    parameter: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What a list is narrowed by."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a ``RecordingQuery``."""
    refs: Mapping[str, Ref] = field(default_factory=dict)
    """Refs of a ``FindRecordings``."""
    rest: tuple[Condition, ...] = ()
    """To be judged document by document."""


def read_filters(query: Iterable[tuple[str, str]]) -> Filters:
    """All filters in a query string; other parameters are passed over."""
    columns: dict[str, Any] = {}
    refs: dict[str, Ref] = {}
    rest: list[Condition] = []
    for parameter, value in query:
        if _find(parameter) is None:
            continue
        indexed = _INDEXED[parameter](value) if parameter in _INDEXED else None
        if indexed is None or indexed[0] in columns or indexed[0] in refs:
            rest.append(Condition(parameter=parameter, value=value))
        elif isinstance(indexed[1], Ref):
            refs[indexed[0]] = indexed[1]
        else:
            columns[indexed[0]] = indexed[1]
    return Filters(columns=columns, refs=refs, rest=tuple(rest))


def judge(conditions: Iterable[Condition]) -> Callable[[Look], bool]:
    """What decides whether a document satisfies them all; what does not depend on the document is worked out now."""
    asked: list[tuple[str, tuple[str, ...], _Holds]] = []
    for condition in conditions:
        found = _find(condition.parameter)
        if found is not None:
            demand, key = found
            first, *deeper = (key or condition.value).split(".")
            asked.append((first, tuple(deeper), demand(condition.value)))

    def fits(look: Look) -> bool:
        for first, deeper, holds in asked:
            value = look(first)
            for step in deeper:
                value = value.get(step) if isinstance(value, Mapping) else None
            if not holds(value):
                return False
        return True

    return fits


def _find(parameter: str) -> tuple[_Demand, str] | None:
    """What a parameter demands, and the key in its name."""
    if not parameter.startswith("filter_"):
        return (_BY_NAME[parameter], "") if parameter in _BY_NAME else None
    for prefix, demand in _BY_PREFIX.items():
        if parameter.startswith(prefix) and len(parameter) > len(prefix):
            return demand, parameter.removeprefix(prefix)
    return None


def _text(value: object) -> str | None:
    """A value as Kazoo compares it; None for what has no text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _choices(value: str) -> set[str | None]:
    """The texts in a JSON array; a text that is none stands for itself."""
    if _plain(value):
        return {value}
    try:
        items = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {value}
    return {_text(item) for item in items} if isinstance(items, list) else {value}


def _texts(found: object) -> set[str | None]:
    """The texts of a field that is a list."""
    return {_text(item) for item in found} if isinstance(found, list) else set()


def _is(value: str) -> _Holds:
    wanted = {value, *_choices(value)} - {None}
    return lambda found: _text(found) in wanted


def _is_not(value: str) -> _Holds:
    wanted = {value, *_choices(value)} - {None}
    return lambda found: _text(found) not in wanted


def _has_all(value: str) -> _Holds:
    wanted = _choices(value)
    return lambda found: wanted <= _texts(found)


def _has_any(value: str) -> _Holds:
    wanted = _choices(value)
    return lambda found: not wanted.isdisjoint(_texts(found))


def _has_none(value: str) -> _Holds:
    wanted = _choices(value)
    return lambda found: wanted.isdisjoint(_texts(found))


def _has_key(_: str) -> _Holds:
    return lambda found: found is not None


def _lacks_key(_: str) -> _Holds:
    return lambda found: found is None


def _has_value(_: str) -> _Holds:
    return lambda found: found not in _NOTHING


def _lacks_value(_: str) -> _Holds:
    return lambda found: found in _NOTHING


_NOTHING: tuple[Any, ...] = (None, "", [], {})

_BY_PREFIX: dict[str, _Demand] = {
    "filter_array_intersect_all_": _has_all,
    "filter_array_intersect_any_": _has_any,
    "filter_array_intersect_none_": _has_none,
    "filter_not_": _is_not,
    "filter_none_": _is_not,
    "filter_any_": _is,
    "filter_": _is,
}
"""The longer ones first.  ``any``, ``none`` and those of lists are of 5.x."""

_BY_NAME: dict[str, _Demand] = {
    "has_key": _has_key,
    "key_missing": _lacks_key,
    "has_value": _has_value,
    "value_missing": _lacks_value,
    "missing_value": _lacks_value,
}
"""The documentation says ``missing_value``, the source ``value_missing``."""


def _direction(value: str) -> tuple[str, Direction] | None:
    found = {word: direction for direction, word in words.DIRECTION.items()}.get(value)
    return ("direction", found) if found else None


def _owner(value: str) -> tuple[str, Any] | None:
    user = words.hex_id(value)
    return ("user_id", user) if user else None


def _call(value: str) -> tuple[str, Any] | None:
    ref = words.call_ref(value)
    return (("call", ref) if ref else ("sip_call_id", value)) if _plain(value) else None


def _plain(value: str) -> bool:
    return bool(value) and not value.lstrip().startswith("[")


_INDEXED: dict[str, Callable[[str], tuple[str, Any] | None]] = {
    "filter_direction": _direction,
    "filter_owner_id": _owner,
    "filter_call_id": _call,
    "filter_interaction_id": lambda value: ("session", words.interaction_ref(value)) if _plain(value) else None,
    "filter_conference_id": lambda value: ("conference", words.conference_ref(value)) if _plain(value) else None,
    "filter_caller_id_number": lambda value: ("from_number", telephone(value)) if _plain(value) else None,
    "filter_callee_id_number": lambda value: ("to_number", telephone(value)) if _plain(value) else None,
}
"""Parameters whose column the catalogue has an index for: field and value; None where the value has no such form."""
