"""Bandwidth's webhooks for recordings: what they say, how they are sent.

Optional fields are left out, where the metadata writes null.  Sources: NOTES.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from callvault.dialects.bandwidth import words
from callvault.dialects.notices import Hooks, Telling
from callvault.dialects.toolbox.forms import with_query
from callvault.dialects.toolbox.times import duration_iso, iso_ms
from callvault.model.events import EventKind
from callvault.model.hook import Failure, Hook, HookOption
from callvault.model.notice import Notice, Outcome, Rules
from callvault.model.recording import MediaState, Recording, Source
from callvault.model.transcription import Transcription

AVAILABLE, CONFERENCE_AVAILABLE = "recordingAvailable", "conferenceRecordingAvailable"
TRANSCRIBED = "transcriptionAvailable"
EVENTS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.AVAILABLE: (AVAILABLE, CONFERENCE_AVAILABLE),
    EventKind.FAILED: (AVAILABLE, CONFERENCE_AVAILABLE),
    EventKind.TRANSCRIPTION_AVAILABLE: (TRANSCRIBED,),
    EventKind.TRANSCRIPTION_FAILED: (TRANSCRIBED,),
}
OPTIONS = {
    "tag": HookOption(about="A text that is told with every event."),
    "timeout": HookOption(about="Seconds to wait for the answer.", span=(1, 25)),
}
TIMEOUT_S = 15.0


def rules(hook: Hook) -> Rules:
    """Once again, to the same URL, and only where no connection came about."""
    return Rules(timeout_s=float(hook.options.get("timeout", TIMEOUT_S)), pauses_s=(5.0,), again=_unreachable)


def phrase(telling: Telling) -> Notice:
    """JSON in the body, or its properties in the query."""
    properties = _properties(telling)
    if telling.hook.method == "GET":
        return Notice(method="GET", url=with_query(telling.url, _flat(properties)), headers=())
    body = orjson.dumps(properties)
    return Notice(method="POST", url=telling.url, headers=(("Content-Type", "application/json"),), body=body)


HOOKS = Hooks(
    events=EVENTS, usual=frozenset(EVENTS), methods=("POST", "GET"), options=OPTIONS, rules=rules, phrase=phrase
)


def _unreachable(outcome: Outcome) -> bool:
    return outcome.failure is Failure.UNREACHABLE


def _properties(telling: Telling) -> dict[str, Any]:
    recording = telling.recording
    conference = recording.source is Source.CONFERENCE
    if telling.event.kind in {EventKind.TRANSCRIPTION_AVAILABLE, EventKind.TRANSCRIPTION_FAILED}:
        told = _call(telling) | _media(telling) | _transcription(recording.transcription, _url(telling))
        name = TRANSCRIBED
    elif conference:
        told = _conference(recording) | _media(telling) | _outcome(telling)
        name = CONFERENCE_AVAILABLE
    else:
        told = _call(telling) | _media(telling) | _outcome(telling)
        name = AVAILABLE
    properties = {
        "eventType": name,
        "eventTime": iso_ms(telling.event.at),
        "accountId": str(telling.account.serial),
        **told,
        "tag": telling.hook.options.get("tag"),
    }
    return {name: value for name, value in properties.items() if value is not None}


def _call(telling: Telling) -> dict[str, Any]:
    recording = telling.recording
    return {
        "applicationId": recording.application_id,
        "to": recording.callee.number,
        "from": recording.caller.number,
        "direction": words.DIRECTION[recording.direction],
        "callId": words.leg_id(recording),
        "callUrl": _call_url(telling),
        "parentCallId": words.parent_leg_id(recording),
        "transferCallerId": recording.transfer_caller_id,
        "transferTo": recording.transfer_to,
    }


def _conference(recording: Recording) -> dict[str, Any]:
    return {"conferenceId": words.conference_id(recording), "name": recording.conference_name}


def _media(telling: Telling) -> dict[str, Any]:
    recording = telling.recording
    return {
        "recordingId": words.recording_id(recording),
        "mediaUrl": f"{_url(telling)}/media" if recording.hearable else None,
        "startTime": iso_ms(recording.started_at),
        "endTime": iso_ms(recording.ended_at) if recording.ended_at else None,
        "duration": duration_iso(recording.duration_ms),
        "fileFormat": words.FILE_FORMAT[recording.format],
    }


def _outcome(telling: Telling) -> dict[str, Any]:
    recording = telling.recording
    status = "partial" if recording.media_state is MediaState.PARTIAL else "complete"
    return {
        "channels": recording.channels,
        "status": "error" if telling.event.kind is EventKind.FAILED else status,
    }


def _transcription(transcription: Transcription | None, url: str) -> dict[str, Any]:
    if transcription is None:
        return {}
    said = {
        "id": words.transcription_id(transcription.id),
        "url": f"{url}/transcription",
        "status": words.TRANSCRIPTION_STATUS[transcription.status],
        "completedTime": iso_ms(transcription.completed_at) if transcription.completed_at else None,
    }
    return {"transcription": {name: value for name, value in said.items() if value is not None}}


def _account_url(telling: Telling) -> str:
    return f"{telling.terms.base_url}/api/v2/accounts/{telling.account.serial}"


def _call_url(telling: Telling) -> str:
    return f"{_account_url(telling)}/calls/{words.leg_id(telling.recording)}"


def _url(telling: Telling) -> str:
    recording = telling.recording
    conference = words.conference_id(recording)
    outer = _call_url(telling)
    if recording.source is Source.CONFERENCE and conference is not None:
        outer = f"{_account_url(telling)}/conferences/{conference}"
    return f"{outer}/recordings/{words.recording_id(recording)}"


def _flat(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is an object in JSON stays JSON in the query: the vendor does not say otherwise."""
    return [
        (name, orjson.dumps(value).decode() if isinstance(value, dict) else str(value))
        for name, value in properties.items()
    ]
