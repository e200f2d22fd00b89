"""Core to wire: one function a noun.  What is unknown is left out; nothing is null."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from callvault.dialects.bird import requests, words
from callvault.dialects.contract import Terms, Visit
from callvault.dialects.toolbox.ids import read_uuid
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.links import link_to
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import NotFound
from callvault.model.actor import Account, Scope
from callvault.model.party import Party
from callvault.model.query import RecordingSlice
from callvault.model.recording import Recording
from callvault.wire import WireReply

JSON = "application/json; charset=UTF-8"
ZERO_TIME = "0001-01-01T00:00:00Z"
"""What a call's recording that goes on says of its end: the zero time of Go."""


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """``results``, and ``nextPageToken`` where anything follows."""
    return _list(page, visit, lambda item: recording_object(item, visit))


def say_list_of_call(page: RecordingSlice, visit: Visit) -> WireReply:
    """The same envelope round another shape; what another channel carried is not there."""
    return _list(page, visit, lambda item: call_recording_object(item) if _on_channel(item, visit) else None)


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """One object, or where its audio is.

    Raises:
        NotFound: its audio is asked for, and there is nothing to hear.
    """
    _, form = words.split_extension(visit.request.parts["recording"])
    if form is None:
        return json_reply(recording_object(recording, visit), content_type=JSON)
    link = link_to(recording, form, visit.terms)
    if link is None:
        raise NotFound("audio of recording", words.recording_id(recording))
    return WireReply(status=307, headers=(("location", link), ("cache-control", "no-store")))


def say_one_of_call(recording: Recording, visit: Visit) -> WireReply:
    """One object in the shape of a call's recordings.

    Raises:
        NotFound: another channel carried the call.
    """
    if not _on_channel(recording, visit):
        raise NotFound("recording", words.recording_id(recording))
    return json_reply(call_recording_object(recording), content_type=JSON)


def say_deleted(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def recording_object(recording: Recording, visit: Visit) -> dict[str, Any]:
    """The page's keys, in the order of its sample."""
    kept = recording.extras.get(words.NAME, {})
    form = words.FORMAT[recording.format]
    item: dict[str, Any] = {"id": words.recording_id(recording), "sourceId": words.source_id(recording)}
    if (channel := words.channel_id(recording)) is not None:
        item["channelId"] = channel
    if originator := _party(recording.caller):
        item["originator"] = originator
    if receiver := _party(recording.callee):
        item["receiver"] = receiver
    item["source"] = words.SOURCE[recording.source]
    item["direction"] = words.DIRECTION[recording.direction]
    item["origin"] = words.ORIGIN[recording.origin]
    item["status"] = words.status_word(recording)
    item["duration"] = recording.duration_ms // 1000
    item["format"] = str(form)
    item["stereo"] = recording.channels == 2
    item["transcription"] = kept.get("transcription") is True
    if (conference := words.conference_id(recording)) is not None:
        item["conferenceId"] = conference
    if visit.actor.may(Scope.MEDIA) and (link := link_to(recording, form, visit.terms)):
        item["url"] = link
    if (room := kept.get("roomInfoUrl")) is not None:
        item["roomInfoUrl"] = room
    item["createdAt"] = iso_ms(recording.created_at)
    item["updatedAt"] = iso_ms(recording.updated_at)
    item["startedAt"] = iso_ms(recording.started_at)
    if recording.ended_at is not None:
        item["endedAt"] = iso_ms(recording.ended_at)
    return item


def call_recording_object(recording: Recording) -> dict[str, Any]:
    """The narrower shape of a call's recordings: no parties, no link."""
    return _known(
        {
            "id": words.recording_id(recording),
            "callId": words.call_id(recording),
            "channelId": words.channel_id(recording),
            "status": words.status_word(recording),
            "origin": words.ORIGIN[recording.origin],
            "duration": recording.duration_ms // 1000,
            "stereo": recording.channels == 2,
            "createdAt": iso_ms(recording.created_at),
            "updatedAt": iso_ms(recording.updated_at),
            "startedAt": iso_ms(recording.started_at),
            "endedAt": _time(recording.ended_at) or ZERO_TIME,
        }
    )


def names(recording: Recording, account: Account, terms: Terms) -> Mapping[str, str]:
    """What Bird's clients call it.  The media's URL redirects to a link that lives for ten minutes."""
    url = f"{terms.base_url}/workspaces/{account.id}/recordings/{words.recording_id(recording)}"
    return {
        "recording_id": words.recording_id(recording),
        "source_id": words.source_id(recording),
        "call_id": words.call_id(recording),
        "url": url,
        "media_url": f"{url}.{words.FORMAT[recording.format]}",
    }


def _list(page: RecordingSlice, visit: Visit, shape: Callable[[Recording], dict[str, Any] | None]) -> WireReply:
    document: dict[str, Any] = {"results": [shown for item in page.items if (shown := shape(item)) is not None]}
    if page.next is not None:
        document["nextPageToken"] = requests.page_token(visit, page.next)
    return json_reply(document, content_type=JSON)


def _on_channel(recording: Recording, visit: Visit) -> bool:
    """Whether the path's channel is the one that carried the call, as far as that can be said here."""
    channel = words.channel_id(recording)
    return channel is None or read_uuid(channel) == read_uuid(visit.request.parts["channel"])


def _party(party: Party) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if contact := _contact(party):
        told["contact"] = contact
    number: dict[str, Any] = {}
    public = party.number is not None and words.is_e164(party.number)
    if kind := party.kind or ("pstn" if public else None):
        number["type"] = kind
    if party.number is not None:
        number["number"] = party.number[1:] if public else party.number
    if party.anonymous is not None:
        number["anonymous"] = party.anonymous
    if party.name is not None:
        number["callerIdName"] = party.name
    # The sample leaves it out where the contact's identifier already says it
    if identity := party.identity or (party.number if public and not contact else None):
        number["identity"] = identity
    if party.country is not None:
        number["countryIsoCode"] = party.country
    if number:
        told["number"] = number
    return told


def _contact(party: Party) -> dict[str, str]:
    contact: dict[str, str] = {}
    if party.contact_id is not None:
        contact["id"] = party.contact_id
    if party.contact_key is not None:
        contact["identifierKey"] = party.contact_key
    if party.contact_value is not None:
        contact["identifierValue"] = party.contact_value
    return contact


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso_ms(moment)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
