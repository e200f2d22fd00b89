"""Steering live calls by TeXML's paths: forms and JSON alike, each parameter in the wish or in the callback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import DIALECT
from callvault.dialects.telnyx.hooks import phrase
from callvault.errors import BadRequest, Conflict, NotFound
from callvault.model.events import EventKind
from callvault.model.live import Phase
from callvault.model.recording import MediaState, Origin, Status
from callvault.model.wish import Track, Wish
from callvault.server.routing import Router
from callvault.vault.commands import Callback, Command
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from tests.unit.dialects.live_calls import LIVE
from tests.unit.dialects.tellings import telling
from tests.unit.dialects.telnyx.live_call import CALL, CONTROL
from tests.unit.dialects.visits import ALICE, TEA_ORDER, document, recording, visit

STARTING = f"/v2/texml/Accounts/{ALICE.id}/Calls/{CONTROL}/Recordings.json"
CHANGING = f"/v2/texml/Accounts/{ALICE.id}/Calls/{CONTROL}/Recordings/{TEA_ORDER.id}.json"
HOOK = "https://hooks.example.org/status"
ROUTER = Router([DIALECT])


def asking(path: str, said: Any, *, form: bool) -> Visit:
    body = urlencode(said, doseq=True).encode() if form else orjson.dumps(said)
    headers = {"content-type": "application/x-www-form-urlencoded" if form else "application/json"}
    parts = ROUTER.match("POST", path).parts
    return visit(path, method="POST", parts=parts, headers=headers, body=body)


def read(path: str, said: Any, *, form: bool = True) -> Command:
    route = ROUTER.match("POST", path).route
    assert route is not None
    return route.read(asking(path, said, form=form))


def begun(*, form: bool = True, **said: Any) -> StartRecording:
    command = read(STARTING, said, form=form)
    assert isinstance(command, StartRecording)
    return command


def test_what_need_not_be_said() -> None:
    command = begun()
    assert command.wish == Wish(channels=2, origin=Origin.CALL_COMMAND)
    assert command.call.computed == CALL
    assert command.callback is None


@pytest.mark.parametrize("form", [True, False], ids=["form", "JSON"])
def test_every_parameter_of_the_recording(*, form: bool) -> None:
    usual = Wish(channels=2, origin=Origin.CALL_COMMAND)
    for said, wished in (
        ({"RecordingChannels": "single"}, {"channels": 1}),
        ({"RecordingChannels": "dual"}, {}),
        (
            {"RecordingTrack": "outbound"},
            {"track": Track.OUTBOUND, "channels": 1, "extras": {"telnyx": {"track": "outbound"}}},
        ),
        ({"PlayBeep": "true" if form else True}, {"extras": {"telnyx": {"play_beep": True}}}),
    ):
        assert begun(form=form, **said).wish == replace(usual, **wished)


@pytest.mark.parametrize("form", [True, False], ids=["form", "JSON"])
def test_every_parameter_of_the_callback(*, form: bool) -> None:
    usual = Callback(dialect="telnyx", url=HOOK, events=frozenset({EventKind.AVAILABLE}), options={"form": "texml"})
    for said, wished in (
        ({}, {}),
        ({"RecordingStatusCallbackMethod": "GET"}, {"method": "GET"}),
        (
            {"RecordingStatusCallbackEvent": "in-progress absent"},
            {"events": frozenset({EventKind.STARTED, EventKind.FAILED})},
        ),
        ({"SendRecordingUrl": "true" if form else True}, {}),
        (
            {"SendRecordingUrl": "false" if form else False},
            {"options": {"form": "texml", "recording_url": "false"}},
        ),
    ):
        command = begun(form=form, RecordingStatusCallback=HOOK, **said)
        assert command.callback == replace(usual, **wished)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"RecordingChannels": "mono"}, "RecordingChannels"),
        ({"RecordingTrack": "left"}, "RecordingTrack"),
        ({"RecordingStatusCallback": "ftp://x.example/"}, "RecordingStatusCallback"),
        ({"RecordingStatusCallback": "http://127.0.0.1/"}, "RecordingStatusCallback"),
        ({"RecordingStatusCallback": HOOK, "RecordingStatusCallbackEvent": "done"}, "RecordingStatusCallbackEvent"),
        ({"RecordingStatusCallback": HOOK, "RecordingStatusCallbackMethod": "PUT"}, "RecordingStatusCallbackMethod"),
        ({"PlayBeep": "maybe"}, "PlayBeep"),
    ],
    ids=str,
)
def test_what_is_none_of_the_vendors_words_is_refused(said: dict[str, str], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(STARTING, said)
    assert refused.value.field == name


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"RecordingChannels": 2}'])
def test_a_body_that_is_neither_is_refused(body: bytes) -> None:
    match = ROUTER.match("POST", STARTING)
    assert match.route is not None
    with pytest.raises(BadRequest):
        match.route.read(visit(STARTING, method="POST", parts=match.parts, body=body))


@pytest.mark.parametrize(
    ("word", "to"), [("in-progress", Phase.RUNNING), ("paused", Phase.PAUSED), ("stopped", Phase.STOPPED)]
)
def test_a_status_is_a_verb(word: str, to: Phase) -> None:
    command = read(CHANGING, {"Status": word})
    assert isinstance(command, SteerRecording)
    assert command.recording is not None
    assert (command.to, command.recording.computed, command.silent) == (to, TEA_ORDER.id, False)
    assert command.call is not None
    assert command.call.computed == CALL


@pytest.mark.parametrize("said", [{}, {"Status": "completed"}], ids=str)
def test_no_status_or_another_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as refused:
        read(CHANGING, said)
    assert refused.value.field == "Status"


def test_another_account_is_not_there() -> None:
    other = STARTING.replace(str(ALICE.id), "019cad00-0000-7000-8000-00000000b0b0")
    with pytest.raises(NotFound):
        read(other, {})


def test_the_answer_is_the_recording_and_its_track() -> None:
    live = recording(status=Status.PAUSED, media_state=MediaState.AWAITED, extras={"telnyx": {"track": "inbound"}})
    route = ROUTER.match("POST", STARTING).route
    assert route is not None
    shown = document(route.say(Steered(call=LIVE, recordings=(live,)), asking(STARTING, {}, form=True)))
    assert (shown["sid"], shown["status"], shown["track"]) == (str(live.id), "paused", "inbound")


def test_a_callback_tells_the_state_it_is_in() -> None:
    for event, status in (("started", "in-progress"), ("available", "completed"), ("failed", "absent")):
        notice = phrase(telling("telnyx", event, options={"form": "texml"}))
        said = dict(parse_qsl(notice.body.decode()))
        assert said["RecordingStatus"] == status
        assert ("RecordingUrl" in said) is (status == "completed")
    silent = phrase(telling("telnyx", "available", options={"form": "texml", "recording_url": "false"}))
    assert b"RecordingUrl" not in silent.body


@pytest.mark.parametrize(
    ("event", "hook"),
    [
        ("started", {}),
        ("started", {"options": {"form": "events"}}),
        ("transcribed", {"options": {"form": "texml"}}),
        ("available", {"method": "GET"}),
    ],
)
def test_what_the_vendor_has_no_notice_for_is_not_told(event: str, hook: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        phrase(telling("telnyx", event, **hook))
