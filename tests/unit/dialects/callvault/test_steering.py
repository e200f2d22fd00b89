"""Live calls on our own wire: every field of a verb is heeded, and a call is told whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest

from callvault.dialects import registry
from callvault.dialects.callvault import live_operations as operations
from callvault.dialects.callvault import steering
from callvault.dialects.callvault.wishes import PUSH, WISH
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Cue, Push, Track, Wish
from callvault.vault.commands import Ref
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    MaskCall,
    StartRecording,
    Steered,
    SteerRecording,
)
from tests.unit.dialects.live_calls import LIVE, live, under_way
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, document, header, visit

CALL = str(LIVE.take)
REF = Ref(dialect="callvault", kind="call", text=CALL, computed=LIVE.take)

WISHES: list[tuple[dict[str, Any], Wish]] = [
    ({}, Wish()),
    ({"format": "mp3"}, Wish(format=MediaFormat.MP3)),
    ({"channels": 2}, Wish(channels=2)),
    ({"track": "outbound"}, Wish(track=Track.OUTBOUND)),
    ({"cue": "bridged"}, Wish(cue=Cue.BRIDGED)),
    ({"most_s": 12.5}, Wish(most_s=12.5)),
    ({"least_s": 3}, Wish(least_s=3.0)),
    ({"silence_s": 5}, Wish(silence_s=5.0)),
    ({"sample_rate": 16000}, Wish(sample_rate=16_000)),
    ({"trim": True}, Wish(trim=True)),
    ({"follows_transfer": False}, Wish(follows_transfer=False)),
    ({"file_name": "tea order.mp3"}, Wish(file_name="tea order.mp3")),
    ({"label": "Tea order"}, Wish(label="Tea order")),
    ({"origin": "dial"}, Wish(origin=Origin.DIAL)),
    ({"push": {"url": "https://in.example.org/a"}}, Wish(push=Push(url="https://in.example.org/a"))),
    (
        {"push": {"url": "https://in.example.org/a", "method": "POST"}},
        Wish(push=Push(url="https://in.example.org/a", method="POST")),
    ),
    ({"extras": {"telnyx": {"client_state": "YQ=="}}}, Wish(extras={"telnyx": {"client_state": "YQ=="}})),
    ({"format": "mp3", "channels": 1, "label": "a"}, Wish(format=MediaFormat.MP3, channels=1, label="a")),
]


def asked(document: Any = None, *, body: bytes | None = None, target: str = "/", **parts: str) -> Visit:
    content = body if body is not None else b"" if document is None else orjson.dumps(document)
    return visit(target, method="POST", parts={"call": CALL, **parts}, body=content)


def changed(which: str, body: Mapping[str, Any]) -> SteerRecording:
    return steering.steer(operations.STEER)(asked(body, which=which))


@pytest.mark.parametrize(("said", "wish"), WISHES, ids=lambda each: "+".join(each) if isinstance(each, dict) else "")
def test_every_field_of_a_wish_is_heeded(said: dict[str, Any], wish: Wish) -> None:
    assert steering.start(asked(said)) == StartRecording(account_id=ALICE.id, call=REF, wish=wish)


def test_each_field_of_a_wish_is_tried_above() -> None:
    assert {name for said, _ in WISHES for name in said} == set(WISH)
    assert {name for said, _ in WISHES for name in said.get("push", {})} == set(PUSH)


def test_no_body_is_a_wish_for_the_usual() -> None:
    assert steering.start(asked(body=b"")).wish == Wish()


def test_a_key_makes_the_second_time_the_first() -> None:
    request = replace(asked().request, headers={"idempotency-key": '"agent-7"'})
    assert steering.start(replace(asked(), request=request)).key == "agent-7"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"formt": "mp3"}, "formt"),
        ({"format": "gsm"}, "format"),
        ({"format": 3}, "format"),
        ({"format": None}, "format"),
        ({"channels": 3}, "channels"),
        ({"channels": True}, "channels"),
        ({"channels": 1.5}, "channels"),
        ({"track": "left"}, "track"),
        ({"cue": "ringing"}, "cue"),
        ({"most_s": 0}, "most_s"),
        ({"most_s": "60"}, "most_s"),
        ({"most_s": 604_801}, "most_s"),
        ({"least_s": -1}, "least_s"),
        ({"silence_s": 0}, "silence_s"),
        ({"sample_rate": 7999}, "sample_rate"),
        ({"trim": 1}, "trim"),
        ({"follows_transfer": "no"}, "follows_transfer"),
        ({"file_name": "../tea.mp3"}, "file_name"),
        ({"file_name": "a\\b"}, "file_name"),
        ({"file_name": ".tea"}, "file_name"),
        ({"label": ""}, "label"),
        ({"label": "a\0"}, "label"),
        ({"origin": "me"}, "origin"),
        ({"push": "https://in.example.org"}, "push"),
        ({"push": {}}, "push.url"),
        ({"push": {"url": "ftp://in.example.org"}}, "push.url"),
        ({"push": {"url": "http://127.0.0.1/in"}}, "push.url"),
        ({"push": {"url": "https://in.example.org", "method": "PATCH"}}, "push.method"),
        ({"push": {"url": "https://in.example.org", "verb": "PUT"}}, "push.verb"),
        ({"extras": {"telnyx": 1}}, "extras"),
        ({"extras": {"telnyx": {"a": ["\0"]}}}, "extras"),
        (b'{"extras": {"telnyx": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}}", "extras"),
        ([], None),
    ],
    ids=lambda each: str(each)[:60],
)
def test_what_is_no_wish_is_refused_by_name(said: Any, field: str | None) -> None:
    with pytest.raises(BadRequest) as refused:
        steering.start(asked(body=said) if isinstance(said, bytes) else asked(said))
    assert refused.value.field == field


def test_a_push_goes_where_the_operator_allows() -> None:
    allowed = replace(TERMS, settings={"hook_networks": "127.0.0.0/8"})
    wish = steering.start(replace(asked({"push": {"url": "http://127.0.0.1/in"}}), terms=allowed)).wish
    assert wish.push == Push(url="http://127.0.0.1/in")


def test_the_calls_of_a_user_are_asked_for() -> None:
    assert steering.find(visit()) == FindLiveCalls(account_id=ALICE.id)
    assert steering.find(visit(f"/?user_id={CALL}")) == FindLiveCalls(account_id=ALICE.id, user_id=LIVE.take)


def test_a_call_has_many_names() -> None:
    assert steering.get(asked()) == GetLiveCall(account_id=ALICE.id, call=REF)
    for name in ("a84b4c76e66710@pbx.example.net", "CA00112233", "v3:control", "CA" + "1" * 32):
        ref = steering.get(visit(parts={"call": name})).call
        assert (ref.kind, ref.text, ref.computed) == ("call", name, None)


def test_a_vendors_form_of_our_id_is_read() -> None:
    for vendor, name in registry.call_names(LIVE, ALICE, TERMS).items():
        computed = steering.get(visit(parts={"call": name})).call.computed
        assert computed == (None if vendor == "kazoo" else LIVE.call_id), vendor


@pytest.mark.parametrize("word", ["paused", "running", "stopped"])
def test_the_current_recording_is_steered(word: str) -> None:
    assert changed("current", {"to": word}) == SteerRecording(account_id=ALICE.id, call=REF, to=Phase(word))


def test_all_recordings_are_steered() -> None:
    assert changed("all", {"to": "stopped"}) == SteerRecording(
        account_id=ALICE.id, call=REF, to=Phase.STOPPED, all_of_them=True
    )


def test_one_recording_is_steered_by_its_id() -> None:
    command = changed(str(TEA_ORDER.id), {"to": "paused", "silent": True})
    assert command.recording is not None
    assert (command.recording.kind, command.recording.computed) == ("recording", TEA_ORDER.id)
    assert command.silent
    assert not command.all_of_them


def test_there_may_have_to_be_exactly_one() -> None:
    assert changed("current", {"to": "paused", "only": True}).only
    assert not changed("current", {"to": "paused", "only": False, "silent": False}).silent


@pytest.mark.parametrize(
    ("said", "field"),
    [({}, "to"), ({"to": "waiting"}, "to"), ({"to": "paused", "silent": 0}, "silent"), ({"go": 1}, "go")],
)
def test_what_is_no_change_is_refused_by_name(said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        changed("current", said)
    assert refused.value.field == field


@pytest.mark.parametrize("on", [True, False])
def test_a_call_is_masked_and_unmasked(on: bool) -> None:
    assert steering.mask(asked({"on": on})) == MaskCall(account_id=ALICE.id, call=REF, on=on)


@pytest.mark.parametrize("said", [{}, {"on": "true"}, {"on": True, "for": 3}])
def test_a_masking_says_on_or_off(said: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        steering.mask(asked(said))


READERS: list[Callable[[Visit], object]] = [
    steering.get,
    steering.start,
    steering.mask,
    steering.steer(operations.STEER),
    steering.steer(operations.STEER_BY_POST),
]


@pytest.mark.parametrize("read", READERS)
def test_a_parameter_that_is_not_known_is_refused(read: Callable[[Visit], object]) -> None:
    with pytest.raises(BadRequest) as refused:
        read(asked(target="/?user_id=1", which="all", body=b'{"to": "paused", "on": true}'))
    assert refused.value.field == "user_id"


def named() -> Visit:
    terms = replace(
        TERMS,
        call_names=lambda call, _, __: {"acme": f"a-{call.call_id}"},
        conference_names=lambda call, _, __: {"acme": f"room-{call.conference_id}"},
    )
    return replace(visit(), terms=terms)


def test_a_call_is_told_with_what_everybody_calls_it() -> None:
    assert document(steering.say_calls([LIVE], named())) == {
        "calls": [
            {
                "take": CALL,
                "account_id": str(ALICE.id),
                "call_id": str(TEA_ORDER.call_id),
                "session_id": str(TEA_ORDER.call_session_id),
                "door": "siprec",
                "trunk": "tea-house",
                "connection_id": "2100000000000000001",
                "sip_call_id": "a84b4c76e66710@pbx.example.net",
                "foreign": {},
                "is_conference": False,
                "direction": "inbound",
                "caller": {"number": "+15550100"},
                "callee": {"number": "+15550199"},
                "participants": 2,
                "began_at": "2026-03-01T09:00:00.500Z",
                "answered_at": "2026-03-01T09:00:01.000Z",
                "bridged_at": "2026-03-01T09:00:02.000Z",
                "held": False,
                "masked": False,
                "recordings": [
                    {
                        "id": str(TEA_ORDER.id),
                        "phase": "running",
                        "wish": {"format": "mp3", "label": "Tea order"},
                        "asked_at": "2026-03-01T09:00:02.000Z",
                        "began_at": "2026-03-01T09:00:02.114Z",
                        "pause_silent": False,
                    }
                ],
                "names": {"acme": f"a-{TEA_ORDER.call_id}"},
                "conference_names": {"acme": "room-None"},
                "links": {"self": f"https://vault.example.net/callvault/v1/calls/{CALL}"},
            }
        ]
    }


def test_a_call_says_that_it_is_masked_and_whose_it_is() -> None:
    told = document(steering.say_call(live(masked=True, held=True, user_id=LIVE.take, conference_name="tea"), named()))
    assert (told["masked"], told["held"], told["user_id"], told["conference_name"]) == (True, True, CALL, "tea")


def test_a_recording_that_was_started_has_a_card_and_a_place() -> None:
    reply = steering.say_started(Steered(call=LIVE, recordings=(under_way(),)), named())
    assert reply.status == 201
    assert header(reply, "location") == f"https://vault.example.net/callvault/v1/recordings/{TEA_ORDER.id}"
    assert (document(reply)["id"], document(reply)["status"]) == (str(TEA_ORDER.id), "capturing")


def test_what_was_steered_is_told_with_its_call() -> None:
    reply = steering.say_steered(Steered(call=LIVE, recordings=(under_way(),)), named())
    told = document(reply)
    assert reply.status == 200
    assert told["call"] == document(steering.say_call(LIVE, named()))
    assert [card["id"] for card in told["recordings"]] == [str(TEA_ORDER.id)]
