"""A list as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from callvault.dialects.kazoo.tables import say_table
from callvault.wire import WireReply, WireRequest
from tests.unit.dialects.visits import header

ITEMS: list[dict[str, Any]] = [
    {"id": "1", "name": 'say "tea", please', "_read_only": {"content_types": ["audio/x-wav"]}},
    {"id": "2", "duration": 61, "conference_recording": True},
]


def table(**fields: Any) -> WireReply:
    return say_table(ITEMS, WireRequest(**{"method": "GET", "path": "/"} | fields))


def test_a_row_a_document_and_a_column_a_field() -> None:
    body = table().body
    assert isinstance(body, bytes)
    rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    assert rows == [
        {
            "_read_only_content_types": '["audio/x-wav"]',
            "conference_recording": "",
            "duration": "",
            "id": "1",
            "name": 'say "tea", please',
        },
        {"_read_only_content_types": "", "conference_recording": "true", "duration": "61", "id": "2", "name": ""},
    ]


def test_its_name() -> None:
    assert header(table(), "content-disposition") == 'attachment; filename="recordings.csv"'
    by_query = table(query=(("file_name", "tea.csv"),))
    assert header(by_query, "content-disposition") == 'attachment; filename="tea.csv"'
    by_header = table(headers={"x-file-name": "coffee.csv"}, query=(("file_name", "tea.csv"),))
    assert header(by_header, "content-disposition") == 'attachment; filename="coffee.csv"'


def test_an_empty_table() -> None:
    assert say_table([], WireRequest(method="GET", path="/")).body == b"\r\n"


def test_a_page_of_another_origin_may_read_it() -> None:
    assert header(table(headers={"origin": "https://x.example"}), "access-control-allow-origin") == "*"
