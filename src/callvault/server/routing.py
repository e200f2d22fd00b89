"""Which route of which dialect a path belongs to.  Pure: a tree of segments, built once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from callvault.dialects.contract import Dialect, Route


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    routes: dict[str, tuple[Dialect, Route, tuple[str, ...]]] = field(default_factory=dict)
    owner: Dialect | None = None
    """Whose path this is as far as it goes: who refuses what is not offered further on."""


class Match(NamedTuple):
    """What a method and a path come to."""

    dialect: Dialect | None
    """Who answers, if only to refuse; None: the path begins like nobody's."""
    route: Route | None
    parts: Mapping[str, str]
    allowed: tuple[str, ...] = ()
    """The verbs of this path, where it is one and the verb is not among them."""


class Router:
    """All dialects' routes.  Literal segments win over variable ones; HEAD goes where GET goes."""

    def __init__(self, dialects: Iterable[Dialect]) -> None:
        self._root = _Node()
        for dialect in dialects:
            for route in dialect.routes:
                self._add(dialect, route)

    def match(self, method: str, raw_path: str) -> Match:
        """``raw_path``: still percent-encoded, so that a segment may hold an encoded slash."""
        segments = raw_path.split("/")[1:]
        if segments and segments[-1] == "":
            segments.pop()
        values: list[str] = []
        node = _descend(self._root, segments, 0, values)
        if node is None:
            return Match(dialect=_owner(self._root, segments), route=None, parts={})
        entry = node.routes.get(method) or (node.routes.get("GET") if method == "HEAD" else None)
        if entry is None:
            return Match(dialect=node.owner, route=None, parts={}, allowed=tuple(sorted(node.routes)))
        dialect, route, names = entry
        return Match(dialect=dialect, route=route, parts=dict(zip(names, values, strict=True)))

    def _add(self, dialect: Dialect, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.variable = node = node.variable or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
            node.owner = node.owner or dialect
        taken = node.routes.get(route.method)
        if taken is not None:
            raise ValueError(f"{route.method} {route.path} is both {taken[0].name}'s and {dialect.name}'s")
        node.routes[route.method] = (dialect, route, tuple(names))


def _descend(node: _Node, segments: list[str], index: int, values: list[str]) -> _Node | None:
    if index == len(segments):
        return node if node.routes else None
    segment = segments[index]
    child = node.literal.get(segment)
    if child is not None:
        found = _descend(child, segments, index + 1, values)
        if found is not None:
            return found
    if node.variable is not None and segment:
        values.append(unquote(segment) if "%" in segment else segment)
        found = _descend(node.variable, segments, index + 1, values)
        if found is not None:
            return found
        values.pop()
    return None


def _owner(node: _Node, segments: list[str]) -> Dialect | None:
    owner = None
    for segment in segments:
        child = node.literal.get(segment) or node.variable
        if child is None:
            break
        node, owner = child, child.owner
    return owner
