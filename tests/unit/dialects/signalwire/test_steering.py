"""Steering live calls: each parameter shows in the wish, the verb or the callback, and the answer is the recording."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from callvault import errors
from callvault.dialects.signalwire import words
from callvault.dialects.signalwire.errors import refuse
from callvault.dialects.signalwire.words import Vendor
from callvault.model.events import EventKind
from callvault.model.live import Phase
from callvault.model.recording import Origin, Source, Status
from callvault.model.wish import Track, Wish
from callvault.vault.commands import Callback
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from tests.unit.dialects.live_calls import LIVE, under_way
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, TWILIO, asking, read, said, sid
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, document, recording

CALL = TEA_ORDER.call_id
CONFERENCE = UUID("019ca884-2a00-7c0f-8c0f-000000000009")
HOOK = "https://hooks.example.org/status#rc=2"
RUNNING = under_way()


def vendor_of(account: str) -> Vendor:
    return Vendor.TWILIO if account == TWILIO else Vendor.SIGNALWIRE


def of_call(account: str, name: str | None = None) -> str:
    """The path of a live call's recordings, or of one of them."""
    call = words.write_sid(CALL, "call", vendor_of(account))
    return f"{account}/Calls/{call}/Recordings{f'/{name}' if name else ''}"


def begun(account: str = PROJECT, **form: str) -> StartRecording:
    command = read(of_call(account), method="POST", form=list(form.items()))
    assert isinstance(command, StartRecording)
    return command


def changed(account: str = PROJECT, name: str | None = None, **form: str) -> SteerRecording:
    path = of_call(account, name or sid(TEA_ORDER, vendor_of(account)))
    command = read(f"{path}.json", method="POST", form=list(form.items()))
    assert isinstance(command, SteerRecording)
    return command


def refused(error: errors.CallvaultError, account: str = TWILIO) -> tuple[int, int]:
    target = f"{of_call(account)}.json"
    shown = document(refuse(error, asking(target, method="POST").request, TERMS))
    return shown["status"], shown["code"]


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize("ending", ["", ".json"])
def test_without_a_body_all_is_usual(account: str, ending: str) -> None:
    command = read(of_call(account) + ending, method="POST")
    assert isinstance(command, StartRecording)
    assert command.call.computed == CALL
    assert command.wish == Wish(channels=1, origin=Origin.CALL_COMMAND)
    assert (command.account_id, command.callback, command.key) == (ALICE.id, None, None)


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize(
    ("form", "wished"),
    [
        ({"RecordingChannels": "mono"}, {}),
        ({"RecordingChannels": "dual"}, {"channels": 2}),
        ({"RecordingTrack": "both", "RecordingChannels": "dual"}, {"channels": 2}),
        (
            {"RecordingTrack": "inbound"},
            {"track": Track.INBOUND, "extras": {"signalwire": {"track": "inbound"}}},
        ),
        (
            {"RecordingTrack": "outbound", "RecordingChannels": "dual"},
            {"track": Track.OUTBOUND, "extras": {"signalwire": {"track": "outbound"}}},
        ),
        ({"Trim": "trim-silence"}, {"trim": True}),
        ({"Trim": "do-not-trim"}, {}),
    ],
    ids=str,
)
def test_every_parameter_of_the_recording(account: str, form: dict[str, str], wished: dict[str, Any]) -> None:
    assert begun(account, **form).wish == replace(Wish(channels=1, origin=Origin.CALL_COMMAND), **wished)


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize(
    ("form", "wished"),
    [
        ({}, {}),
        ({"RecordingStatusCallbackMethod": "GET"}, {"method": "GET"}),
        ({"RecordingStatusCallbackEvent": "in-progress"}, {"events": frozenset({EventKind.STARTED})}),
        (
            {"RecordingStatusCallbackEvent": "in-progress completed absent"},
            {"events": frozenset({EventKind.STARTED, EventKind.AVAILABLE, EventKind.FAILED})},
        ),
    ],
    ids=str,
)
def test_every_parameter_of_the_callback(account: str, form: dict[str, str], wished: dict[str, Any]) -> None:
    usual = Callback(
        dialect="signalwire",
        url=HOOK,
        events=frozenset({EventKind.AVAILABLE}),
        options={"vendor": vendor_of(account).value},
    )
    assert begun(account, RecordingStatusCallback=HOOK, **form).callback == replace(usual, **wished)


@pytest.mark.parametrize("account", BOTH)
def test_a_name_and_a_password_in_the_callback_s_url_are_shown_as_basic_and_kept_apart(account: str) -> None:
    said = HOOK.replace("://", "://ruth:tea%3A+two@")
    callback = begun(account, RecordingStatusCallback=said).callback
    assert callback is not None
    assert (callback.url, callback.username, callback.password) == (HOOK, "ruth", "tea:+two")
    assert "two" not in repr(callback)


def test_events_come_repeated_or_in_one_value() -> None:
    pairs = [
        ("RecordingStatusCallback", HOOK),
        ("RecordingStatusCallbackEvent", "in-progress completed"),
        ("RecordingStatusCallbackEvent", "absent"),
    ]
    command = read(of_call(TWILIO), method="POST", form=pairs)
    assert isinstance(command, StartRecording)
    assert command.callback is not None
    assert command.callback.events == frozenset({EventKind.STARTED, EventKind.AVAILABLE, EventKind.FAILED})


def test_failed_is_an_event_of_twilios_alone() -> None:
    told = begun(TWILIO, RecordingStatusCallback=HOOK, RecordingStatusCallbackEvent="failed").callback
    assert told is not None
    assert told.events == frozenset({EventKind.FAILED})
    with pytest.raises(errors.BadRequest):
        begun(PROJECT, RecordingStatusCallback=HOOK, RecordingStatusCallbackEvent="failed")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"RecordingChannels": "stereo"}, 10000),
        ({"RecordingTrack": "left"}, 10000),
        ({"Trim": "yes"}, 13699),
        ({"RecordingStatusCallbackEvent": "done"}, 13621),
        ({"RecordingStatusCallbackMethod": "PUT"}, 21209),
        ({"RecordingStatusCallback": "hooks.example.org"}, 21402),
        ({"RecordingStatusCallback": "http://10.0.0.7/"}, 21402),
        ({"RecordingStatusCallback": "http://ruth:tea@10.0.0.7/"}, 21402),
        ({"RecordingStatusCallback": "http://ruth:tea@[::1/"}, 21402),
    ],
    ids=str,
)
def test_what_is_none_of_the_vendors_words_is_refused(form: dict[str, str], code: int) -> None:
    for account, told in ((PROJECT, code), (TWILIO, 20001)):
        with pytest.raises(errors.BadRequest) as fault:
            begun(account, **form)
        assert fault.value.field == next(iter(form))
        assert refused(fault.value, account) == (400, told)


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize(
    ("form", "to", "silent"),
    [
        ({"Status": "in-progress"}, Phase.RUNNING, False),
        ({"Status": "stopped"}, Phase.STOPPED, False),
        ({"Status": "paused"}, Phase.PAUSED, True),
        ({"Status": "paused", "PauseBehavior": "silence"}, Phase.PAUSED, True),
        ({"Status": "paused", "PauseBehavior": "skip"}, Phase.PAUSED, False),
    ],
    ids=str,
)
def test_a_status_is_a_verb(account: str, form: dict[str, str], to: Phase, *, silent: bool) -> None:
    command = changed(account, **form)
    assert command.recording is not None
    assert command.call is not None
    assert (command.recording.computed, command.call.computed) == (TEA_ORDER.id, CALL)
    assert (command.to, command.silent, command.only, command.all_of_them) == (to, silent, False, False)


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize("ending", ["", ".json"])
def test_the_current_one_has_to_be_the_only_one(account: str, ending: str) -> None:
    form = [("Status", "stopped")]
    command = read(of_call(account, f"Twilio.CURRENT{ending}"), method="POST", form=form)
    assert isinstance(command, SteerRecording)
    assert (command.recording, command.only) == (None, True)


@pytest.mark.parametrize("account", BOTH)
def test_a_conferences_recording_is_steered_alike(account: str) -> None:
    vendor = vendor_of(account)
    conference = words.write_sid(CONFERENCE, "conference", vendor)
    target = f"{account}/Conferences/{conference}/Recordings/{sid(TEA_ORDER, vendor)}.json"
    command = read(target, method="POST", form=[("Status", "paused"), ("PauseBehavior", "skip")])
    assert isinstance(command, SteerRecording)
    assert command.call is not None
    assert (command.call.kind, command.call.computed) == ("conference", CONFERENCE)
    live = recording(status=Status.PAUSED, source=Source.CONFERENCE, conference_id=CONFERENCE)
    shown = document(said(Steered(call=LIVE, recordings=(live,)), target, method="POST"))
    assert (shown["status"], shown["conference_sid"]) == ("paused", conference)


@pytest.mark.parametrize("form", [{}, {"Status": "completed"}, {"Status": "paused", "PauseBehavior": "beep"}], ids=str)
def test_no_status_or_another_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(errors.BadRequest):
        changed(**form)


@pytest.mark.parametrize(("account", "call"), [(PROJECT, f"CA{CALL.hex}"), (TWILIO, str(CALL)), (TWILIO, "CA7")])
def test_a_call_of_the_other_vendors_form_is_not_there(account: str, call: str) -> None:
    with pytest.raises(errors.NotFound):
        read(f"{account}/Calls/{call}/Recordings.json", method="POST")


def test_another_account_is_not_there() -> None:
    with pytest.raises(errors.NotFound):
        read(of_call(PROJECT).replace(str(ALICE.id), "019cad00-0000-7000-8000-00000000b0b0"), method="POST")


@pytest.mark.parametrize(("account", "status"), [(PROJECT, 200), (TWILIO, 201)])
def test_what_has_begun_is_shown(account: str, status: int) -> None:
    reply = said(Steered(call=LIVE, recordings=(RUNNING,)), f"{of_call(account)}.json", method="POST")
    shown = document(reply)
    assert reply.status == status
    assert (shown["sid"], shown["status"]) == (sid(TEA_ORDER, vendor_of(account)), "in-progress")
    assert shown["source"].lower() == "startcallrecordingapi"
    assert shown["duration"] == ("0" if account == PROJECT else None)
    assert shown["uri"].startswith(of_call(account))


def test_twilio_answers_xml_where_the_path_has_no_ending() -> None:
    reply = said(Steered(call=LIVE, recordings=(RUNNING,)), of_call(TWILIO), method="POST")
    assert reply.status == 201
    assert isinstance(reply.body, bytes)
    assert b"<TwilioResponse><Recording>" in reply.body
    assert b"<Status>in-progress</Status>" in reply.body


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize(
    ("status", "word"),
    [(Status.PAUSED, "paused"), (Status.CAPTURING, "in-progress"), (Status.PROCESSING, "stopped")],
)
def test_what_was_changed_is_shown_as_it_is(account: str, status: Status, word: str) -> None:
    target = f"{of_call(account, sid(TEA_ORDER, vendor_of(account)))}.json"
    answer = Steered(call=LIVE, recordings=(replace(RUNNING, status=status),))
    reply = said(answer, target, method="POST")
    assert (reply.status, document(reply)["status"]) == (200, word)


def test_one_track_is_told_to_twilios_clients() -> None:
    live = replace(RUNNING, extras={"signalwire": {"track": "inbound"}})
    answer = Steered(call=LIVE, recordings=(live,))
    assert document(said(answer, f"{of_call(TWILIO)}.json", method="POST"))["track"] == "inbound"


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.NotFound("call", "x"), (404, 20404)),
        (errors.NotFound("recording", "x"), (404, 20404)),
        (errors.Ended("call", "x"), (400, 21220)),
        (errors.Conflict("A recording that is stopped cannot become paused."), (400, 21220)),
    ],
    ids=repr,
)
def test_what_cannot_be_done_has_its_code(account: str, error: errors.CallvaultError, told: tuple[int, int]) -> None:
    assert refused(error, account) == told
