"""What each vendor's clients call a live call is what they will call the call of its recordings."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from callvault.dialects import registry
from callvault.dialects.bandwidth import words as bandwidth
from callvault.dialects.signalwire import words as signalwire
from callvault.dialects.telnyx import words as telnyx
from tests.unit.dialects.live_calls import LIVE, live
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS


def test_every_vendor_has_a_name_for_it() -> None:
    names = registry.call_names(LIVE, ALICE, TERMS)
    assert set(names) == {*registry.NAMES, "twilio"}
    assert names["callvault"] == names["bird"] == str(LIVE.call_id)
    assert names["kazoo"] == LIVE.sip_call_id
    assert names["twilio"].startswith("CA")
    assert names["telnyx"].startswith("v3:")


def test_it_is_the_name_of_its_recordings_call() -> None:
    names = registry.call_names(LIVE, ALICE, TERMS)
    for dialect in registry.load():
        of_recording = dialect.names(TEA_ORDER, ALICE, TERMS)
        for vendor, word in (dialect.calls or {dialect.name: "call_id"}).items():
            assert names[vendor] == of_recording[word]


def test_a_name_that_the_vendor_gave_wins() -> None:
    given = live(foreign={"bandwidth": {"call": "c-their-own"}, "twilio": {"call": "CA" + "1" * 32}})
    assert registry.call_names(given, ALICE, TERMS)["bandwidth"] == "c-their-own"


@pytest.mark.parametrize("told", [None, "CF" + "1" * 32])
def test_a_conferences_names_are_read_as_that_conference(told: str | None) -> None:
    room = UUID("019ca884-2a00-4c0f-8c0f-000000000009")
    foreign = {} if told is None else {"signalwire": {"conference": told}}
    names = registry.conference_names(live(conference_id=room, foreign=foreign), ALICE, TERMS)
    assert set(names) == {"bandwidth", "telnyx", "signalwire", "twilio"}
    assert (names["telnyx"], names["signalwire"]) == (str(room), str(room))
    assert names["twilio"] == (told or f"CF{room.hex}")
    read = [
        bandwidth.conference_ref(names["bandwidth"]),
        telnyx.conference_ref(names["telnyx"]),
        signalwire.outer_ref(names["signalwire"], "conference", signalwire.Vendor.SIGNALWIRE),
        *([] if told else [signalwire.outer_ref(names["twilio"], "conference", signalwire.Vendor.TWILIO)]),
    ]
    assert {ref.computed for ref in read} == {room}


def test_a_call_without_an_id_as_a_conference_has_no_names_as_one() -> None:
    assert registry.conference_names(LIVE, ALICE, TERMS) == {}


def test_nobody_is_asked_where_no_call_is_told() -> None:
    assert replace(TERMS).call_names(LIVE, ALICE, TERMS) == {}
