"""Commands on live calls: each parameter shows in the wish, each fault has its code, each id finds its call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from callvault import errors
from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import DIALECT, steering
from callvault.dialects.telnyx.errors import refuse
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Track, Wish
from callvault.server.routing import Router
from callvault.vault.commands import Command, Ref
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.wire import WireRequest
from tests.unit.dialects.live_calls import LIVE
from tests.unit.dialects.telnyx.live_call import CALL, CONTROL
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS, document, visit

CONFERENCE = "019ca884-2a00-7c0f-8c0f-000000000009"
ROUTER = Router([DIALECT])
PLAIN: dict[str, Any] = {"format": "wav", "channels": "dual"}


def asking(path: str, body: Any = None) -> Visit:
    match = ROUTER.match("POST", path)
    return visit(path, method="POST", parts=match.parts, body=b"" if body is None else orjson.dumps(body))


def read(path: str, body: Any = None) -> Command:
    route = ROUTER.match("POST", path).route
    assert route is not None
    return route.read(asking(path, body))


def begun(path: str = f"/v2/calls/{CONTROL}/actions/record_start", **body: Any) -> StartRecording:
    command = read(path, {**PLAIN, **body})
    assert isinstance(command, StartRecording)
    return command


def steered(verb: str, body: Any = None, path: str = f"/v2/calls/{CONTROL}") -> SteerRecording:
    command = read(f"{path}/actions/record_{verb}", body)
    assert isinstance(command, SteerRecording)
    return command


def refused(error: errors.CallvaultError, path: str = f"/v2/calls/{CONTROL}/actions/record_start") -> tuple[int, Any]:
    request = WireRequest(method="POST", path=path, parts={}, query=(), headers={})
    reply = refuse(error, request, TERMS)
    return reply.status, document(reply)["errors"][0]


def fault(path: str = f"/v2/calls/{CONTROL}/actions/record_start", **body: Any) -> tuple[int, str, Any]:
    with pytest.raises(errors.BadRequest) as raised:
        read(path, {name: value for name, value in {**PLAIN, **body}.items() if value != "left out"})
    status, entry = refused(raised.value)
    return status, entry["code"], entry.get("source")


@pytest.mark.parametrize("text", [CONTROL, str(CALL), "v3%3AAZyohCoAeqqLu8zM3d3u7g"])
def test_a_call_is_named_by_its_control_id_or_its_leg_id(text: str) -> None:
    assert begun(f"/v2/calls/{text}/actions/record_start").call.computed == CALL


def test_a_call_may_have_an_id_of_the_vendors() -> None:
    given = begun("/v2/calls/v3:of-the-vendor/actions/record_start").call
    assert given == Ref(dialect="telnyx", kind="call_control", text="v3:of-the-vendor", computed=None)


def test_a_conference_is_named_by_its_id_or_its_name() -> None:
    by_id = begun(f"/v2/conferences/{CONFERENCE}/actions/record_start").call
    assert by_id == Ref(dialect="telnyx", kind="conference", text=CONFERENCE, computed=UUID(CONFERENCE))
    assert begun("/v2/conferences/monday/actions/record_start").call.text == "monday"


def test_what_need_not_be_said() -> None:
    command = begun()
    assert command.wish == Wish(format=MediaFormat.WAV, channels=2, origin=Origin.CALL_COMMAND)
    assert (command.account_id, command.key, command.callback) == (ALICE.id, None, None)


@pytest.mark.parametrize(
    ("body", "wished"),
    [
        ({"format": "mp3"}, {"format": MediaFormat.MP3}),
        ({"channels": "single"}, {"channels": 1}),
        ({"recording_track": "both"}, {"extras": {"telnyx": {"track": "both"}}}),
        (
            {"recording_track": "inbound"},
            {"track": Track.INBOUND, "channels": 1, "extras": {"telnyx": {"track": "inbound"}}},
        ),
        (
            {"recording_track": "outbound"},
            {"track": Track.OUTBOUND, "channels": 1, "extras": {"telnyx": {"track": "outbound"}}},
        ),
        ({"max_length": 14400}, {"most_s": 14400.0}),
        ({"max_length": 0}, {}),
        ({"timeout_secs": 30}, {"silence_s": 30.0}),
        ({"timeout_secs": 0}, {}),
        ({"trim": "trim-silence"}, {"trim": True}),
        ({"custom_file_name": "monday"}, {"file_name": f"monday-{int(NOW.timestamp())}"}),
        ({"play_beep": True}, {"extras": {"telnyx": {"play_beep": True}}}),
        ({"client_state": "aGVsbG8="}, {"extras": {"telnyx": {"client_state": "aGVsbG8="}}}),
        (
            {"transcription": True, "transcription_engine": "B", "transcription_language": "en-GB"},
            {
                "extras": {
                    "telnyx": {
                        "transcription": True,
                        "transcription_engine": "B",
                        "transcription_language": "en-GB",
                    }
                }
            },
        ),
        ({"transcription_max_speaker_count": 3}, {"extras": {"telnyx": {"transcription_max_speaker_count": 3}}}),
    ],
    ids=str,
)
def test_every_parameter_of_a_calls_recording(body: dict[str, Any], wished: dict[str, Any]) -> None:
    usual = Wish(format=MediaFormat.WAV, channels=2, origin=Origin.CALL_COMMAND)
    assert begun(**body).wish == replace(usual, **wished)


@pytest.mark.parametrize(
    ("body", "wished"),
    [
        ({}, {"channels": 1}),
        ({"channels": "dual"}, {"channels": 2}),
        ({"format": "mp3"}, {"format": MediaFormat.MP3}),
        ({"trim": "trim-silence"}, {"trim": True}),
        ({"custom_file_name": "all"}, {"file_name": f"all-{int(NOW.timestamp())}"}),
        ({"play_beep": False, "region": "Middle East"}, {"extras": {"telnyx": {"play_beep": False}}}),
    ],
    ids=str,
)
def test_every_parameter_of_a_conferences_recording(body: dict[str, Any], wished: dict[str, Any]) -> None:
    command = read(f"/v2/conferences/{CONFERENCE}/actions/record_start", {"format": "wav", **body})
    assert isinstance(command, StartRecording)
    assert command.wish == replace(Wish(channels=1, origin=Origin.CONFERENCE_COMMAND), **wished)


def test_a_command_given_twice_is_one() -> None:
    assert begun(command_id="c-1").key == "c-1"
    assert steered("stop", {"command_id": "c-2"}).key == "c-2"


@pytest.mark.parametrize(
    ("verb", "to"), [("stop", Phase.STOPPED), ("pause", Phase.PAUSED), ("resume", Phase.RUNNING)], ids=str
)
@pytest.mark.parametrize("path", [f"/v2/calls/{CONTROL}", f"/v2/conferences/{CONFERENCE}"])
def test_the_verbs_mean_all_that_is_under_way_or_one(verb: str, to: Phase, path: str) -> None:
    nothing: tuple[dict[str, str] | None, ...] = (None, {})
    for body in nothing:
        command = steered(verb, body, path)
        assert (command.to, command.all_of_them, command.recording, command.silent) == (to, True, None, False)
    one = steered(verb, {"recording_id": str(TEA_ORDER.id)}, path)
    assert one.recording is not None
    assert (one.recording.computed, one.all_of_them) == (TEA_ORDER.id, False)
    assert one.call == command.call
    assert one.call is not None


def test_a_state_may_come_with_any_verb() -> None:
    assert steered("pause", {"client_state": "dHdv"}).extras == {"telnyx": {"client_state": "dHdv"}}
    assert steered("pause").extras == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"format": "left out"}, "10004"),
        ({"channels": "left out"}, "10004"),
        ({"format": "ogg"}, "90000"),
        ({"format": 7}, "90000"),
        ({"channels": "both"}, "90001"),
        ({"client_state": "not base64!"}, "90017"),
        ({"client_state": 7}, "90017"),
        ({"timeout_secs": -1}, "90028"),
        ({"timeout_secs": "soon"}, "90028"),
        ({"recording_track": "caller"}, "90059"),
        ({"max_length": 14401}, "10033"),
        ({"max_length": True}, "10033"),
        ({"trim": "do-not-trim"}, "10032"),
        ({"custom_file_name": "x" * 41}, "10033"),
        ({"custom_file_name": ""}, "10033"),
        ({"custom_file_name": "../monday"}, "10033"),
        ({"custom_file_name": ".monday"}, "10033"),
        ({"play_beep": "yes"}, "10032"),
        ({"command_id": 7}, "10033"),
    ],
    ids=str,
)
def test_every_fault_has_its_code_and_its_pointer(body: dict[str, Any], code: str) -> None:
    (name,) = body
    assert fault(**body) == (422, code, {"pointer": f"/{name}"})


def test_a_region_is_one_of_the_vendors() -> None:
    for verb in ("start", "stop"):
        path = f"/v2/conferences/{CONFERENCE}/actions/record_{verb}"
        assert fault(path, region="Asia") == (422, "10032", {"pointer": "/region"})


@pytest.mark.parametrize("body", [b"[]", b"{", b"7"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    asked = visit(method="POST", parts={"call": CONTROL}, body=body)
    with pytest.raises(errors.BadRequest, match="JSON object"):
        steering.start_of_call(asked)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotFound("call", "x"), 422, "90015"),
        (errors.Ended("call", "x"), 422, "90018"),
        (errors.NotFound("recording", "x"), 404, "10005"),
        (errors.NotFound("recording under way", ""), 404, "10005"),
        (errors.Conflict("A recording that is paused cannot become paused."), 422, "10027"),
    ],
    ids=repr,
)
def test_what_cannot_be_done_has_its_code(error: errors.CallvaultError, status: int, code: str) -> None:
    answered, entry = refused(error)
    assert (answered, entry["code"]) == (status, code)
    assert entry["meta"]["url"].endswith(code)


def test_a_conference_that_is_not_there_has_a_code_of_its_own() -> None:
    path = f"/v2/conferences/{CONFERENCE}/actions/record_start"
    assert refused(errors.NotFound("live call", "x"), path)[1]["code"] == "90058"
    assert refused(errors.Ended("call", "x"), path)[1]["code"] == "90018"


def test_elsewhere_the_same_errors_are_what_they_were() -> None:
    assert refused(errors.Gone("It is gone."), "/v2/recordings/x")[1]["code"] == "10005"


def test_every_verb_answers_with_a_word() -> None:
    path = f"/v2/calls/{CONTROL}/actions/record_stop"
    route = ROUTER.match("POST", path).route
    assert route is not None
    reply = route.say(Steered(call=LIVE, recordings=(TEA_ORDER,)), asking(path))
    assert (reply.status, document(reply)) == (200, {"data": {"result": "ok"}})
