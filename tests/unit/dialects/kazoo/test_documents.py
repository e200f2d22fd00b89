"""The document, field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo.documents import ALONE, content_types, document, file_name, glance, list_item
from callvault.model.media import MediaFormat
from callvault.model.party import NOBODY, Party
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status
from tests.unit.dialects.kazoo.asking import ADA
from tests.unit.dialects.visits import TEA_ORDER, TERMS, recording

FILE = "019ca8842a0071118222333344445555.wav"


def test_a_recording_of_our_own() -> None:
    assert document(TEA_ORDER, TERMS) == {
        "call_id": "a84b4c76e66710@pbx.example.net",
        "callee_id_number": "+15550199",
        "caller_id_number": "+15550100",
        "cdr_id": "202603-a84b4c76e66710@pbx.example.net",
        "content_type": "audio/x-wav",
        "description": f"recording {FILE}",
        "direction": "inbound",
        "duration": 61,
        "duration_ms": 61_240,
        "from": "+15550100@vault.example.net",
        "id": "202603-019ca8842a0071118222333344445555",
        "interaction_id": "63939572959-019ca8842a007a5e8551000000000001",
        "media_source": "recorded",
        "media_type": "wav",
        "name": FILE,
        "origin": "metaflow",
        "request": "+15550199@vault.example.net",
        "source_type": "kzc_recording",
        "start": 63939574802,
        "to": "+15550199@vault.example.net",
    }


def test_keys_are_sorted() -> None:
    keys = list(document(TEA_ORDER, TERMS))
    assert keys == sorted(keys)


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"caller": Party(number="1", name="Ruth")}, {"caller_id_name": "Ruth", "caller_id_number": "1"}),
    ({"callee": Party(number="2", name="Ada")}, {"callee_id_name": "Ada", "callee_id_number": "2"}),
    ({"caller": Party(number="sip:ruth@x.example")}, {"from": "ruth@x.example"}),
    ({"callee": Party(number="sips:ada@x.example")}, {"to": "ada@x.example", "request": "ada@x.example"}),
    ({"caller": Party(identity="desk")}, {"from": "desk@vault.example.net"}),
    ({"caller": Party(number="7", identity="ruth@x.example")}, {"from": "ruth@x.example", "caller_id_number": "7"}),
    ({"direction": Direction.OUTBOUND}, {"direction": "outbound"}),
    ({"format": MediaFormat.MP3}, {"content_type": "audio/mpeg", "media_type": "mp3", "name": FILE[:-3] + "mp3"}),
    ({"format": MediaFormat.OGG}, {"content_type": "audio/x-wav", "media_type": "wav", "name": FILE}),
    ({"format": MediaFormat.FLAC}, {"content_type": "audio/x-wav", "media_type": "wav", "name": FILE}),
    ({"duration_ms": 999}, {"duration": 0, "duration_ms": 999}),
    ({"duration_ms": 0}, {"duration": 0, "duration_ms": 0}),
    ({"user_id": UUID(hex=ADA)}, {"owner_id": ADA}),
    ({"origin": Origin.DIAL, "label": "desk"}, {"origin": "callflow : desk"}),
    ({"sip_call_id": None}, {"call_id": str(TEA_ORDER.call_id), "cdr_id": f"202603-{TEA_ORDER.call_id}"}),
    (
        {"source": Source.CONFERENCE, "conference_id": UUID(hex=ADA), "conference_name": "Monday"},
        {"conference_recording": True, "conference_id": ADA, "conference_name": "Monday"},
    ),
]


@pytest.mark.parametrize(("changes", "shown"), CHANGES)
def test_each_field_comes_of_one_of_ours(changes: dict[str, Any], shown: dict[str, Any]) -> None:
    changed = document(recording(**changes), TERMS)
    assert {key: changed.get(key) for key in shown} == shown


@pytest.mark.parametrize("changes", [changes for changes, _ in CHANGES] + [{"caller": Party(name="")}, {"extras": {}}])
def test_a_glance_at_a_field_sees_what_the_document_has_there(changes: dict[str, Any]) -> None:
    for seen in (recording(**changes), replace(recording(**changes), extras={"kazoo": {"origin": "tea", "x": 1}})):
        item = list_item(seen, TERMS)
        assert {key: glance(seen, TERMS)(key) for key in {*ALONE, *item, "nothing"}} == {
            key: item.get(key) for key in {*ALONE, *item, "nothing"}
        }


def test_what_is_not_known_is_left_out() -> None:
    nobody = document(recording(caller=NOBODY, callee=NOBODY), TERMS)
    left_out = {"caller_id_number", "callee_id_number", "from", "to", "request", "owner_id", "conference_id", "url"}
    assert left_out.isdisjoint(nobody)


def told(**extras: Any) -> Recording:
    return recording(extras={"kazoo": extras, "telnyx": {"to": "x"}})


def test_what_kazoo_said_stands_above_what_is_made_up() -> None:
    said = {
        "name": "tea.wav",
        "description": "the tea",
        "media_source": "dream",
        "source_type": "media_recording",
        "from": "a@x",
        "to": "b@x",
        "request": "c@x",
        "cdr_id": "202603-9",
        "origin": "no origin",
        "url": "https://files.example.net",
        "custom_channel_vars": {"Account-ID": "c0ffee"},
        "user_metadata": {"tags": ["tea"]},
    }
    assert said.items() <= document(told(**said), TERMS).items()


def test_and_below_what_is_known() -> None:
    shown = document(told(duration_ms=7, start=7, direction="outbound", call_id="x", owner_id="not-hex"), TERMS)
    assert (shown["duration_ms"], shown["start"], shown["direction"]) == (61_240, 63939574802, "inbound")
    assert shown["call_id"] == "a84b4c76e66710@pbx.example.net"
    assert shown["owner_id"] == "not-hex"


def test_a_request_goes_where_the_call_went() -> None:
    assert document(told(to="b@x"), TERMS)["request"] == "b@x"


def test_private_keys_and_the_pushing_account_are_not_shown() -> None:
    shown = document(told(_rev="2-a", pvt_type="call_recording", account_id="c0ffee", name=""), TERMS)
    assert {"_rev", "pvt_type", "account_id", "name"}.isdisjoint(shown)


def test_a_realm_of_the_operators() -> None:
    terms = replace(TERMS, settings={"kazoo_realm": "acme.example.net"})
    assert document(TEA_ORDER, terms)["from"] == "+15550100@acme.example.net"


@pytest.mark.parametrize(
    ("changes", "types"),
    [
        ({}, ["audio/x-wav"]),
        ({"format": MediaFormat.MP3}, ["audio/mpeg"]),
        ({"media_state": MediaState.PARTIAL}, ["audio/x-wav"]),
        ({"media_state": MediaState.ABSENT}, []),
        ({"media_state": MediaState.DELETED}, []),
        ({"status": Status.PROCESSING, "media_state": MediaState.AWAITED}, []),
        ({"status": Status.FAILED}, []),
    ],
)
def test_a_list_tells_what_can_be_heard(changes: dict[str, Any], types: list[str]) -> None:
    changed = recording(**changes)
    assert content_types(changed) == types
    assert list_item(changed, TERMS)["_read_only"] == {"content_types": types}
    assert "_read_only" not in document(changed, TERMS)


def test_the_attachments_name() -> None:
    assert file_name(TEA_ORDER) == FILE
    assert file_name(told(name="tea.wav")) == "tea.wav"
    assert file_name(told(name=["tea.wav"])) == FILE
