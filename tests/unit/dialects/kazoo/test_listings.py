"""What the parameters of a list ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo import start_keys
from callvault.errors import BadRequest
from callvault.model.query import ALWAYS, Axis, Position, RecordingQuery, Span
from callvault.model.recording import Direction, Status
from callvault.vault.commands import FindRecordings
from tests.unit.dialects.kazoo.asking import ADA, LIST, OWNED, read
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER

AT = 63939574865
MOMENT = datetime(2026, 3, 1, 9, 1, 5, tzinfo=UTC)
NEXT_SECOND = datetime(2026, 3, 1, 9, 1, 6, tzinfo=UTC)


def found(target: str, **how: Any) -> FindRecordings:
    command = read(target, **how)
    assert isinstance(command, FindRecordings)
    return command


def query(parameters: str = "", **how: Any) -> RecordingQuery:
    return found(f"{LIST}?{parameters}", **how).query


def test_the_bare_list_is_everything_that_ended_newest_first_in_fifties() -> None:
    asked = query()
    assert asked.account_id == ALICE.id
    assert asked.user_id is None
    assert (asked.axis, asked.descending, asked.limit) == (Axis.CREATED, True, 50)
    assert asked.created == asked.updated == ALWAYS
    assert asked.statuses == {Status.PROCESSING, Status.AVAILABLE, Status.FAILED}
    assert (asked.at, asked.after, asked.page) == (None, None, None)


def test_a_users_list_is_what_that_user_owns() -> None:
    assert found(OWNED).query.user_id == UUID(hex=ADA)


@pytest.mark.parametrize(
    ("parameters", "descending"),
    [
        ("ascending=true", False),
        ("ascending=TRUE", False),
        ("ascending=false", True),
        ("descending=false", False),
        ("descending=true", True),
    ],
)
def test_order(parameters: str, descending: bool) -> None:
    assert query(parameters).descending is descending


@pytest.mark.parametrize(
    ("parameters", "limit"),
    [("page_size=1", 1), ("page_size=1000", 1000), ("page_size=1001", 1000), ("page_size=" + "9" * 40, 1000)],
)
def test_page_size(parameters: str, limit: int) -> None:
    assert query(parameters).limit == limit


def test_the_operator_bounds_pages_and_lists() -> None:
    assert query("page_size=70", settings={"kazoo_most_page_size": 60}).limit == 60
    assert query("paginate=false").limit == 10_000
    assert query("paginate=false&page_size=3", settings={"kazoo_most_unpaged": 7}).limit == 7
    assert query("paginate=true&page_size=3").limit == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "page size must be at least 1"),
        ("000", "page size must be at least 1"),
        ("-3", "page size must be at least 1"),
        ("many", "invalid page size"),
        ("", "invalid page size"),
        ("1.5", "invalid page size"),
        ("٣", "invalid page size"),
        ("--3", "invalid page size"),
    ],
)
def test_a_page_size_that_is_none(text: str, sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence) as caught:
        query(f"page_size={text}")
    assert caught.value.field == "page_size"


@pytest.mark.parametrize(
    ("parameters", "span"),
    [
        (f"created_from={AT}", Span(from_=MOMENT)),
        (f"created_to={AT}", Span(before=NEXT_SECOND)),
        (f"created_from={AT}&created_to={AT}", Span(from_=MOMENT, before=NEXT_SECOND)),
        ("created_from=&created_to=", ALWAYS),
        ("created_from=0", Span(from_=datetime(1, 1, 1, tzinfo=UTC))),
        ("created_to=999999999999999", Span(before=datetime(9999, 1, 1, 0, 0, 1, tzinfo=UTC))),
        ("created_from=999999999999999", Span(from_=datetime(9999, 1, 1, tzinfo=UTC))),
        ("created_to=0", Span(before=datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC))),
    ],
)
def test_a_window_holds_both_its_seconds(parameters: str, span: Span) -> None:
    assert query(parameters).created == span


def test_modified_from_and_to() -> None:
    asked = query(f"modified_from={AT}&modified_to={AT}")
    assert asked.updated == Span(from_=MOMENT, before=NEXT_SECOND)
    assert asked.created == ALWAYS


@pytest.mark.parametrize("name", ["created_from", "created_to", "modified_from", "modified_to"])
@pytest.mark.parametrize("text", ["yesterday", "-1", "1.5", "1" * 16])
def test_a_bound_that_is_no_second(name: str, text: str) -> None:
    with pytest.raises(BadRequest, match="whole number of Gregorian seconds") as caught:
        query(f"{name}={text}")
    assert (caught.value.field, caught.value.value) == (name, text)


def test_a_reversed_window_is_refused() -> None:
    with pytest.raises(BadRequest, match="is before") as caught:
        query(f"created_from={AT + 1}&created_to={AT}")
    assert caught.value.field == "created_from"


def test_the_operators_window_ends_now_and_is_as_wide_as_kazoos() -> None:
    asked = query(settings={"kazoo_window_days": 31})
    assert asked.created == Span(
        from_=datetime(2026, 1, 30, 11, 0, 0, tzinfo=UTC), before=NOW.replace(second=1, microsecond=0)
    )
    ended = query(f"created_to={AT}", settings={"kazoo_window_days": 1})
    assert ended.created == Span(from_=datetime(2026, 2, 28, 8, 1, 5, tzinfo=UTC), before=NEXT_SECOND)


def test_beyond_the_operators_window_nothing_can_be_asked() -> None:
    width = 86_400 + 3600
    assert query(f"created_from={AT}&created_to={AT + width}", settings={"kazoo_window_days": 1})
    with pytest.raises(BadRequest, match="more than 90000 seconds"):
        query(f"created_from={AT}&created_to={AT + width + 1}", settings={"kazoo_window_days": 1})
    with pytest.raises(BadRequest, match="more than 90000 seconds"):
        query(f"created_from={AT - 86_400}", settings={"kazoo_window_days": 1})


def test_a_start_key_is_where_the_page_begins_that_recording_included() -> None:
    place = Position(at=MOMENT, id=UUID("019ca884-2a00-7111-8222-333344445555"))
    asked = query(f"start_key={start_keys.write_key(place, None)}")
    assert asked.at == place
    assert asked.after is None


def test_a_start_key_means_nothing_to_who_wants_everything() -> None:
    assert query("paginate=false&start_key=tomorrow").at is None
    assert query("start_key=").at is None


def test_a_bare_number_begins_by_the_order() -> None:
    later, earlier = query(f"start_key={AT}").at, query(f"start_key={AT}&ascending=true").at
    assert later is not None
    assert earlier is not None
    assert later.at > earlier.at == MOMENT


def test_filters_narrow_the_list() -> None:
    command = found(f"{LIST}?filter_direction=outbound&filter_interaction_id=63939574432-0a1b2c3d")
    assert command.query.direction is Direction.OUTBOUND
    assert command.session is not None
    assert command.session.text == "63939574432-0a1b2c3d"


def test_a_users_list_of_anothers_is_empty() -> None:
    assert found(f"{OWNED}?filter_owner_id={ADA}").query.statuses
    assert not found(f"{OWNED}?filter_owner_id={ADA[::-1]}").query.statuses


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        ("filter_name=019ca8842a0071118222333344445555.wav", True),
        ("filter_name=tea.wav", False),
        ("filter_not_name=tea.wav", True),
        ("filter_not_direction=inbound", False),
        ("has_key=conference_id", False),
        ("key_missing=conference_id", True),
        ("has_value=call_id", True),
        ("value_missing=call_id", False),
        ("has_key=call_id&filter_media_source=recorded", True),
        ("has_key=call_id&filter_media_source=told", False),
    ],
)
def test_what_no_index_knows_is_judged_by_the_document(parameters: str, kept: bool) -> None:
    judge = found(f"{LIST}?{parameters}").keep
    assert judge is not None
    assert judge(TEA_ORDER) is kept


def test_what_an_index_knows_is_not_judged_again() -> None:
    assert found(f"{LIST}?filter_direction=inbound&filter_owner_id={ADA}").keep is None
    assert found(LIST).keep is None


def test_a_list_of_a_user_needs_the_user() -> None:
    assert found(OWNED).known_user == UUID(hex=ADA)
    assert found(LIST).known_user is None
