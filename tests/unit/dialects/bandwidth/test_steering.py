"""Bandwidth's ways of steering a live call: every attribute is heeded, and what is none of them is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from callvault.dialects.bandwidth import steering, words
from callvault.dialects.bandwidth.errors import refuse
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest, CallvaultError, Conflict, NotAllowed, NotFound
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Wish
from callvault.vault.commands import Callback
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from tests.unit.dialects.live_calls import LIVE, under_way
from tests.unit.dialects.visits import ALICE, TERMS, document, visit

CALL = words.call_id(LIVE.call_id)
PLAIN = Wish(channels=1, origin=Origin.CALL_COMMAND)


def asked(body: str, path: str = "recording", **parts: str) -> Visit:
    return visit(
        f"/api/v2/accounts/{ALICE.serial}/calls/{CALL}/{path}",
        method="PUT",
        parts={"account": str(ALICE.serial), "call": CALL, **parts},
        body=body.encode(),
    )


def started(**attributes: str) -> StartRecording:
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    command = steering.run_bxml(asked(f"<Bxml><StartRecording{written}/></Bxml>", "bxml"))
    assert isinstance(command, StartRecording)
    return command


@pytest.mark.parametrize(
    ("word", "to"),
    [
        ("paused", Phase.PAUSED),
        ("recording", Phase.RUNNING),
        ("PAUSED", Phase.PAUSED),
        ("RECORDING", Phase.RUNNING),
        ("Paused", Phase.PAUSED),
    ],
)
def test_a_state_is_that_of_all_that_is_recorded(word: str, to: Phase) -> None:
    assert steering.set_state(asked(json.dumps({"state": word}))) == SteerRecording(
        account_id=ALICE.id, call=words.call_ref(CALL), to=to, all_of_them=True, settled=True
    )


@pytest.mark.parametrize(
    "body", ["", "paused", "[]", "{}", '{"state": null}', '{"state": "stopped"}', '{"state": "NOT_RECORDING"}']
)
def test_what_is_no_state_is_refused(body: str) -> None:
    with pytest.raises(BadRequest):
        steering.set_state(asked(body))


@pytest.mark.parametrize("read", [steering.set_state, steering.run_bxml])
def test_another_account_is_denied_before_the_body_is_looked_at(read: Callable[[Visit], object]) -> None:
    with pytest.raises(NotAllowed):
        read(asked("", account="1"))


HEEDED: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {}),
    ({"fileFormat": "mp3"}, {"format": MediaFormat.MP3}),
    ({"fileFormat": "WAV"}, {}),
    ({"multiChannel": "true"}, {"channels": 2}),
    ({"multiChannel": "false"}, {}),
    ({"recordingName": "Tea order"}, {"label": "Tea order"}),
    ({"transcribe": "true", "detectLanguage": "false"}, {}),
]


@pytest.mark.parametrize(("attributes", "wish"), HEEDED, ids="+".join)
def test_an_attribute_is_heeded(attributes: dict[str, str], wish: dict[str, Any]) -> None:
    assert started(**attributes) == StartRecording(
        account_id=ALICE.id, call=words.call_ref(CALL), wish=replace(PLAIN, **wish)
    )


def test_whoever_wants_it_is_told() -> None:
    told = started(
        recordingAvailableUrl="https://hooks.example.org/a?b=1&c=2",
        recordingAvailableMethod="get",
        username="u",
        password="p",
        tag="tea",
    )
    assert told.callback == Callback(
        dialect="bandwidth",
        url="https://hooks.example.org/a?b=1&c=2",
        method="GET",
        username="u",
        password="p",
        options={"tag": "tea"},
    )


def test_nobody_is_told_where_no_url_is_given() -> None:
    assert started(tag="tea", username="u").callback is None


@pytest.mark.parametrize(
    ("verb", "to", "everything"),
    [
        ("StopRecording", Phase.STOPPED, False),
        ("PauseRecording", Phase.PAUSED, True),
        ("ResumeRecording", Phase.RUNNING, True),
    ],
)
def test_a_verb_steers(verb: str, to: Phase, everything: bool) -> None:
    assert steering.run_bxml(asked(f'<?xml version="1.0"?><Bxml>\n <{verb}/>\n</Bxml>')) == SteerRecording(
        account_id=ALICE.id, call=words.call_ref(CALL), to=to, all_of_them=everything
    )


def test_a_conference_is_steered_too() -> None:
    command = steering.run_conference_bxml(asked("<Bxml><StartRecording/></Bxml>", conference="conf-theirs"))
    assert isinstance(command, StartRecording)
    assert command.call == words.conference_ref("conf-theirs")
    assert command.wish.origin is Origin.CONFERENCE_COMMAND


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "<Bxml/>",
        "<Response><StopRecording/></Response>",
        "<Bxml><SpeakSentence>Hello</SpeakSentence></Bxml>",
        "<Bxml><PauseRecording/><ResumeRecording/></Bxml>",
        "<Bxml><Record/></Bxml>",
        '<Bxml><StartRecording fileFormat="ogg"/></Bxml>',
        '<Bxml><StartRecording multiChannel="yes"/></Bxml>',
        '<Bxml><StartRecording transcribe="1"/></Bxml>',
        '<Bxml><StartRecording recordingAvailableMethod="PUT"/></Bxml>',
        f'<Bxml><StartRecording tag="{"x" * 257}"/></Bxml>',
        '<!DOCTYPE Bxml [<!ENTITY a "b">]><Bxml><StopRecording/></Bxml>',
        "<Bxml><StopRecording/></Bxml>" + " " * 65_536 + "<!-- -->",
        "<Bxml><StopRecording>",
    ],
)
def test_what_is_no_steering_bxml_is_refused(body: str) -> None:
    with pytest.raises(BadRequest):
        steering.run_bxml(asked(body))


def test_the_answers_are_empty() -> None:
    done = Steered(call=LIVE, recordings=(under_way(),))
    assert (steering.say_set(done, visit()).status, steering.say_set(done, visit()).body) == (200, b"")
    assert (steering.say_run(done, visit()).status, steering.say_run(done, visit()).body) == (204, b"")


@pytest.mark.parametrize(
    ("error", "path", "status", "sentence"),
    [
        (NotFound("live call", CALL), "recording", 404, f"Call [{CALL}] not found"),
        (NotFound("live call", CALL), "bxml", 404, f"Call [{CALL}] not found"),
        (NotFound("recording under way", ""), "recording", 404, f"Recording of call [{CALL}] not found"),
        (NotFound("recording under way", ""), "bxml", 204, None),
        (Conflict("It is paused already."), "bxml", 204, None),
        (Conflict("It waits."), "recording", 409, "It waits."),
    ],
)
def test_what_is_not_there_is_said_as_bandwidth_does(
    error: CallvaultError, path: str, status: int, sentence: str | None
) -> None:
    reply = refuse(error, asked("", path).request, TERMS)
    assert reply.status == status
    assert (document(reply)["description"] if reply.body else None) == sentence
