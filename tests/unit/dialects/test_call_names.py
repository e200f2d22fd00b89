"""What each vendor's clients call a live call is what they will call the call of its recordings."""

from __future__ import annotations

from dataclasses import replace

from callvault.dialects import registry
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


def test_nobody_is_asked_where_no_call_is_told() -> None:
    assert replace(TERMS).call_names(LIVE, ALICE, TERMS) == {}
