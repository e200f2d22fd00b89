"""Recordings of live calls, as both vendors steer them: begun, paused, resumed, stopped.

Wire to core, and core to wire.  Sources: SignalWire's specification (2026-08), Twilio's (2026-04) and its page on the
Recordings resource (read 2026-11).  Decisions: NOTES.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from callvault.dialects.contract import Visit
from callvault.dialects.signalwire import paths, replies, words
from callvault.dialects.signalwire.hooks import ABSENT, COMPLETED, FAILED, IN_PROGRESS
from callvault.dialects.signalwire.requests import account_of, outer_of, recording_of
from callvault.dialects.signalwire.words import Vendor
from callvault.errors import BadRequest
from callvault.model.destination import check_url_and_credentials, credentials_of, read_networks, without_credentials
from callvault.model.events import EventKind
from callvault.model.live import Phase
from callvault.model.recording import Origin, Status
from callvault.model.wish import Track, Wish
from callvault.vault.commands import Callback
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.wire import WireReply, WireRequest

CURRENT = "Twilio.CURRENT"
"""In place of a recording's id: the one that is under way, which has to be the only one."""
CHANNELS = {"mono": 1, "dual": 2}
TRACKS = {"both": Track.BOTH, "inbound": Track.INBOUND, "outbound": Track.OUTBOUND}
TRIM = {"do-not-trim": False, "trim-silence": True}
METHODS = ("POST", "GET")
STATUS = {"in-progress": Phase.RUNNING, "paused": Phase.PAUSED, "stopped": Phase.STOPPED}
SILENT = {"silence": True, "skip": False}
"""``PauseBehavior``: whether what is paused is silence in the recording, or left out of it."""
USUAL_PAUSE = "silence"
EVENTS: Mapping[Vendor, Mapping[str, EventKind]] = {
    Vendor.SIGNALWIRE: {
        IN_PROGRESS: EventKind.STARTED,
        COMPLETED: EventKind.AVAILABLE,
        ABSENT: EventKind.FAILED,
    },
    Vendor.TWILIO: {
        IN_PROGRESS: EventKind.STARTED,
        COMPLETED: EventKind.AVAILABLE,
        ABSENT: EventKind.FAILED,
        FAILED: EventKind.FAILED,
    },
}
CREATED: Mapping[Vendor, int] = {Vendor.SIGNALWIRE: 200, Vendor.TWILIO: 201}


# Wire to core


def start(visit: Visit) -> StartRecording:
    """All parameters are optional, and so is the body.

    Raises:
        BadRequest: a parameter is not what it has to be.
        NotFound: the account is not the caller's, or the call's id has another form.
    """
    account_id, form = account_of(visit), _form(visit.request)
    track = TRACKS[_choice(form, "RecordingTrack", tuple(TRACKS)) or "both"]
    channels = CHANNELS[_choice(form, "RecordingChannels", tuple(CHANNELS)) or "mono"]
    return StartRecording(
        account_id=account_id,
        call=words.outer_ref(visit.request.parts["call"], "call", paths.vendor(visit.request)),
        wish=Wish(
            channels=channels if track is Track.BOTH else 1,  # one side alone has one channel
            track=track,
            trim=TRIM[_choice(form, "Trim", tuple(TRIM)) or "do-not-trim"],
            origin=Origin.CALL_COMMAND,
            extras={} if track is Track.BOTH else {words.NAME: {"track": track.value}},
        ),
        callback=_callback(form, visit),
    )


def update(visit: Visit) -> SteerRecording:
    """``Status``, and ``PauseBehavior`` where it is paused; of a call's recording or a conference's.

    Raises:
        BadRequest: there is no status, or it or the behaviour is none of the vendor's.
        NotFound: the account is not the caller's, or an id has another form.
    """
    account_id, form = account_of(visit), _form(visit.request)
    status = _choice(form, "Status", tuple(STATUS))
    if status is None:
        raise BadRequest(f"Status is missing: one of {', '.join(STATUS)}.", field="Status")
    behaviour = _choice(form, "PauseBehavior", tuple(SILENT)) or USUAL_PAUSE
    segment, _ = paths.split(visit.request.parts["recording"], paths.vendor(visit.request))
    return SteerRecording(
        account_id=account_id,
        to=STATUS[status],
        call=outer_of(visit.request, "call") or outer_of(visit.request, "conference"),
        recording=None if segment == CURRENT else recording_of(visit),
        only=segment == CURRENT,
        silent=status == "paused" and SILENT[behaviour],
    )


def _callback(form: Mapping[str, Sequence[str]], visit: Visit) -> Callback | None:
    vendor = paths.vendor(visit.request)
    events = EVENTS[vendor]
    # Several words in one value (the pages), a value for each (the clients), or both
    named = [word for value in form.get("RecordingStatusCallbackEvent", ()) for word in value.split()]
    unknown = [word for word in named if word not in events]
    if unknown:
        raise BadRequest(
            f"RecordingStatusCallbackEvent must be of {', '.join(events)}, not {unknown[0]!r}.",
            field="RecordingStatusCallbackEvent",
            value=unknown[0],
        )
    method = _choice(form, "RecordingStatusCallbackMethod", METHODS)
    (url,) = form.get("RecordingStatusCallback", ("",))[-1:]
    if not url:
        return None
    networks = read_networks(str(visit.terms.settings.get("hook_networks", "")))
    shown = credentials_of(check_url_and_credentials(url, "RecordingStatusCallback", networks))
    username, password = shown or (None, None)
    return Callback(
        dialect=words.NAME,
        url=without_credentials(url),
        username=username,
        password=password,
        method=method or "POST",
        events=frozenset(events[word] for word in named or (COMPLETED,)),
        options={"vendor": vendor.value},
    )


def _form(request: WireRequest) -> Mapping[str, Sequence[str]]:
    """Names, each with all of its values."""
    form: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True):
        form.setdefault(name, []).append(value)
    return form


def _choice(form: Mapping[str, Sequence[str]], name: str, choices: Sequence[str]) -> str | None:
    values = form.get(name)
    if not values or not values[-1]:
        return None
    if values[-1] not in choices:
        raise BadRequest(
            f"{name} must be one of {', '.join(choices)}, not {values[-1]!r}.", field=name, value=values[-1]
        )
    return values[-1]


# Core to wire


def say_started(steered: Steered, visit: Visit) -> WireReply:
    """The recording that has begun."""
    return _say(steered, visit, CREATED[paths.vendor(visit.request)])


def say_updated(steered: Steered, visit: Visit) -> WireReply:
    """The recording as it is now."""
    return _say(steered, visit, 200)


def _say(steered: Steered, visit: Visit, status: int) -> WireReply:
    (recording,) = steered.recordings
    shown: dict[str, Any] = replies.recording_object(recording, replies.frame_of(visit))
    if recording.status is Status.PROCESSING:
        shown["status"] = "stopped"  # as it was asked for; that it is being finished, a later look tells
    return replies.document("recording", shown, visit, status=status)
