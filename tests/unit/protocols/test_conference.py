"""What a client calls the conference that a call is in."""

from __future__ import annotations

import pytest

from callvault.protocols.conference import ToldConference, told_conference


@pytest.mark.parametrize(
    "name",
    ["conference_id", "ConferenceSid", "conference-id", "X-Conference-ID", "x-conference_sid", "ext.conferenceId"],
)
def test_its_id_in_any_spelling(name: str) -> None:
    assert told_conference({"a": "b", name: " 4711 "}) == ToldConference(id="4711")


@pytest.mark.parametrize("name", ["conference_name", "ConferenceName", "X-Conference-Name"])
def test_its_name(name: str) -> None:
    assert told_conference({name: "Monday"}) == ToldConference(name="Monday")


@pytest.mark.parametrize("said", [{}, {"conference_id": " "}, {"conference": "yes"}, {"my_conference_id_2": "1"}])
def test_nothing_is_guessed(said: dict[str, str]) -> None:
    assert told_conference(said) == ToldConference()
