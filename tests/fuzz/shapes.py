"""What an answer to any request at all has to be: well-formed, in the vendor's shape, and no fault of ours."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import callvault
from tests.asgi import Answer
from tests.contract.tongues import TONGUES, Tongue

STATUSES = frozenset(
    {200, 201, 202, 204, 206, 304, 307, 400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 416, 422, 429}
)
WITHOUT_WORDS = frozenset({406, 416})
"""Refusals that are a status and no more."""
TRACES = (
    b"Traceback",
    bytes(Path(callvault.__file__).parent),
    b"site-packages",
    b"object at 0x",
    b"sqlite",
    b"<class ",
)
"""What a sentence for a caller never has in it."""


def check(answer: Answer, dialect: str, method: str, target: bytes) -> None:
    """Hold an answer to all that holds for every answer."""
    assert answer.status in STATUSES, (answer.status, answer.body[:300])
    for name, value in answer.headers:
        assert not set("\r\n\0") & set(name + value), name
    length = answer.header("content-length")
    if method == "HEAD" or answer.status in {204, 304}:
        assert answer.body == b""
    else:
        assert length is None or int(length) == len(answer.body)
    if answer.status in {204, 304, 307} or method == "HEAD":
        return
    content = parsed(answer)
    if answer.status >= 400:
        assert not any(trace in answer.body for trace in TRACES if trace not in target), answer.body
        if answer.status not in WITHOUT_WORDS:
            kind = (answer.header("content-type") or "").replace("application/javascript", "application/json")
            tongues = [tongue for tongue in TONGUES if tongue.dialect == dialect]
            assert any(refuses(tongue, answer.status, kind, content) for tongue in tongues), answer.body


def refuses(tongue: Tongue, status: int, kind: str, content: Any) -> bool:
    try:
        return tongue.is_refusal(status, kind, content)
    except (KeyError, TypeError, AttributeError):
        return False


def parsed(answer: Answer) -> Any:
    """The body as its type says it is to be read."""
    kind = (answer.header("content-type") or "").partition(";")[0]
    body = answer.body
    if kind in {"application/json", "application/problem+json"}:
        return json.loads(body)
    if kind == "application/xml":
        ET.fromstring(body)
        return body
    if kind == "application/javascript":  # JSON with a function round it
        return json.loads(body[body.index(b"(") + 1 : body.rindex(b")")])
    if kind == "text/csv":
        rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
        assert len({len(row) for row in rows}) <= 1, "a table's rows are equally long"
        return rows
    if kind.startswith(("audio/", "text/")) or kind == "application/x-subrip":
        return body
    assert body == b"", (kind, body[:200])
    return body
