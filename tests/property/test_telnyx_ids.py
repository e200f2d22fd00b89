"""Telnyx's ids round-trip for any core id, and no two texts stand for one."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.telnyx import words


@given(st.uuids())
def test_ids_are_read_back(core_id: UUID) -> None:
    assert words.call_control_ref(words.control_id(core_id)).computed == core_id
    for read in (words.recording_ref, words.call_ref, words.session_ref, words.conference_ref):
        assert read(str(core_id)).computed == core_id


@given(st.uuids(), st.integers(0, 24), st.characters())
def test_another_control_id_is_another_call(core_id: UUID, place: int, letter: str) -> None:
    text = words.control_id(core_id)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        assert words.call_control_ref(changed).computed != core_id


@given(st.text())
def test_any_text_is_an_id_of_somebody(text: str) -> None:
    for read in (
        words.recording_ref,
        words.call_ref,
        words.session_ref,
        words.conference_ref,
        words.call_control_ref,
    ):
        assert read(text).text == text
