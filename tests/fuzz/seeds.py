"""Real requests to begin with, from the golden cases, and the words that each dialect might have an ear for."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import callvault.dialects

GOLDEN = Path(__file__).parent.parent / "golden"
DIALECTS = Path(callvault.dialects.__file__).parent
PRINTABLE = frozenset(range(0x21, 0x7F))
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.<>\[\]-]{0,39}")


@dataclass(frozen=True, kw_only=True)
class Seed:
    """One request as its golden case has it, taken to pieces that can be exchanged.  All text is as on the wire."""

    case: str
    dialect: str
    method: str
    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    settings: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def target(self) -> bytes:
        """Path and query."""
        query = "&".join(f"{name}={value}" if value is not None else name for name, value in self.query)
        return on_the_wire("/" + "/".join(self.segments) + (f"?{query}" if self.query else ""))


def on_the_wire(target: str) -> bytes:
    """A target that an HTTP server would hand on: what may not stand in a request line is percent-encoded."""
    octets = target.encode("utf-8", "surrogatepass")
    return b"".join(bytes((octet,)) if octet in PRINTABLE else b"%%%02X" % octet for octet in octets)


@cache
def seeds(dialect: str) -> tuple[Seed, ...]:
    """Every request of every golden case in this dialect."""
    found = []
    for path in sorted(GOLDEN.glob(f"*/{dialect}.json")):
        for exchange in json.loads(path.read_text())["exchanges"]:
            asked = exchange["request"]
            raw_path, _, raw_query = asked["path"].partition("?")
            pairs = (pair.partition("=") for pair in raw_query.split("&") if pair)
            body = asked.get("body", b"")
            found.append(
                Seed(
                    case=path.parent.name,
                    dialect=dialect,
                    method=asked["method"],
                    segments=tuple(raw_path.split("/")[1:]),
                    query=tuple((name, value) for name, _, value in pairs),
                    headers=tuple(asked.get("headers", {}).items()),
                    body=body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else b"",
                    settings=exchange.get("settings", {}),
                )
            )
    assert found, dialect
    return tuple(found)


@cache
def vocabulary(dialect: str) -> tuple[str, ...]:
    """Names that might be parameters, keys or values: all words in the dialect's source and in its golden requests."""
    words = {unquote(part) for seed in seeds(dialect) for pair in seed.query for part in pair}
    for path in (DIALECTS / dialect).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.fullmatch(node.value):
                words.add(node.value)
    return tuple(sorted(word for word in words if word))


def encoded(text: str) -> str:
    """A text as a careful client writes it into a URL."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
