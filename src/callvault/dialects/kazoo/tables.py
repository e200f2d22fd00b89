"""A list as CSV: a row a document, and a column for each field that any of them has.

Nested fields are flattened with ``_`` (applications/crossbar, doc/basics.md, read 2026-11).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from callvault.dialects.kazoo.origins import cross_origin
from callvault.dialects.toolbox.ranges import content_disposition
from callvault.wire import WireReply, WireRequest

FILE = "recordings.csv"


def say_table(items: Sequence[Mapping[str, Any]], request: WireRequest) -> WireReply:
    """The table as a file, by the name that the caller wishes."""
    rows = [dict(_flat(item)) for item in items]
    columns = sorted({column for row in rows for column in row})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    name = request.header("x-file-name") or request.first("file_name") or FILE
    return WireReply(
        status=200,
        headers=(
            ("content-type", "text/csv; charset=utf-8"),
            ("content-disposition", content_disposition(name, inline=False)),
            *cross_origin(request),
        ),
        body=text.getvalue().encode(),
    )


def _flat(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}_")
        elif isinstance(value, str):
            yield prefix + key, value
        else:
            yield prefix + key, orjson.dumps(value).decode()
