"""TeXML's way to steer a live call's recordings: Twilio's parameters and paths, Telnyx's ids and bearer token.

The body may be a form, as TeXML's pages show it, or JSON, as the vendor's client 4.189 sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import steering, texml, words
from callvault.dialects.telnyx.callbacks import ABSENT, COMPLETED, IN_PROGRESS, TEXML
from callvault.dialects.toolbox.forms import FORM
from callvault.dialects.toolbox.jsons import json_reply
from callvault.errors import BadRequest
from callvault.model.destination import check_url, read_networks
from callvault.model.events import EventKind
from callvault.model.live import Phase
from callvault.model.recording import Origin
from callvault.model.wish import Wish
from callvault.vault.commands import Callback
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.wire import WireReply, WireRequest

EVENTS: Mapping[str, EventKind] = {
    IN_PROGRESS: EventKind.STARTED,
    COMPLETED: EventKind.AVAILABLE,
    ABSENT: EventKind.FAILED,
}
STATUS: Mapping[str, Phase] = {
    "in-progress": Phase.RUNNING,
    "paused": Phase.PAUSED,
    "stopped": Phase.STOPPED,
}
METHODS = ("POST", "GET")
TRUTHS = {"true": True, "false": False}


def start(visit: Visit) -> StartRecording:
    """Both sides in a channel each, unless it is said otherwise.

    Raises:
        BadRequest: a parameter is not what it has to be.
        NotFound: the account is not the caller's.
    """
    account_id, said = texml.account_of(visit), _said(visit.request)
    track = _choice(said, "RecordingTrack", tuple(steering.TRACKS))
    channels = _choice(said, "RecordingChannels", tuple(steering.CHANNELS))
    noted = {"track": track, "play_beep": _truth(said, "PlayBeep")}
    kept = {name: value for name, value in noted.items() if value is not None}
    return StartRecording(
        account_id=account_id,
        call=steering.call_ref(visit.request.parts["call"]),
        wish=Wish(
            **steering.wish_of_track(track, channels),
            origin=Origin.CALL_COMMAND,
            extras={words.NAME: kept} if kept else {},
        ),
        callback=_callback(said, visit),
    )


def update(visit: Visit) -> SteerRecording:
    """``Status``; what is paused is cut out.

    Raises:
        BadRequest: there is no status, or it is none of the three.
        NotFound: the account is not the caller's.
    """
    account_id = texml.account_of(visit)
    status = _choice(_said(visit.request), "Status", tuple(STATUS))
    if status is None:
        raise BadRequest(f"Status is missing: one of {', '.join(STATUS)}.", field="Status")
    return SteerRecording(
        account_id=account_id,
        to=STATUS[status],
        call=steering.call_ref(visit.request.parts["call"]),
        recording=words.recording_ref(visit.request.parts["recording"].removesuffix(".json")),
    )


def say(steered: Steered, visit: Visit) -> WireReply:
    """The recording, with ``track``, which other answers have not."""
    (recording,) = steered.recordings
    track = recording.extras.get(words.NAME, {}).get("track", "both")
    return json_reply({**texml.recording_object(recording, visit), "track": track})


def _callback(said: Mapping[str, str], visit: Visit) -> Callback | None:
    url = said.get("RecordingStatusCallback")
    named = said.get("RecordingStatusCallbackEvent", "").split()
    unknown = [word for word in named if word not in EVENTS]
    if unknown:
        known = ", ".join(EVENTS)
        raise BadRequest(f"RecordingStatusCallbackEvent must be of {known}.", field="RecordingStatusCallbackEvent")
    method = _choice(said, "RecordingStatusCallbackMethod", METHODS)
    sends_url = _truth(said, "SendRecordingUrl")
    if not url:
        return None
    networks = read_networks(str(visit.terms.settings.get("hook_networks", "")))
    return Callback(
        dialect=words.NAME,
        url=check_url(url, "RecordingStatusCallback", networks),
        method=method or "POST",
        events=frozenset(EVENTS[word] for word in named or (COMPLETED,)),
        options={"form": TEXML, **({"recording_url": "false"} if sends_url is False else {})},
    )


def _said(request: WireRequest) -> Mapping[str, str]:
    """Names and texts; a name that comes several times means all of its words."""
    pairs = _form(request) if (request.header("content-type") or "").startswith(FORM) else _json(request)
    said: dict[str, str] = {}
    for name, value in pairs:
        said[name] = f"{said[name]} {value}" if name in said else value
    return said


def _form(request: WireRequest) -> list[tuple[str, str]]:
    return parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)


def _json(request: WireRequest) -> list[tuple[str, str]]:
    try:
        said = orjson.loads(request.body) if request.body.strip() else {}
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise BadRequest("The body has to be a form, or a JSON object.")
    return [(name, _text(name, value)) for name, value in said.items() if value is not None]


def _text(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    raise BadRequest(f"{name} must be a text.", field=name, value=str(value)[:100])


def _choice(said: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    word = said.get(name)
    if word is not None and word not in choices:
        raise BadRequest(f"{name} must be one of {', '.join(choices)}, not {word!r}.", field=name, value=word)
    return word


def _truth(said: Mapping[str, str], name: str) -> bool | None:
    word = _choice({name: said[name].lower()} if name in said else {}, name, tuple(TRUTHS))
    return None if word is None else TRUTHS[word]
