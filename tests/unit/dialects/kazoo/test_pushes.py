"""What Kazoo pushes: every form of its URL, and every parameter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.pushes import card_of, read_push, take_in
from callvault.errors import NotAudio, NotFound
from callvault.model.card import Card
from callvault.model.ids import time_of
from callvault.model.media import MediaFormat
from callvault.model.party import NOBODY, Party
from callvault.model.recording import Direction, Source
from callvault.vault.commands import OpenedMedia, OpenMedia, TakeIn, TakenIn
from tests.unit.dialects.kazoo.asking import ADA, PUSH, asking, read, said
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TOKEN, document, header, recording

FILE = "call_recording_leg-a@10.0.0.7.mp3"
KAZOO_ID = "202603-0123456789abcdef0123456789abcdef"
OF_43 = {
    "from": "ruth@carrier.example.net",
    "to": "2001@acme.example.net",
    "caller_id_name": "Ruth",
    "caller_id_number": "+12025550143",
    "call_id": "leg-a@10.0.0.7",
    "cdr_id": "202603-leg-a@10.0.0.7",
    "interaction_id": "63939574802-0a1b2c3d",
    "owner_id": ADA,
    "account_id": "c0ffee00c0ffee00c0ffee00c0ffee00",
    "start": "63939574802",
    "duration_ms": "61240",
    "recording_id": KAZOO_ID,
}
"""All that 4.3 sends, in its order."""
ABSENT_IN_MASTER = ("owner_id", "start", "duration_ms", "recording_id")


async def audio() -> AsyncIterator[bytes]:
    yield b"RIFF"


def pushed(target: str, **how: Any) -> TakeIn:
    asked = asking(target, method=how.pop("method", "PUT"), **how)
    return take_in(replace(asked, request=replace(asked.request, stream=audio())))


def card(**changes: str) -> Card:
    return pushed(f"{PUSH}/{FILE}?{urlencode(OF_43 | changes)}").card


def without(*names: str) -> Card:
    kept = {name: value for name, value in OF_43.items() if name not in names}
    return pushed(f"{PUSH}/{FILE}?{urlencode(kept)}").card


def test_all_that_4_3_says() -> None:
    session = card().call_session_id
    assert session is not None
    assert time_of(session) == datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)
    assert card() == Card(
        user_id=UUID(hex=ADA),
        call_session_id=session,
        sip_call_id="leg-a@10.0.0.7",
        caller=Party(number="+12025550143", name="Ruth"),
        callee=Party(number="2001"),
        started_at=datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC),
        foreign={"kazoo": {"recording": KAZOO_ID, "call": "leg-a@10.0.0.7", "session": "63939574802-0a1b2c3d"}},
        extras={
            "kazoo": {
                "from": "ruth@carrier.example.net",
                "to": "2001@acme.example.net",
                "cdr_id": "202603-leg-a@10.0.0.7",
                "account_id": "c0ffee00c0ffee00c0ffee00c0ffee00",
                "duration_ms": 61240,
            }
        },
    )


@pytest.mark.parametrize("name", OF_43)
def test_no_parameter_is_needed_and_none_is_ignored(name: str) -> None:
    if name == "call_id":
        assert without("call_id") == card()  # the file's name says it too
        return
    left_out, empty = without(name), card(**{name: ""})
    assert left_out == empty != card()


def test_the_master_of_2024_sends_less_and_two_dots() -> None:
    less = {name: value for name, value in OF_43.items() if name not in ABSENT_IN_MASTER}
    command = pushed(f"{PUSH}/call_recording_leg-a@10.0.0.7..mp3?{urlencode(less)}")
    assert command.card.sip_call_id == "leg-a@10.0.0.7"
    assert command.card.started_at is None
    assert command.card.foreign["kazoo"]["recording"] == FILE
    assert command.key == f"kazoo:leg-a@10.0.0.7/{FILE}"


def test_5_sends_conferences() -> None:
    of_conference = card(conference_recording="true", conference_id=ADA, conference_name="Monday")
    assert of_conference.source is Source.CONFERENCE
    assert of_conference.conference_id == UUID(hex=ADA)
    assert of_conference.conference_name == "Monday"
    assert of_conference.foreign["kazoo"]["conference"] == ADA
    assert card(conference_recording="true").source is Source.CONFERENCE
    assert card().source is None


def test_a_conference_by_name_is_always_the_same() -> None:
    one, other = card(conference_id="sales"), card(conference_id="support")
    assert one.conference_id == card(conference_id="sales", call_id="x").conference_id
    assert one.conference_id != other.conference_id
    assert one.foreign["kazoo"]["conference"] == "sales"


FORMS = [
    (f"{PUSH}/{FILE}?%s", {}),
    (f"{PUSH}?recording={FILE}&%s", {}),
    (f"{PUSH}?x={FILE}&%s", {}),
    (f"{PUSH}?tenant=7&recording={FILE}&%s", {}),
    (f"{PUSH}?file={FILE}?%s", {}),
    (f"/v2/push/{FILE}?%s", {}),
    (f"/v2/push?recording={FILE}&%s", {}),
    (f"/v1/push/{TOKEN}/{FILE}?%s", {}),
    (f"{PUSH}/call_recording_leg-a%%4010.0.0.7.mp3?%s", {}),
    (f"{PUSH}/{FILE}?%s", {"method": "POST"}),
]


@pytest.mark.parametrize(("target", "how"), FORMS)
def test_every_form_of_the_url_says_the_same(target: str, how: dict[str, Any]) -> None:
    command = pushed(target % urlencode(OF_43), **how)
    assert command.account_id == ALICE.id
    assert command.key == f"kazoo:{KAZOO_ID}"
    assert command.card == card()


def test_the_file_alone_is_enough() -> None:
    command = pushed(f"{PUSH}/{FILE}")
    assert command.key == f"kazoo:leg-a@10.0.0.7/{FILE}"
    assert command.card.sip_call_id == "leg-a@10.0.0.7"
    assert command.card.caller == command.card.callee == NOBODY


def test_so_is_the_id_with_another_file() -> None:
    command = pushed(f"{PUSH}/tea.mp3?recording_id={KAZOO_ID}&call_id=leg-b")
    assert command.key == f"kazoo:{KAZOO_ID}"
    assert command.card.sip_call_id == "leg-b"
    unknown = pushed(f"{PUSH}/tea.mp3?recording_id={KAZOO_ID}").card
    assert unknown.sip_call_id is None
    assert unknown.foreign == {"kazoo": {"recording": KAZOO_ID}}


def test_a_url_that_names_nothing_is_none() -> None:
    for target in (PUSH, f"{PUSH}/tea.mp3", f"{PUSH}/call_recording_.mp3", f"{PUSH}?from=a@b"):
        with pytest.raises(NotFound):
            pushed(target)


def test_a_push_has_a_body() -> None:
    with pytest.raises(NotAudio, match="no body"):
        read(f"{PUSH}/{FILE}", method="PUT")


def test_the_body_is_handed_on_and_its_length_is_checked() -> None:
    asked = asking(f"{PUSH}/{FILE}", method="PUT", headers={"content-length": "4"})
    stream = audio()
    command = take_in(replace(asked, request=replace(asked.request, stream=stream)))
    assert command.content is stream
    assert command.expected_bytes == 4
    assert pushed(f"{PUSH}/{FILE}", headers={"content-length": "many"}).expected_bytes is None
    assert pushed(f"{PUSH}/{FILE}").expected_bytes is None


@pytest.mark.parametrize(
    ("changes", "caller"),
    [
        ({"caller_id_number": ""}, Party(number="ruth", name="Ruth")),
        ({"caller_id_number": "", "from": "+12025550143@x"}, Party(number="+12025550143", name="Ruth")),
        ({"caller_id_number": "", "from": "sip:ruth@x"}, Party(number="ruth", name="Ruth")),
        ({"caller_id_number": "", "from": "@x", "caller_id_name": ""}, NOBODY),
        ({"caller_id_number": " 12025550143"}, Party(number="+12025550143", name="Ruth")),
    ],
)
def test_the_callers_number(changes: dict[str, str], caller: Party) -> None:
    assert card(**changes).caller == caller


def test_the_callees_number_and_name_where_they_are_sent() -> None:
    assert card(callee_id_number="+442079460018", callee_id_name="Ada").callee == Party(
        number="+442079460018", name="Ada"
    )


def test_a_plus_that_was_not_encoded() -> None:
    command = pushed(f"{PUSH}/{FILE}?from=+12025550143@x&to=+1@x")
    assert command.card.extras["kazoo"] == {"from": "+12025550143@x", "to": "+1@x"}
    assert (command.card.caller.number, command.card.callee.number) == ("+12025550143", "+1")


@pytest.mark.parametrize("start", ["0", "soon", "-1", "99999999999999", "999999999999", "62167219199", "315537984000"])
def test_a_start_that_cannot_be_is_left_to_the_clock(start: str) -> None:
    assert card(start=start).started_at is None


def test_what_no_database_keeps_is_left_out() -> None:
    assert card(caller_id_name="Ru\x00th\x07") == card()
    assert pushed(f"{PUSH}/{FILE.replace('leg', 'l%00eg')}?{urlencode(OF_43)}").card == card()


def test_an_owner_that_is_no_user_of_ours_is_kept() -> None:
    told = card(owner_id="Ada")
    assert told.user_id is None
    assert told.extras["kazoo"]["owner_id"] == "Ada"


def test_a_length_that_is_none_is_kept_as_it_is() -> None:
    assert card(duration_ms="long").extras["kazoo"]["duration_ms"] == "long"


def test_fields_that_only_a_storage_plan_sends() -> None:
    told = card(direction="outbound", origin="callflow : desk", request="+1@x", name="tea.mp3")
    assert told.direction is Direction.OUTBOUND
    assert told.extras["kazoo"].items() >= {"origin": "callflow : desk", "request": "+1@x", "name": "tea.mp3"}.items()
    assert card(direction="sideways").direction is None


def test_an_operators_own_parameters_are_not_kept() -> None:
    assert card(tenant="7", auth_token="secret", signature="s") == card()


def test_legs_of_one_conversation_find_together_in_one_account() -> None:
    push = read_push(asking(f"{PUSH}/{FILE}?{urlencode(OF_43)}", method="PUT").request)
    one = card_of(push, ALICE.id).call_session_id
    assert card(call_id="leg-b", recording_id="202603-f").call_session_id == one
    assert card(interaction_id="63939574802-0a1b2c3e").call_session_id != one
    assert card_of(push, UUID(hex=ADA)).call_session_id != one


def test_a_conversation_with_an_id_of_another_form() -> None:
    assert card(interaction_id="tea").call_session_id == card(interaction_id="tea").call_session_id is not None
    assert card(interaction_id="62167219100-0a1b2c3d").call_session_id is not None


@pytest.mark.parametrize("target", [form for form, how in FORMS if not how])
def test_the_same_url_reads_it_back_unaltered(target: str) -> None:
    wanted = OpenMedia(account_id=ALICE.id, recording=words.recording_ref(KAZOO_ID), original=True)
    assert read(target % urlencode(OF_43)) == wanted


def test_it_is_read_back_by_the_documents_id_or_the_file_too() -> None:
    for query, name in ((f"id={KAZOO_ID}&direction=inbound", KAZOO_ID), ("", FILE)):
        assert read(f"{PUSH}/{FILE}?{query}") == OpenMedia(
            account_id=ALICE.id, recording=words.recording_ref(name), original=True
        )


def test_what_is_answered_to_a_push() -> None:
    taken = TakenIn(recording=recording(foreign={"kazoo": {"recording": KAZOO_ID}}), fresh=True)
    reply = said(taken, f"{PUSH}/{FILE}", method="PUT")
    assert reply.status == 201
    envelope = document(reply)
    assert envelope["data"] == {
        "id": KAZOO_ID,
        "call_id": "a84b4c76e66710@pbx.example.net",
        "content_type": "audio/x-wav",
        "duration_ms": 61_240,
    }
    assert TOKEN not in str(envelope)
    assert said(replace(taken, fresh=False), f"{PUSH}/{FILE}", method="PUT").status == 200


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        (MediaFormat.WAV, "audio/x-wav"),
        (MediaFormat.MP3, "audio/mpeg"),
        (MediaFormat.OGG, "audio/ogg"),
        (MediaFormat.FLAC, "audio/flac"),
    ],
)
def test_what_is_read_back_has_its_own_type(form: MediaFormat, content_type: str) -> None:
    class Bytes:
        async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
            yield b"0123456789"[start:stop]

    media = OpenedMedia(
        recording=TEA_ORDER, format=form, channels=1, size_bytes=10, etag="e", modified_at=NOW, source=Bytes()
    )
    assert header(said(media, f"{PUSH}/{FILE}"), "content-type") == content_type
