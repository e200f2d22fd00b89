"""Bird's commands to a live call: every key is heeded, and what is none of them is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from callvault.dialects.bird import steering, words
from callvault.dialects.bird.errors import refuse
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest, Conflict, NotFound
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin, Status
from callvault.model.wish import Track, Wish
from callvault.vault.commands import GetRecording
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from tests.unit.dialects.live_calls import LIVE, under_way
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, document, visit

CALL = str(LIVE.call_id)
PARTS = {
    "workspace": str(ALICE.id),
    "channel": "880d8171-0000-4000-8000-000000000001",
    "call": CALL,
    "recording": str(TEA_ORDER.id),
}
VOICEMAIL = Wish(format=MediaFormat.MP3, channels=1, track=Track.INBOUND, origin=Origin.RECORD_VERB)
WHOLE = Wish(format=MediaFormat.MP3, channels=1, origin=Origin.CALL_COMMAND)


def asked(body: Any = None, *, method: str = "POST", **parts: str) -> Visit:
    content = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
    return visit(method=method, parts={**PARTS, **parts}, body=content)


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        (None, {}),
        ({}, {}),
        ({"maxLength": None}, {}),
        ({"maxLength": 120}, {"most_s": 120.0}),
        ({"timeout": 5}, {"silence_s": 5.0}),
        ({"transcribe": True}, {"extras": {"bird": {"transcription": True}}}),
        ({"endKey": "#", "beep": True, "transcribeLocale": "en-GB", "transcribe": False}, {}),
    ],
    ids=str,
)
def test_a_key_of_an_answering_machine_is_heeded(body: Any, wish: dict[str, Any]) -> None:
    assert steering.record(asked(body)) == StartRecording(
        account_id=ALICE.id, call=words.call_ref(CALL), wish=replace(VOICEMAIL, **wish)
    )


@pytest.mark.parametrize(
    ("body", "wish"),
    [(None, {}), ({"maxLength": 14_400}, {"most_s": 14_400.0}), ({"stereo": True}, {"channels": 2})],
    ids=str,
)
def test_a_key_of_a_whole_calls_recording_is_heeded(body: Any, wish: dict[str, Any]) -> None:
    assert steering.record_call(asked(body)) == StartRecording(
        account_id=ALICE.id, call=words.call_ref(CALL), wish=replace(WHOLE, **wish)
    )


@pytest.mark.parametrize(
    ("read", "body", "field"),
    [
        (steering.record, {"stereo": True}, "stereo"),
        (steering.record, {"endKey": "12"}, "endKey"),
        (steering.record, {"endKey": 1}, "endKey"),
        (steering.record, {"maxLength": 0}, "maxLength"),
        (steering.record, {"maxLength": "60"}, "maxLength"),
        (steering.record, {"timeout": 1.5}, "timeout"),
        (steering.record, {"beep": "yes"}, "beep"),
        (steering.record, {"transcribe": 1}, "transcribe"),
        (steering.record, {"transcribeLocale": 7}, "transcribeLocale"),
        (steering.record_call, {"timeout": 5}, "timeout"),
        (steering.record_call, {"maxLength": 14_401}, "maxLength"),
        (steering.record_call, {"stereo": "true"}, "stereo"),
        (steering.record_call, b"[]", None),
        (steering.record_call, b"{", None),
        (steering.change, {"status": "stopped"}, "status"),
        (steering.change, {"status": 1}, "status"),
        (steering.change, {"state": "paused"}, "state"),
    ],
)
def test_what_is_no_command_is_refused_by_name(read: Callable[[Visit], object], body: Any, field: str | None) -> None:
    with pytest.raises(BadRequest) as refused:
        read(asked(body))
    assert refused.value.field == field


@pytest.mark.parametrize("read", [steering.record, steering.record_call, steering.change])
def test_another_workspace_is_not_there(read: Callable[[Visit], object]) -> None:
    with pytest.raises(NotFound):
        read(asked({}, workspace=CALL))


@pytest.mark.parametrize(
    ("word", "to"), [("paused", Phase.PAUSED), ("ongoing", Phase.RUNNING), ("completed", Phase.STOPPED)]
)
def test_a_status_steers_one_recording(word: str, to: Phase) -> None:
    assert steering.change(asked({"status": word})) == SteerRecording(
        account_id=ALICE.id,
        call=words.call_ref(CALL),
        recording=words.recording_ref(str(TEA_ORDER.id)),
        to=to,
        settled=True,
    )


@pytest.mark.parametrize("body", [None, {}, {"status": None}])
def test_no_status_changes_nothing(body: Any) -> None:
    assert steering.change(asked(body)) == GetRecording(
        account_id=ALICE.id, recording=words.recording_ref(str(TEA_ORDER.id)), call=words.call_ref(CALL)
    )


def test_a_command_is_told_as_it_was_taken() -> None:
    given = replace(visit(), terms=replace(TERMS, request_id="0f" * 16))
    reply = steering.say_started(Steered(call=LIVE, recordings=(under_way(),)), given)
    assert reply.status == 202
    assert document(reply) == {
        "command": {
            "id": "0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f",
            "callId": CALL,
            "callFlowId": None,
            "status": "accepted",
            "command": "record",
            "conditions": [],
        },
        "recordingId": str(TEA_ORDER.id),
    }


def test_what_was_changed_is_told_in_the_shape_of_a_calls_recordings() -> None:
    paused = under_way(status=Status.PAUSED, channels=1)
    for done in (Steered(call=LIVE, recordings=(paused,)), paused):
        reply = steering.say_changed(done, visit())
        assert reply.status == 202
        assert document(reply) == {
            "id": str(TEA_ORDER.id),
            "callId": CALL,
            "status": "paused",
            "origin": "call-command-record-call",
            "duration": 0,
            "stereo": False,
            "createdAt": "2026-03-01T09:01:05.001Z",
            "updatedAt": "2026-03-01T09:01:06.002Z",
            "startedAt": "2026-03-01T09:00:02.114Z",
            "endedAt": "0001-01-01T00:00:00Z",
        }


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.CAPTURING, "ongoing"),
        (Status.PAUSED, "paused"),
        (Status.PROCESSING, "completed"),
        (Status.AVAILABLE, "available"),
        (Status.FAILED, "failed"),
    ],
)
def test_a_calls_recording_has_the_status_of_its_phase(status: Status, word: str) -> None:
    ended = datetime(2026, 3, 1, 9, 5, tzinfo=UTC) if status is Status.PROCESSING else None
    told = document(steering.say_changed(under_way(status=status, ended_at=ended), visit()))
    assert told["status"] == word


def test_what_cannot_be_changed_is_a_failed_validation() -> None:
    request = asked({"status": "paused"}, method="PATCH").request
    reply = refuse(Conflict("The recording has ended."), request, TERMS)
    assert (reply.status, document(reply)["code"]) == (422, "ValidationFailed")
    gone = refuse(NotFound("live call", CALL), request, TERMS)
    assert (gone.status, document(gone)["code"]) == (404, "NotFound")
