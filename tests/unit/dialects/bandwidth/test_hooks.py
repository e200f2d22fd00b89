"""Under which rules Bandwidth's notices go out, and what they leave out."""

from __future__ import annotations

import json
from dataclasses import replace

from callvault.dialects.bandwidth.hooks import phrase, rules
from callvault.model.hook import Failure
from callvault.model.notice import Outcome
from tests.unit.dialects.tellings import hook, telling


def test_it_is_tried_once_more_and_only_where_no_connection_came_about() -> None:
    told = rules(hook("bandwidth"))
    assert len(told.pauses_s) == 1
    assert told.again(Outcome(failure=Failure.UNREACHABLE))
    for outcome in (Outcome(status=500), Outcome(status=429), Outcome(failure=Failure.SILENT)):
        assert not told.again(outcome)
    assert told.success(Outcome(status=204))
    assert told.success(Outcome(status=200))
    assert not told.success(Outcome(status=302))


def test_the_time_limit_is_the_hooks() -> None:
    assert rules(hook("bandwidth")).timeout_s == 15
    assert rules(hook("bandwidth", options={"timeout": "2.5"})).timeout_s == 2.5


def test_what_is_not_known_is_left_out_and_never_null() -> None:
    body = phrase(telling("bandwidth", "partly available")).body
    assert b"null" not in body
    assert not {"to", "tag", "parentCallId", "transferTo", "transcription"} & set(json.loads(body))


def test_a_transcription_of_a_conference_lies_under_the_conference() -> None:
    told = telling("bandwidth", "transcribed")
    conference = telling("bandwidth", "conference available").recording
    said = replace(conference, transcription=told.recording.transcription)
    body = json.loads(phrase(replace(told, recording=said)).body)
    assert "/conferences/conf-" in body["transcription"]["url"]
