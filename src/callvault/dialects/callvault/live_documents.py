"""The JSON documents of live calls in our own API, which the command line prints too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from callvault.dialects.callvault.documents import recording_object
from callvault.dialects.callvault.wishes import wish_object
from callvault.dialects.callvault.words import BASE
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.live import LiveCall, LiveRecording
from callvault.model.party import Party
from callvault.vault.live_commands import Steered

OURS = frozenset({"node"})
"""Fields that say how the house works, which is no caller's matter."""


def live_call_object(
    call: LiveCall, base_url: str, names: Mapping[str, str], conference_names: Mapping[str, str]
) -> dict[str, Any]:
    """A live call; what is not known is left out.

    ``names``: what each vendor's clients call it; ``conference_names``: what where they ask for a conference.
    """
    said: dict[str, Any] = {
        "take": str(call.take),
        "account_id": str(call.account_id),
        "call_id": str(call.call_id),
        "session_id": str(call.session_id),
        "door": call.door,
        "trunk": call.trunk,
        "user_id": call.user_id and str(call.user_id),
        "connection_id": call.connection_id,
        "sip_call_id": call.sip_call_id,
        "foreign": {dialect: dict(ids) for dialect, ids in call.foreign.items()},
        "conference_id": call.conference_id and str(call.conference_id),
        "conference_name": call.conference_name,
        "is_conference": call.is_conference,
        "direction": str(call.direction),
        "caller": _party(call.caller),
        "callee": _party(call.callee),
        "participants": call.participants,
        "began_at": iso_ms(call.began_at),
        "answered_at": call.answered_at and iso_ms(call.answered_at),
        "bridged_at": call.bridged_at and iso_ms(call.bridged_at),
        "held": call.held,
        "masked": call.masked,
        "recordings": [_recording(recording) for recording in call.recordings],
        "names": dict(names),
        "conference_names": dict(conference_names),
        "links": {"self": f"{base_url}{BASE}/calls/{call.take}"},
    }
    return {name: value for name, value in said.items() if value is not None}


def steered_object(
    steered: Steered, base_url: str, names: Mapping[str, str], conference_names: Mapping[str, str]
) -> dict[str, Any]:
    """The call as it is after a verb, and the cards of the recordings that it was about."""
    return {
        "call": live_call_object(steered.call, base_url, names, conference_names),
        "recordings": [recording_object(recording, base_url) for recording in steered.recordings],
    }


def _recording(recording: LiveRecording) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(recording.id),
        "phase": str(recording.phase),
        "wish": wish_object(recording.wish),
        "asked_at": iso_ms(recording.asked_at),
        "began_at": recording.began_at and iso_ms(recording.began_at),
        "ended_at": recording.ended_at and iso_ms(recording.ended_at),
        "rule": recording.rule,
        "pause_silent": recording.pause_silent,
    }
    return {name: value for name, value in said.items() if value is not None}


def _party(party: Party) -> dict[str, Any]:
    return {name: value for name, value in asdict(party).items() if value is not None}
