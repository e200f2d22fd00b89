"""What the golden cases hold each path to: its parameters, and the fields of its answers.

Read off ``tests/golden``, whose cases a test runs through a real catalogue: so whatever is listed is tested, and what
is not tested is not listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from callvault.dialects.contract import Dialect
from callvault.server.routing import Router

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
FORM = "application/x-www-form-urlencoded"
GOOD = range(200, 300)

Held = dict[tuple[str, str], tuple[set[str], dict[str, None]]]
"""Of a method and a path: parameters, and fields in the order in which they come."""


def held(dialect: Dialect) -> Held:
    """What is tried of each path of a dialect."""
    router, found = Router([dialect]), Held()
    for file in sorted(GOLDEN.glob(f"*/{dialect.name}.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for exchange in document.get("exchanges", ()):
            request, reply = exchange["request"], exchange["reply"]
            path, _, query = request["path"].partition("?")
            match = router.match(request["method"], path)
            if match.route is None or reply["status"] not in GOOD:
                continue
            parameters, fields = found.setdefault((match.route.method, match.route.path), (set(), {}))
            parameters |= {name for name, _ in parse_qsl(query, keep_blank_values=True)}
            parameters |= set(_in_body(request))
            fields |= dict.fromkeys(_fields(reply.get("body")))
    return found


def _in_body(request: Mapping[str, Any]) -> Iterator[str]:
    body = request.get("body")
    if isinstance(body, dict):
        yield from (field for field in _fields(body) if not field.endswith("[]"))
    elif isinstance(body, str) and FORM in str(request.get("headers", {})):
        yield from (name for name, _ in parse_qsl(body, keep_blank_values=True))


def _fields(value: object, prefix: str = "") -> Iterator[str]:
    """The leaves of a document, dotted; a list's items are ``[]``."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _fields(each, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list) and value:
        for each in value:
            yield from _fields(each, f"{prefix}[]")
    elif prefix:
        yield prefix
