"""Live channels: what is asked of them, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo import errors, words
from callvault.dialects.kazoo.parameters import Unfit, WrongAction
from callvault.errors import Conflict, HouseError, NotAllowed, NotFound
from callvault.model.live import LiveCall, LiveRecording, Phase
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.recording import Direction, Origin
from callvault.model.wish import Cue, Push, Wish
from callvault.vault.commands import Ref
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    MaskCall,
    StartRecording,
    SteerRecording,
    ToggleRecording,
)
from tests.unit.dialects.kazoo.asking import ACCOUNT, ADA, asking, read, said
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS, document

CALL = UUID("019ca884-2a00-7aaa-8bbb-ccccddddeeee")
CHANNELS = f"{ACCOUNT}/channels"
ONE = f"{CHANNELS}/{CALL}"
REF = Ref(dialect="kazoo", kind="call", text=str(CALL), computed=CALL)
USUAL = Wish(format=MediaFormat.MP3, most_s=3600.0, origin=Origin.CALL_COMMAND)
MADE = LiveRecording(id=TEA_ORDER.id, phase=Phase.RUNNING, wish=USUAL, asked_at=NOW)
LIVE = LiveCall(
    take=UUID("019ca884-2a00-7ccc-8ddd-eeeeffff0000"),
    account_id=ALICE.id,
    call_id=CALL,
    session_id=TEA_ORDER.call_session_id,
    node="here",
    door="siprec",
    user_id=UUID(hex=ADA),
    sip_call_id="a84b4c76e66710@pbx.example.net",
    direction=Direction.INBOUND,
    caller=Party(number="+15550100", name="Ada"),
    callee=Party(number="+15550199"),
    participants=2,
    began_at=NOW - timedelta(seconds=90),
    answered_at=NOW - timedelta(seconds=90),
    recordings=(replace(MADE, id=ALICE.id, phase=Phase.STOPPED), MADE),
)


def metaflow(parameters: Mapping[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    """As the schema has it."""
    return {"action": "metaflow", "data": {"module": "record_call", "data": parameters or {}}, **envelope}


def put(parameters: Mapping[str, Any] | None = None) -> object:
    return read(ONE, method="PUT", body=metaflow(parameters))


def test_lists() -> None:
    assert read(CHANNELS) == FindLiveCalls(account_id=ALICE.id)
    owner = UUID(hex=ADA)
    wanted = FindLiveCalls(account_id=ALICE.id, user_id=owner, known_user=owner)
    assert read(f"{ACCOUNT}/users/{ADA}/channels") == wanted
    assert read(CHANNELS.replace("/v2/", "/v1/")) == FindLiveCalls(account_id=ALICE.id)


def test_one_by_either_id() -> None:
    assert read(ONE) == GetLiveCall(account_id=ALICE.id, call=REF)
    by_call_id = Ref(dialect="kazoo", kind="call", text="a84b4c76e66710@pbx.example.net", computed=None)
    assert read(f"{CHANNELS}/a84b4c76e66710@pbx.example.net") == GetLiveCall(account_id=ALICE.id, call=by_call_id)


@pytest.mark.parametrize("body", [metaflow({"action": "stop"}), {"data": {}}])
def test_what_is_anothers_is_not_allowed(body: Mapping[str, Any]) -> None:
    for method in ("GET", "PUT", "POST"):
        with pytest.raises(NotAllowed):
            read(ONE.replace(ALICE.id.hex, "f" * 32), method=method, body=body)


START = StartRecording(account_id=ALICE.id, call=REF, wish=USUAL)


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("start", START),
        (None, START),
        ("toggle", ToggleRecording(account_id=ALICE.id, call=REF, wish=USUAL)),
        ("stop", SteerRecording(account_id=ALICE.id, call=REF, to=Phase.STOPPED)),
        ("pause", SteerRecording(account_id=ALICE.id, call=REF, to=Phase.PAUSED)),
        ("resume", SteerRecording(account_id=ALICE.id, call=REF, to=Phase.RUNNING)),
        ("mask", MaskCall(account_id=ALICE.id, call=REF, on=True)),
        ("unmask", MaskCall(account_id=ALICE.id, call=REF, on=False)),
    ],
)
def test_actions(action: str | None, command: object) -> None:
    assert put({"action": action} if action else {}) == command


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ({"format": "wav"}, {"format": MediaFormat.WAV}),
        ({"label": "tea"}, {"label": "tea"}),
        ({"media_name": "tea.wav"}, {"file_name": "tea.wav", "format": MediaFormat.WAV}),
        ({"url": "https://a.example/b", "method": "post"}, {"push": Push(url="https://a.example/b", method="POST")}),
        ({"record_min_sec": 3}, {"least_s": 3.0}),
        ({"record_on_answer": True}, {"cue": Cue.ANSWERED}),
        ({"record_on_bridge": True}, {"cue": Cue.BRIDGED}),
        ({"record_sample_rate": 16_000}, {"sample_rate": 16_000}),
        ({"should_follow_transfer": False}, {"follows_transfer": False}),
        ({"time_limit": 60}, {"most_s": 60.0}),
        ({"origin": "somebody else's"}, {}),
    ],
    ids=str,
)
@pytest.mark.parametrize("action", ["start", "toggle"])
def test_every_parameter_arrives(action: str, said: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    command = put({"action": action, **said})
    assert isinstance(command, StartRecording | ToggleRecording)
    assert replace(command.wish, extras={}) == replace(USUAL, **changes)


def test_what_is_skipped_asks_only_whether_there_is_such_a_channel() -> None:
    assert put({"action": "stop", "skip_module": True}) == GetLiveCall(account_id=ALICE.id, call=REF)
    assert put({"action": "start", "skip_module": False}) == START


@pytest.mark.parametrize(
    "body",
    [
        metaflow(),
        {"data": {"action": "metaflow", "module": "record_call", "data": {}}},
        {"data": {"action": "metaflow", "data": {"module": "record_call", "data": {"action": "start"}}}},
        {"action": "metaflow", "data": {"data": {"module": "record_call"}}},
        {"Action": "METAFLOW", "data": {"module": "record_call"}},
    ],
)
def test_a_metaflow_in_every_form_that_clients_send(body: Mapping[str, Any]) -> None:
    assert read(ONE, method="PUT", body=body) == START
    assert read(f"{ONE}?verb=put", method="POST", body=body) == START


@pytest.mark.parametrize(
    ("body", "path", "rule"),
    [
        ({"action": "metaflow", "data": {}}, ("module",), "required"),
        ({"action": "metaflow", "data": {"module": "hangup"}}, ("module",), "enum"),
        ({"action": "metaflow", "data": {"module": "record_call", "data": 7}}, ("data",), "type"),
        (metaflow({"action": "tea"}), ("data", "action"), "enum"),
        (metaflow({"time_limit": 1}), ("data", "time_limit"), "minimum"),
        (metaflow({"action": "stop", "time_limit": 1}), ("data", "time_limit"), "minimum"),
        (
            {"data": {"action": "metaflow", "data": {"module": "record_call", "data": {"time_limit": 1}}}},
            ("data", "data", "time_limit"),
            "minimum",
        ),
    ],
)
def test_a_metaflow_that_breaks_its_schema(body: Mapping[str, Any], path: tuple[str, ...], rule: str) -> None:
    with pytest.raises(Unfit) as caught:
        read(ONE, method="PUT", body=body)
    assert (caught.value.path, caught.value.rule) == (path, rule)


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("action", [None, "transfer", "hangup", 7])
def test_other_actions_are_a_switchs(method: str, action: object) -> None:
    with pytest.raises(WrongAction):
        read(ONE, method=method, body={"data": {"action": action, "module": "record_call"}})


def test_the_two_actions_of_5() -> None:
    assert read(ONE, method="POST", body={"data": {"action": "start_record", "format": "wav"}}) == START
    wanted = SteerRecording(account_id=ALICE.id, call=REF, to=Phase.STOPPED)
    assert read(ONE, method="POST", body={"data": {"action": "stop_record"}}) == wanted
    assert read(f"{ONE}?verb=get", method="POST") == GetLiveCall(account_id=ALICE.id, call=REF)


def test_where_the_operator_lets_files_be_pushed() -> None:
    parameters = {"url": "http://127.0.0.1:81/"}
    with pytest.raises(Unfit):
        put(parameters)
    command = read(ONE, method="PUT", body=metaflow(parameters), settings={"hook_networks": "127.0.0.0/8"})
    assert isinstance(command, StartRecording)
    assert command.wish.push == Push(url="http://127.0.0.1:81/")


def test_a_list_says_what_is_known_of_each() -> None:
    reply = said((LIVE, replace(LIVE, sip_call_id=None, user_id=None, held=True, answered_at=None)), CHANNELS)
    assert reply.status == 200
    told = document(reply)
    first, second = told["data"]
    assert first == {
        "answered": True,
        "callee_id_number": "+15550199",
        "caller_id_name": "Ada",
        "caller_id_number": "+15550100",
        "destination": "+15550199",
        "direction": "inbound",
        "elapsed_s": 90,
        "interaction_id": words.interaction_id(TEA_ORDER),
        "is_loopback": False,
        "is_onhold": False,
        "owner_id": ADA,
        "timestamp": 63939671910,
        "uuid": "a84b4c76e66710@pbx.example.net",
    }
    assert (second["uuid"], second["answered"], second["is_onhold"]) == (str(CALL), False, True)
    assert "owner_id" not in second
    assert "page_size" not in told
    assert told["revision"]
    assert "revision" not in document(said((), CHANNELS))


def test_the_id_is_that_of_the_recordings_documents() -> None:
    recording = replace(TEA_ORDER, call_id=CALL)
    assert words.live_call_id(LIVE) == words.call_id(recording)
    kazoo = {"kazoo": {"call": "leg-7@10.0.0.7", "session": "63939671910-abc"}}
    assert words.live_call_id(replace(LIVE, foreign=kazoo)) == words.call_id(replace(recording, foreign=kazoo))
    known = replace(recording, foreign=kazoo)
    assert words.live_interaction_id(replace(LIVE, foreign=kazoo)) == words.interaction_id(known)


def test_one_tells_what_is_being_recorded() -> None:
    told = document(said(LIVE, ONE))["data"]
    made = words.computed_id(TEA_ORDER.id)
    assert told["custom_channel_vars"] == {
        "account_id": ALICE.id.hex,
        "call_interaction_id": words.interaction_id(TEA_ORDER),
        "owner_id": ADA,
        "media_recording_id": made,
        "media_recordings": [made],
    }
    assert (told["call_id"], told["call_direction"], told["is_on_hold"]) == (LIVE.sip_call_id, "inbound", False)
    assert told["elapsed_seconds"] == 90
    bare = document(said(replace(LIVE, recordings=(), user_id=None), ONE))["data"]
    assert set(bare["custom_channel_vars"]) == {"account_id", "call_interaction_id"}
    assert document(said(LIVE, f"{ONE}?verb=get", method="POST"))["data"] == told


@pytest.mark.parametrize(
    ("method", "body", "told"),
    [
        ("PUT", metaflow({"action": "stop"}), "metaflow sent"),
        ("POST", metaflow(verb="put"), "metaflow sent"),
        ("POST", {"data": {"action": "start_record"}}, "recording started"),
        ("POST", {"data": {"action": "stop_record"}}, "recording stopped"),
    ],
)
def test_what_is_asked_is_on_its_way(method: str, body: Mapping[str, Any], told: str) -> None:
    reply = said(LIVE, ONE, method=method, body=body)
    assert (reply.status, document(reply)["data"], document(reply)["status"]) == (202, told, "success")


@pytest.mark.parametrize("error", [Conflict("It is paused."), NotFound("recording under way", "")])
def test_nobody_is_told_that_there_was_nothing_to_stop(error: Conflict | NotFound) -> None:
    asked = asking(ONE, method="POST", body={"data": {"action": "stop_record"}})
    reply = errors.refuse(error, asked.request, TERMS)
    assert (reply.status, document(reply)["data"]) == (202, "recording stopped")


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_a_channel_that_is_not_there(method: str) -> None:
    asked = asking(ONE, method=method, body=metaflow())
    reply = errors.refuse(NotFound("live call", str(CALL)), asked.request, TERMS)
    told = document(reply)
    assert (reply.status, told["error"], told["message"], told["data"]) == (404, "404", "bad identifier", [str(CALL)])


def test_who_has_the_call_does_not_answer() -> None:
    reply = errors.refuse(HouseError("Nobody answered."), asking(ONE, method="PUT", body=metaflow()).request, TERMS)
    assert reply.status == 500


def test_what_breaks_a_schema_is_told_by_its_place() -> None:
    asked = asking(ONE, method="PUT", body=metaflow({"time_limit": 3}))
    with pytest.raises(Unfit) as caught:
        read(ONE, method="PUT", body=metaflow({"time_limit": 3}))
    reply = errors.refuse(caught.value, asked.request, TERMS)
    told = document(reply)
    assert (reply.status, told["message"]) == (400, "validation error")
    rule = {"message": "time_limit must be at least 5.", "target": 5, "value": 3}
    assert told["data"] == {"data.time_limit": {"minimum": rule}}


def test_an_action_of_a_switchs_is_invalid_data() -> None:
    with pytest.raises(WrongAction) as caught:
        read(ONE, method="POST", body={"data": {"action": "hangup"}})
    reply = errors.refuse(caught.value, asking(ONE, method="POST").request, TERMS)
    told = document(reply)
    assert (reply.status, told["message"], told["data"]["cause"]) == (400, "invalid data", "hangup")
