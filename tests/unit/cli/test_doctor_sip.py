"""``callvault doctor sip``: places, trunks, what a call would be answered, and why calls were refused."""

from __future__ import annotations

import socket
from pathlib import Path
from uuid import UUID

import pytest

from callvault.capture.siprec.refusals import Refusals, Turned
from callvault.capture.spools import Spools
from tests.unit.cli.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path / "data")
    for command in (
        ("account", "add", "acme"),
        ("trunk", "add", "sbc", "--account", "acme", "--network", "192.0.2.0/24"),
        ("trunk", "add", "secure", "--account", "acme", "--certificate", "sbc.example.net"),
    ):
        assert made.run(*command).exit_code == 0
    return made


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (("--peer", "192.0.2.7"), "It would be admitted as a call of the trunk sbc."),
        (("--peer", "198.51.100.9"), "It would be refused (403): No trunk takes calls from udp:198.51.100.9:5060."),
        (
            ("--peer", "198.51.100.9", "--certificate", "sbc.example.net"),
            "It would be admitted as a call of the trunk secure.",
        ),
    ],
)
def test_what_a_call_would_be_answered(house: House, asked: tuple[str, ...], answer: str) -> None:
    assert house.json("doctor", "sip", *asked)["answer"] == answer
    assert answer in house.run("doctor", "sip", *asked).output


def test_a_password_is_asked_for(house: House) -> None:
    added = house.run("trunk", "add", "road", "--account", "acme", "--username", "road", typed="x\n")
    assert added.exit_code == 0
    assert "401" in house.json("doctor", "sip", "--peer", "198.51.100.9")["answer"]


def test_an_address_that_is_none_is_said_to_be(house: House) -> None:
    done = house.run("doctor", "sip", "--peer", "sbc.example.net")
    assert done.exit_code != 0
    assert "is no address" in done.output


def test_a_place_where_nobody_answers_is_bad(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"tcp:127.0.0.1:{taken.getsockname()[1]}"
        done = house.run("doctor", "sip", "--sip-listen", place)
    assert done.exit_code == 1
    assert f"BAD   {place}" in done.output


def test_refusals_are_told_newest_first(house: House) -> None:
    refusals = Refusals(house.folder / "spool" / "refusals.jsonl")
    (house.folder / "spool").mkdir(exist_ok=True)
    for second, sentence in enumerate(("The first.", "The second."), start=1_772_355_600):
        refusals.note(Turned(at_ns=second * 10**9, peer="udp:192.0.2.9:5060", status=403, sentence=sentence))
    told = house.json("doctor", "sip")["refusals"]
    assert [each["sentence"] for each in told] == ["The second.", "The first."]
    assert told[1]["at"] == "2026-03-01T09:00:00+00:00"
    assert "2026-03-01T09:00:00+00:00 403 udp:192.0.2.9:5060: The first." in house.run("doctor", "sip").output


def test_the_doctor_itself_still_examines_the_rest(house: House) -> None:
    found = house.json("doctor")
    assert {each["check"] for each in found["checks"]} >= {"data", "keys", "catalogue", "store", "calls"}


def test_calls_that_could_not_be_finished_are_told(house: House) -> None:
    spools = Spools(house.folder / "spool")
    take = UUID(int=7)
    spools.ended(take).journal.touch()
    spools.set_aside(take, "The journal has no beginning.")
    done = house.run("doctor")
    assert done.exit_code == 1
    assert "BAD   calls      1 call could not be finished; what came of it" in done.output
    assert f"{take}: The journal has no beginning." in done.output
