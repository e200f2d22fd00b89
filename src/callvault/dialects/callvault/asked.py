"""Parameters, and what a request says in them.  Which parameters there are is ``parameters``' matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from callvault.dialects.callvault.kinds import Kind
from callvault.errors import BadRequest
from callvault.wire import WireRequest

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameter(Generic[Value]):
    """One parameter."""

    name: str
    kind: Kind[Value]
    about: str
    many: bool = False
    """Whether it may be repeated."""
    place: str = "query"
    """Or ``header``, or ``path``."""
    required: bool = False
    example: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Preset(Parameter[Value]):
    """One that has a value where a request says nothing."""

    default: Value


class Table:
    """The parameters that one operation takes."""

    def __init__(self, *parameters: Parameter[Any]) -> None:
        self._parameters = {parameter.name: parameter for parameter in parameters}

    def __iter__(self) -> Iterator[Parameter[Any]]:
        """In the order of the description."""
        return iter(self._parameters.values())

    def of_query(self, name: str) -> Parameter[Any]:
        """The parameter of the query that has this name.

        Raises:
            BadRequest: there is none; names those that there are.
        """
        parameter = self._parameters.get(name)
        if parameter is not None and parameter.place == "query":
            return parameter
        known = ", ".join(each.name for each in self if each.place == "query")
        hint = f"this takes {known}" if known else "this takes none"
        raise BadRequest(f"There is no parameter {name!r} here; {hint}.", field=name)


class Asked:
    """What a request asks for."""

    def __init__(self, request: WireRequest, table: Table) -> None:
        """Read the whole query.

        Raises:
            BadRequest: a parameter is unknown (a typo must not silently widen a search), empty, repeated, or not of
                its kind.
        """
        self._headers = request.headers
        self._values: dict[str, list[Any]] = {}
        for name, text in request.query:
            parameter = table.of_query(name)
            values = self._values.setdefault(name, [])
            if values and not parameter.many:
                raise BadRequest(f"{name} is given more than once; it takes one value.", field=name)
            values.append(_read(parameter, text))

    @overload
    def __getitem__(self, parameter: Preset[Value]) -> Value: ...

    @overload
    def __getitem__(self, parameter: Parameter[Value]) -> Value | None: ...

    def __getitem__(self, parameter: Parameter[Value]) -> Value | None:
        """A parameter's one value; a header is read now."""
        values: list[Value] | None = self._values.get(parameter.name)
        if values is not None:
            return values[0]
        if parameter.place == "header":
            text = self._headers.get(parameter.name.lower())
            return None if text is None else _read(parameter, text)
        return parameter.default if isinstance(parameter, Preset) else None

    def every(self, parameter: Parameter[Value]) -> tuple[Value, ...]:
        """All values of a parameter that may be repeated."""
        return tuple(self._values.get(parameter.name, ()))


@overload
def once_more(request: WireRequest, parameter: Preset[Value]) -> Value: ...


@overload
def once_more(request: WireRequest, parameter: Parameter[Value]) -> Value | None: ...


def once_more(request: WireRequest, parameter: Parameter[Value]) -> Value | None:
    """One value of a query that was read as a whole before: what an answer has to know of its question."""
    text = request.first(parameter.name)
    if text is not None:
        return _read(parameter, text)
    return parameter.default if isinstance(parameter, Preset) else None


def _read(parameter: Parameter[Value], text: str) -> Value:
    if text == "":
        raise BadRequest(f"{parameter.name} is empty; leave it out, or give it a value.", field=parameter.name)
    return parameter.kind.read(text, parameter.name)
