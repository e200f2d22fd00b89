"""Commands to a live call: two that begin a recording, one that pauses it, lets it go on, or completes it.

What does not live here: the lists of a call's recordings (``requests``, ``replies``).  Sources: NOTES.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from callvault.dialects.bird import words
from callvault.dialects.bird.replies import JSON, call_recording_object
from callvault.dialects.bird.requests import workspace_of
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.errors import BadRequest
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin, Recording
from callvault.model.wish import Track, Wish
from callvault.vault.commands import Command, GetRecording
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.wire import WireReply

COMMAND = "record"
COMMAND_STATUS = "accepted"
LONGEST_S = 14_400
"""The vendor's usual ceiling of a call; it names none of a recording."""
KEYS = frozenset("0123456789*#")
STATUSES = {"paused": Phase.PAUSED, "ongoing": Phase.RUNNING, "completed": Phase.STOPPED}
OF_VOICEMAIL = frozenset({"endKey", "maxLength", "timeout", "beep", "transcribe", "transcribeLocale"})
OF_CALL = frozenset({"maxLength", "stereo"})
OF_CHANGE = frozenset({"status"})


def record(visit: Visit) -> StartRecording:
    """What the one party says, as on an answering machine, until it is silent or the time is over.

    Raises:
        BadRequest: a key is unknown, or its value out of its range.
    """
    body = _body(visit, OF_VOICEMAIL)
    key = _text(body, "endKey")
    if key is not None and key not in KEYS:
        raise BadRequest(f"endKey must be one of {' '.join(sorted(KEYS))}, not {key!r}.", field="endKey", value=key)
    _truth(body, "beep")
    _text(body, "transcribeLocale")
    kept = {"transcription": True} if _truth(body, "transcribe") else {}
    return _start(
        visit,
        Wish(
            format=MediaFormat.MP3,
            channels=1,
            track=Track.INBOUND,
            most_s=_seconds(body, "maxLength"),
            silence_s=_seconds(body, "timeout"),
            origin=Origin.RECORD_VERB,
            extras={words.NAME: kept} if kept else {},
        ),
    )


def record_call(visit: Visit) -> StartRecording:
    """The whole call.

    Raises:
        BadRequest: a key is unknown, or its value out of its range.
    """
    body = _body(visit, OF_CALL)
    return _start(
        visit,
        Wish(
            format=MediaFormat.MP3,
            channels=2 if _truth(body, "stereo") else 1,
            most_s=_seconds(body, "maxLength"),
            origin=Origin.CALL_COMMAND,
        ),
    )


def change(visit: Visit) -> Command:
    """``status``; where it is not said, nothing changes, and the answer is the same.

    Raises:
        BadRequest: a key is unknown, or the status is none of the three.
    """
    body = _body(visit, OF_CHANGE)
    account_id, parts = workspace_of(visit), visit.request.parts
    call, recording = words.call_ref(parts["call"]), words.recording_ref(parts["recording"])
    word = _text(body, "status")
    if word is None:
        return GetRecording(account_id=account_id, recording=recording, call=call)
    if word not in STATUSES:
        raise BadRequest(f"status must be one of {', '.join(STATUSES)}, not {word!r}.", field="status", value=word)
    return SteerRecording(account_id=account_id, call=call, recording=recording, to=STATUSES[word], settled=True)


def say_started(steered: Steered, visit: Visit) -> WireReply:
    """202: the command as it was taken, and what will come of it."""
    (recording,) = steered.recordings
    command: dict[str, Any] = {
        "id": str(UUID(hex=visit.terms.request_id)),
        "callId": words.call_id(recording),
        "callFlowId": None,
        "status": COMMAND_STATUS,
        "command": COMMAND,
        "conditions": [],
    }
    document = {"command": command, "recordingId": words.recording_id(recording)}
    return json_reply(document, status=202, content_type=JSON)


def say_changed(done: Steered | Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """202: the recording as it is now."""
    recording = done.recordings[0] if isinstance(done, Steered) else done
    return json_reply(call_recording_object(recording), status=202, content_type=JSON)


def _start(visit: Visit, wish: Wish) -> StartRecording:
    call = words.call_ref(visit.request.parts["call"])
    return StartRecording(account_id=workspace_of(visit), call=call, wish=wish)


def _body(visit: Visit, known: frozenset[str]) -> Mapping[str, Any]:
    """The keys that are said; no body is an empty one, and null is as good as absent."""
    raw = visit.request.body
    if not raw.strip():
        return {}
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise BadRequest("The body has to be a JSON object.")
    for name in document:
        if name not in known:
            raise BadRequest(f"There is no {name!r} here; this takes {', '.join(sorted(known))}.", field=name)
    return {name: value for name, value in document.items() if value is not None}


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} must be a text.", field=name, value=str(value))
    return value


def _truth(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false.", field=name, value=str(value))
    return value


def _seconds(body: Mapping[str, Any], name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LONGEST_S:
        raise BadRequest(f"{name} must be a whole number from 1 to {LONGEST_S}.", field=name, value=str(value))
    return float(value)
