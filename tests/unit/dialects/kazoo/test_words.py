"""Kazoo's words are total over ours, and its ids can be turned back."""

from __future__ import annotations

from uuid import UUID

import pytest

from callvault.dialects.kazoo import words
from callvault.model.media import MediaFormat
from callvault.model.recording import Direction, Origin, Status
from tests.unit.dialects.visits import TEA_ORDER, recording

CORE = UUID("019ca884-2a00-7111-8222-333344445555")


def test_every_table_is_total() -> None:
    assert set(words.DIRECTION) == set(words.AUTOMATIC) == set(Direction)
    assert set(words.LISTED) == set(Status)
    assert set(words.SERVED) == set(words.CONTENT_TYPE) == set(MediaFormat)
    assert set(words.ORIGIN) == set(Origin)


def test_only_what_ended_has_a_document() -> None:
    listed = {status for status, listed in words.LISTED.items() if listed}
    assert listed == {Status.PROCESSING, Status.AVAILABLE, Status.FAILED}


def test_two_formats_are_served() -> None:
    assert set(words.SERVED.values()) == {MediaFormat.WAV, MediaFormat.MP3}
    assert words.CONTENT_TYPE[MediaFormat.WAV] == "audio/x-wav"
    assert words.CONTENT_TYPE[MediaFormat.MP3] == "audio/mpeg"


def test_an_id_begins_with_the_month_of_its_own_time() -> None:
    assert words.computed_id(CORE) == "202603-019ca8842a0071118222333344445555"
    assert words.core_id("202603-019ca8842a0071118222333344445555") == CORE


@pytest.mark.parametrize(
    "text",
    [
        "202602-019ca8842a0071118222333344445555",  # another month
        "202603-019CA8842A0071118222333344445555",
        "019ca8842a0071118222333344445555",
        "202603-019ca884-2a00-7111-8222-333344445555",
        "202603-019ca8842a0041118222333344445555",  # version 4
        "202603-ffffffffffff71118222333344445555",  # a time behind the calendar
        "202603-",
        "",
    ],
)
def test_what_is_not_an_id_of_ours(text: str) -> None:
    assert words.core_id(text) is None
    assert words.recording_ref(text).text == text


def test_an_id_that_kazoo_gave_wins() -> None:
    given = recording(foreign={"kazoo": {"recording": "202603-0123456789abcdef0123456789abcdef"}})
    assert words.recording_id(given) == "202603-0123456789abcdef0123456789abcdef"


def test_a_pushed_files_name_is_no_id() -> None:
    given = recording(foreign={"kazoo": {"recording": "call_recording_1@x.mp3"}})
    assert words.recording_id(given) == words.computed_id(given.id)


def test_a_call_is_its_sip_call_id_where_that_is_known() -> None:
    assert words.call_id(TEA_ORDER) == "a84b4c76e66710@pbx.example.net"
    assert words.call_id(recording(sip_call_id=None)) == str(TEA_ORDER.call_id)
    assert words.call_id(recording(foreign={"kazoo": {"call": "leg-a"}})) == "leg-a"


def test_a_call_id_in_the_form_of_ours_is_not_shown_unless_kazoo_said_it() -> None:
    confusing = "4b0cbe0e-6ef3-4ac5-b4cf-2a8cd8cb0b3f"
    assert words.call_id(recording(sip_call_id=confusing)) == str(TEA_ORDER.call_id)
    assert words.call_id(recording(sip_call_id=confusing, foreign={"kazoo": {"call": confusing}})) == confusing


def test_calls_are_found_by_our_id_or_by_the_sip_call_id() -> None:
    ref = words.call_ref(str(TEA_ORDER.call_id))
    assert ref is not None
    assert ref.computed == TEA_ORDER.call_id
    assert words.call_ref("a84b4c76e66710@pbx.example.net") is None


def test_an_interaction_begins_with_its_second() -> None:
    text = words.interaction_id(TEA_ORDER)
    assert text == "63939572959-019ca8842a007a5e8551000000000001"
    assert words.interaction_ref(text).computed == TEA_ORDER.call_session_id
    assert words.interaction_ref("63939572960-019ca8842a007a5e8551000000000001").computed is None
    assert words.interaction_ref("63939574432-0a1b2c3d").computed is None


def test_an_interaction_whose_id_has_no_time_can_be_turned_back_too() -> None:
    for session in (
        UUID("4b0cbe0e-6ef3-4ac5-b4cf-2a8cd8cb0b3f"),
        UUID("ffffffff-ffff-7111-8222-333344445555"),  # a time behind the calendar
    ):
        assert words.interaction_ref(words.interaction_id(recording(call_session_id=session))).computed == session


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("63939574432-0a1b2c3d", 63939574432),
        ("0-0a1b2c3d", None),
        ("999999999999-0a1b2c3d", None),
        ("9999999999999-0a1b2c3d", None),
        ("63939574432", None),
        ("-0a1b2c3d", None),
        ("۳-0a1b2c3d", None),
    ],
)
def test_the_second_of_an_interaction_of_kazoos(text: str, seconds: int | None) -> None:
    assert words.interaction_time(text) == seconds


def test_conferences() -> None:
    assert words.conference_id(TEA_ORDER) is None
    assert words.conference_id(recording(conference_id=CORE)) == CORE.hex
    assert words.conference_id(recording(conference_id=CORE, foreign={"kazoo": {"conference": "sales"}})) == "sales"
    assert words.conference_ref(CORE.hex).computed == CORE
    assert words.conference_ref("sales").computed is None


def test_origins() -> None:
    assert words.origin_word(recording(origin=Origin.TRUNK)) == "inbound from offnet to account"
    outbound = recording(origin=Origin.TRUNK, direction=Direction.OUTBOUND, label="desk")
    assert words.origin_word(outbound) == "outbound to offnet from account : desk"
    assert words.origin_word(recording(origin=Origin.DIAL, label="desk")) == "callflow : desk"
    assert words.origin_word(recording(origin=Origin.CONFERENCE)) == "conference"
