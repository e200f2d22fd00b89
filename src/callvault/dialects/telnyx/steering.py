"""Commands on live calls and conferences: a recording begins, is paused, goes on, ends.

Wire to core, and core to wire, which is one word for all of them.  What does not live here: how parameters are read
(``parameters``), and the same under Twilio's paths (``texml_steering``).
Sources: the types of the vendor's client 4.189 and its page of error codes (read 2026-11).  Decisions: NOTES.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.telnyx import words
from callvault.dialects.telnyx.parameters import Parameters, parameters_of
from callvault.dialects.toolbox.jsons import json_reply
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Track, Wish
from callvault.vault.commands import Ref
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.wire import WireReply

FORMATS = {"wav": MediaFormat.WAV, "mp3": MediaFormat.MP3}
CHANNELS = {"single": 1, "dual": 2}
TRACKS = {"both": Track.BOTH, "inbound": Track.INBOUND, "outbound": Track.OUTBOUND}
TRIM = ("trim-silence",)
REGIONS = ("Australia", "Europe", "Middle East", "US")
LONGEST_S = 14_400
LONGEST_SILENCE_S = 2**31 - 1
LONGEST_NAME = 40
NOTED = ("play_beep", "transcription", "transcription_profanity_filter", "transcription_speaker_diarization")
"""Truths that change nothing of the audio: they are kept with the recording."""
NOTED_TEXTS = ("transcription_engine", "transcription_language")
NOTED_COUNTS = ("transcription_min_speaker_count", "transcription_max_speaker_count")
MOST_SPEAKERS = 1000


# Wire to core


def start_of_call(visit: Visit) -> StartRecording:
    """``format`` and ``channels`` are required here.

    Raises:
        BadRequest: a parameter is missing, or not what it has to be.
    """
    said = parameters_of(visit.request)
    return _start(visit, said, call_ref(visit.request.parts["call"]), _wish_of_call(said, visit))


def start_of_conference(visit: Visit) -> StartRecording:
    """``format`` is required; without ``channels`` everybody is in one.

    Raises:
        BadRequest: a parameter is missing, or not what it has to be.
    """
    said = parameters_of(visit.request)
    said.choice("region", REGIONS)
    wish = Wish(
        format=_format(said),
        channels=CHANNELS[said.choice("channels", tuple(CHANNELS)) or "single"],
        trim=said.choice("trim", TRIM) is not None,
        file_name=_file_name(said, visit.terms),
        origin=Origin.CONFERENCE_COMMAND,
        extras=_extras(said),
    )
    return _start(visit, said, words.conference_ref(visit.request.parts["conference"]), wish)


def steering(to: Phase, noun: str) -> Callable[[Visit], SteerRecording]:
    """How a stop, a pause or a resumption is read; of a ``call`` or a ``conference``.

    The one that ``recording_id`` names, or all that are under way.
    """
    ref = call_ref if noun == "call" else words.conference_ref

    def read(visit: Visit) -> SteerRecording:
        said = parameters_of(visit.request)
        if noun == "conference":
            said.choice("region", REGIONS)
        recording, state = said.text("recording_id"), said.state()
        return SteerRecording(
            account_id=visit.account.id,
            to=to,
            call=ref(visit.request.parts[noun]),
            recording=None if recording is None else words.recording_ref(recording),
            all_of_them=recording is None,
            key=said.text("command_id"),
            extras={} if state is None else {words.NAME: {"client_state": state}},
        )

    return read


def call_ref(text: str) -> Ref:
    """A live call by its ``call_control_id``, or its ``call_leg_id``."""
    by_leg = words.call_ref(text)
    return by_leg if by_leg.computed is not None else words.call_control_ref(text)


def wish_of_track(track: str | None, channels: str | None) -> dict[str, Any]:
    """One side alone has one channel, whatever ``channels`` says."""
    chosen = TRACKS[track or "both"]
    return {"track": chosen, "channels": CHANNELS[channels or "dual"] if chosen is Track.BOTH else 1}


def _start(visit: Visit, said: Parameters, call: Ref, wish: Wish) -> StartRecording:
    return StartRecording(account_id=visit.account.id, call=call, wish=wish, key=said.text("command_id"))


def _wish_of_call(said: Parameters, visit: Visit) -> Wish:
    channels = said.choice("channels", tuple(CHANNELS), required=True)
    return Wish(
        format=_format(said),
        **wish_of_track(said.choice("recording_track", tuple(TRACKS)), channels),
        most_s=float(said.whole("max_length", most=LONGEST_S)) or None,
        silence_s=float(said.whole("timeout_secs", most=LONGEST_SILENCE_S)) or None,
        trim=said.choice("trim", TRIM) is not None,
        file_name=_file_name(said, visit.terms),
        origin=Origin.CALL_COMMAND,
        extras=_extras(said),
    )


def _format(said: Parameters) -> MediaFormat:
    return FORMATS[said.choice("format", tuple(FORMATS), required=True) or "wav"]


def _file_name(said: Parameters, terms: Terms) -> str | None:
    """The vendor adds a Unix time to a name of one's own, so that it names one recording only."""
    name = said.name("custom_file_name", longest=LONGEST_NAME)
    return None if name is None else f"{name}-{int(terms.now.timestamp())}"


def _extras(said: Parameters) -> Mapping[str, Mapping[str, Any]]:
    """What has no meaning for the audio: ``client_state`` is told with every event, the rest is kept."""
    noted: dict[str, Any] = {"client_state": said.state()}
    noted |= {name: said.truth(name) for name in NOTED}
    noted |= {name: said.text(name) for name in NOTED_TEXTS}
    noted |= {name: said.whole(name, most=MOST_SPEAKERS) or None for name in NOTED_COUNTS}
    noted["track"] = said.choice("recording_track", tuple(TRACKS))
    kept = {name: value for name, value in noted.items() if value is not None}
    return {words.NAME: kept} if kept else {}


# Core to wire


def say_done(_: Steered, visit: Visit) -> WireReply:  # noqa: ARG001 - one answer for all
    """A word: which recording it is, webhooks and lists tell."""
    return json_reply({"data": {"result": "ok"}})
