"""Kazoo's filters: what has an index goes to the catalogue, the rest is judged by the document."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from callvault.dialects.kazoo.filters import Condition, judge, read_filters
from callvault.model.recording import Direction
from tests.unit.dialects.kazoo.asking import ADA

DOCUMENT: dict[str, Any] = {
    "id": "202603-019ca8842a0071118222333344445555",
    "direction": "inbound",
    "origin": "callflow : desk",
    "duration": 61,
    "conference_recording": True,
    "custom_channel_vars": {"Account-ID": "c0ffee", "Flags": ["a"]},
    "empty": "",
    "user_metadata": {"tags": ["tea", "gold", 7]},
}


def judged(query: str) -> bool:
    conditions = [Condition(parameter=name, value=value) for name, value in parse_qsl(query, keep_blank_values=True)]
    return judge(conditions)(DOCUMENT.get)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter_direction=inbound", True),
        ("filter_direction=outbound", False),
        ('filter_direction=["outbound","inbound"]', True),
        ('filter_direction=["outbound"]', False),
        ("filter_direction=[", False),
        ("filter_duration=61", True),
        ("filter_duration=[60,61]", True),
        ("filter_duration=62", False),
        ("filter_conference_recording=true", True),
        ("filter_custom_channel_vars.Account-ID=c0ffee", True),
        ("filter_custom_channel_vars.Account-ID=tea", False),
        ("filter_custom_channel_vars=c0ffee", False),
        ("filter_origin.deeper=x", False),
        ("filter_missing=", True),
        ("filter_missing=x", False),
        ("filter_not_direction=outbound", True),
        ("filter_not_direction=inbound", False),
        ("filter_not_missing=x", True),
        ('filter_any_direction=["inbound","x"]', True),
        ('filter_any_direction=["y","x"]', False),
        ('filter_none_direction=["inbound","x"]', False),
        ('filter_none_direction=["y","x"]', True),
        ('filter_array_intersect_all_user_metadata.tags=["tea",7]', True),
        ('filter_array_intersect_all_user_metadata.tags=["tea","milk"]', False),
        ('filter_array_intersect_any_user_metadata.tags=["tea","milk"]', True),
        ("filter_array_intersect_any_user_metadata.tags=gold", True),
        ('filter_array_intersect_any_direction=["inbound"]', False),
        ('filter_array_intersect_none_user_metadata.tags=["milk"]', True),
        ('filter_array_intersect_none_user_metadata.tags=["tea"]', False),
        ("has_key=origin", True),
        ("has_key=missing", False),
        ("has_key=custom_channel_vars.Account-ID", True),
        ("key_missing=missing", True),
        ("key_missing=origin", False),
        ("has_value=origin", True),
        ("has_value=empty", False),
        ("value_missing=empty", True),
        ("value_missing=origin", False),
        ("missing_value=missing", True),
        ("filter_direction=inbound&filter_duration=61&has_key=id", True),
        ("filter_direction=inbound&filter_duration=62", False),
        ("page_size=7", True),
        ("filter_=x", True),
    ],
)
def test_a_document_is_judged(query: str, expected: bool) -> None:
    assert judged(query) is expected


def test_indexed_fields_become_columns() -> None:
    filters = read_filters(
        [
            ("page_size", "7"),
            ("filter_direction", "outbound"),
            ("filter_owner_id", ADA),
            ("filter_call_id", "leg-a@10.0.0.7"),
            ("filter_caller_id_number", " 12025550143"),
            ("filter_callee_id_number", "2001"),
        ]
    )
    assert filters.columns == {
        "direction": Direction.OUTBOUND,
        "user_id": UUID(hex=ADA),
        "sip_call_id": "leg-a@10.0.0.7",
        "from_number": "+12025550143",
        "to_number": "2001",
    }
    assert not filters.refs
    assert filters.rest == ()


def test_ids_become_refs() -> None:
    call = "019ca884-2a00-7aaa-8bbb-ccccddddeeee"
    filters = read_filters(
        [
            ("filter_call_id", call),
            ("filter_interaction_id", "63939574432-0a1b2c3d"),
            ("filter_conference_id", ADA),
        ]
    )
    assert filters.refs["call"].computed == UUID(call)
    assert filters.refs["session"].text == "63939574432-0a1b2c3d"
    assert filters.refs["conference"].computed == UUID(hex=ADA)
    assert not filters.columns


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filter_direction", "sideways"),
        ("filter_direction", '["inbound","outbound"]'),
        ("filter_owner_id", ""),
        ("filter_owner_id", "ada"),
        ("filter_call_id", '["a","b"]'),
        ("filter_not_direction", "inbound"),
        ("filter_origin", "callflow"),
        ("has_key", "owner_id"),
    ],
)
def test_what_no_index_can_say_is_left_to_be_judged(name: str, value: str) -> None:
    filters = read_filters([(name, value)])
    assert filters.rest == (Condition(parameter=name, value=value),)
    assert not filters.columns
    assert not filters.refs


def test_a_second_value_for_a_column_is_judged_too() -> None:
    filters = read_filters([("filter_direction", "inbound"), ("filter_direction", "outbound")])
    assert filters.columns == {"direction": Direction.INBOUND}
    assert filters.rest == (Condition(parameter="filter_direction", value="outbound"),)
