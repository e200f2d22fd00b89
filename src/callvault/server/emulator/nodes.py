"""YAML with the places of things: every value knows the line on which it stands, so that a mistake can be told by it.

Values are what YAML 1.2 says they are (core schema, section 10.3): ``no`` is a word, ``+12025550101`` is a text, and
so is a date.  What does not live here: what any of it means (``seed_file``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import yaml

from callvault.errors import CallvaultError, OperatorError

Value = TypeVar("Value")

DEEPEST = 64
"""Levels of nesting; also what an anchor that holds itself is stopped by."""
MOST_NODES = 200_000
"""What a file may come to once its anchors are put in."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands."""

    file: Path
    line: int
    """Counted from 1; where the value has a name, the line of that name."""
    value: Any
    """A scalar, a list of nodes, or a dict of nodes by their key."""

    def wrong(self, sentence: str) -> OperatorError:
        """An error that says where."""
        return OperatorError(f"{self.file}, line {self.line}: {sentence}")

    def plain(self) -> Any:  # noqa: ANN401 - JSON values
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: str) -> Node:
        """The node that a dotted path leads to, as far as it goes: ``caller.number``, ``notes[1]``."""
        node = self
        for step in re.findall(r"[^.\[\]]+", path):
            inner = node.value.get(step) if isinstance(node.value, dict) else None
            if isinstance(node.value, list) and step.isdigit() and int(step) < len(node.value):
                inner = node.value[int(step)]
            if inner is None:
                break
            node = inner
        return node

    def entries(self, what: str) -> dict[str, Node]:
        """The keys and nodes of a mapping."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"{what} must be a mapping of names to values, not {_told(self.value)}.")
        return self.value

    def items(self, what: str) -> list[Node]:
        """The nodes of a list."""
        if not isinstance(self.value, list):
            raise self.wrong(f"{what} must be a list, not {_told(self.value)}.")
        return self.value

    def text(self, what: str) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong(f"{what} must be a text, not {_told(self.value)}.")
        return self.value

    def number(self, what: str) -> float:
        """A number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not math.isfinite(self.value):
            raise self.wrong(f"{what} must be a number, not {_told(self.value)}.")
        return self.value

    def whole(self, what: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not least <= self.value <= most:
            raise self.wrong(f"{what} must be a whole number from {least} to {most}, not {_told(self.value)}.")
        return self.value

    def uuid(self, what: str) -> UUID:
        """A UUID."""
        try:
            return UUID(self.text(what))
        except ValueError:
            raise self.wrong(f"{what} must be a UUID, not {self.value!r}.") from None

    def one_of(self, what: str, choices: Mapping[str, Value]) -> Value:
        """A word among some."""
        if not isinstance(self.value, str) or self.value not in choices:
            raise self.wrong(f"{what} must be one of {', '.join(choices)}, not {_told(self.value)}.")
        return choices[self.value]

    def read(self, reader: Callable[[Any], Value]) -> Value:
        """What a reader of plain values makes of it; its complaint gets the place."""
        try:
            return reader(self.plain())
        except CallvaultError as error:
            raise self.at(getattr(error, "field", None) or "").wrong(str(error)) from error


def read_yaml(file: Path) -> Node:
    """The one document of a file.

    Raises:
        OperatorError: it cannot be read, is not YAML, or holds what no value can be made of; says where.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise OperatorError(f"{file} is not UTF-8.") from error
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}" if mark else ""
        raise OperatorError(f"{file}{place}: This is not YAML: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise OperatorError(f"{file} is not YAML: {' '.join(str(error).split())}.") from error
    if root is None:
        raise OperatorError(f"{file} is empty.")
    return _Reading(file).node(root, 0)


class _Reading:
    """One file on its way from the parser's nodes to ours."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._nodes = 0

    def node(self, found: yaml.Node, depth: int) -> Node:
        self._nodes += 1
        place = Node(self._file, found.start_mark.line + 1, None)
        if depth > DEEPEST or self._nodes > MOST_NODES:
            raise place.wrong("This is nested too deeply, or repeats itself through its anchors too often.")
        if isinstance(found, yaml.SequenceNode):
            return Node(self._file, place.line, [self.node(item, depth + 1) for item in found.value])
        if isinstance(found, yaml.MappingNode):
            return Node(self._file, place.line, self._mapping(found, depth))
        return Node(self._file, place.line, _scalar(found) if isinstance(found, yaml.ScalarNode) else None)

    def _mapping(self, found: yaml.MappingNode, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key, item in found.value:
            here = Node(self._file, key.start_mark.line + 1, None)
            if not isinstance(key, yaml.ScalarNode):
                raise here.wrong("A name must be a text or a number.")
            if key.value in entries:
                raise here.wrong(f"{key.value} stands here twice.")
            entries[key.value] = Node(self._file, here.line, self.node(item, depth + 1).value)
        return entries


def _scalar(found: yaml.ScalarNode) -> Any:  # noqa: ANN401 - JSON values
    text: str = found.value
    if found.style is not None:  # quoted, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _told(value: Any) -> str:  # noqa: ANN401 - of a node
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
