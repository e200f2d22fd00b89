"""Core to wire: one function a noun.  Nulls are written out; a webhook would leave them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callvault.dialects.bandwidth import words
from callvault.dialects.contract import Terms, Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.ranges import content_disposition, media_reply
from callvault.dialects.toolbox.times import duration_iso, iso_ms
from callvault.errors import NotFound
from callvault.model.actor import Account
from callvault.model.query import RecordingSlice
from callvault.model.recording import Recording
from callvault.model.transcription import Transcription
from callvault.vault.commands import OpenedMedia
from callvault.wire import WireReply

JSON = "application/json;charset=UTF-8"


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """A bare array, with no envelope and no paging."""
    terms, account = visit.terms, str(visit.account.serial)
    return json_reply([recording_object(item, account, terms) for item in page.items], content_type=JSON)


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """One object."""
    return json_reply(recording_object(recording, str(visit.account.serial), visit.terms), content_type=JSON)


def say_deleted(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def say_asked(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001
    """204, empty: it will be made."""
    return WireReply(status=204)


def say_conference_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """A bare array of another shape."""
    terms, account = visit.terms, str(visit.account.serial)
    return json_reply([conference_object(item, account, terms) for item in page.items], content_type=JSON)


def say_conference_one(recording: Recording, visit: Visit) -> WireReply:
    """One object of that shape."""
    return json_reply(conference_object(recording, str(visit.account.serial), visit.terms), content_type=JSON)


def say_media(media: OpenedMedia, visit: Visit) -> WireReply:
    """The audio."""
    name = f"{words.recording_id(media.recording)}.{media.format}"
    return media_reply(
        media,
        visit.request,
        content_type=words.CONTENT_TYPE[media.format],
        disposition=content_disposition(name, inline=False),
    )


def say_transcript(recording: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """The words, a transcript a channel."""
    if recording.transcription is None or not recording.transcription.transcripts:
        raise NotFound("transcription of recording", words.recording_id(recording))
    return json_reply(
        {
            "transcripts": [
                {"text": transcript.text, "confidence": transcript.confidence}
                for transcript in recording.transcription.transcripts
            ]
        },
        content_type=JSON,
    )


def recording_object(recording: Recording, account: str, terms: Terms) -> dict[str, Any]:
    """The seventeen fields of the page, in its order; behind them what later pages have, where it is known."""
    call, name = words.leg_id(recording), words.recording_id(recording)
    url = _url(call, name, account, terms)
    item = {
        "accountId": account,
        "callId": call,
        "parentCallId": words.parent_leg_id(recording),
        "recordingId": name,
        "to": recording.callee.number,
        "from": recording.caller.number,
        "transferCallerId": recording.transfer_caller_id,
        "transferTo": recording.transfer_to,
        "duration": duration_iso(recording.duration_ms),
        "direction": words.DIRECTION[recording.direction],
        "channels": recording.channels,
        "startTime": iso_ms(recording.started_at),
        "endTime": iso_ms(recording.ended_at) if recording.ended_at else None,
        "fileFormat": words.FILE_FORMAT[recording.format],
        "status": words.status_word(recording),
        "mediaUrl": f"{url}/media" if recording.hearable else None,
        "transcription": _transcription(recording.transcription, url),
    }
    if recording.application_id is not None:
        item["applicationId"] = recording.application_id
    if recording.label is not None:
        item["recordingName"] = recording.label
    return item


def conference_object(recording: Recording, account: str, terms: Terms) -> dict[str, Any]:
    """A recording of a conference: nobody's call, and one channel (the mix) unless it was taken in with two."""
    conference, name = words.conference_id(recording), words.recording_id(recording)
    url = f"{terms.base_url}/api/v2/accounts/{account}/conferences/{conference}/recordings/{name}"
    shown = {
        "accountId": account,
        "conferenceId": conference,
        "name": recording.conference_name,
        "recordingId": name,
        "duration": duration_iso(recording.duration_ms),
        "channels": recording.channels,
        "startTime": iso_ms(recording.started_at),
        "endTime": iso_ms(recording.ended_at) if recording.ended_at else None,
        "fileFormat": words.FILE_FORMAT[recording.format],
        "status": words.status_word(recording),
        "mediaUrl": f"{url}/media" if recording.hearable else None,
    }
    return shown if recording.label is None else {**shown, "recordingName": recording.label}


def names(recording: Recording, account: Account, terms: Terms) -> Mapping[str, str]:
    """What Bandwidth's clients call it."""
    call, name = words.leg_id(recording), words.recording_id(recording)
    url = _url(call, name, str(account.serial), terms)
    called = {
        "recording_id": name,
        "call_id": call,
        "url": url,
        "media_url": f"{url}/media",
    }
    conference = words.conference_id(recording)
    return called if conference is None else {**called, "conference_id": conference}


def _url(call: str, recording: str, account: str, terms: Terms) -> str:
    return f"{terms.base_url}/api/v2/accounts/{account}/calls/{call}/recordings/{recording}"


def _transcription(transcription: Transcription | None, url: str) -> dict[str, Any] | None:
    if transcription is None:
        return None
    return {
        "id": words.transcription_id(transcription.id),
        "url": f"{url}/transcription",
        "status": words.TRANSCRIPTION_STATUS[transcription.status],
        "completedTime": iso_ms(transcription.completed_at) if transcription.completed_at else None,
    }
