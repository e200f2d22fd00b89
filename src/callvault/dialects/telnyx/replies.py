"""Core to wire: one function a noun.  Nulls are written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.telnyx import words
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.links import link_to
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import NotFound
from callvault.model.actor import Account, Scope
from callvault.model.media import MediaFormat
from callvault.model.query import RecordingSlice
from callvault.model.recording import Recording, Status
from callvault.wire import WireReply

LIST_SHAPE = "telnyx_list_shape"
"""The setting: ``superset`` unless the operator says ``flat`` or ``nested``."""
DOWNLOADS = (MediaFormat.MP3, MediaFormat.WAV)


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """``data`` and ``meta``; clients stop when ``page_number`` has reached ``total_pages``."""
    query, total = page.query, page.total or 0
    number, size = (query.page or 1, query.limit) if query is not None else (1, len(page.items))
    return json_reply(
        {
            "data": [_element(item, visit) for item in page.items],
            "meta": {
                "total_pages": -(-total // size) if size else 0,
                "total_results": total,
                "page_number": number,
                "page_size": size,
            },
        }
    )


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """One object.

    Raises:
        NotFound: it is not available; this API knows finished recordings only.
    """
    if recording.status is not Status.AVAILABLE:
        raise NotFound("recording", words.recording_id(recording))
    return json_reply({"data": recording_object(recording, _links(recording, visit))})


def say_deleted(recording: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """200 with what it was; there is nothing left to download."""
    return json_reply({"data": recording_object(recording, {})})


def say_several_deleted(_: Sequence[Recording], visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """200 and a word: no ``data`` here, and never 204, which the vendor's client cannot read."""
    return json_reply({"status": "ok"})


def recording_object(recording: Recording, links: Mapping[str, str]) -> dict[str, Any]:
    """The fifteen fields of the page, in its order, then the four that later versions of it have."""
    return {**page_fields(recording, links), **later_fields(recording)}


def page_fields(recording: Recording, links: Mapping[str, str]) -> dict[str, Any]:
    """What the page of the list prints, and no more."""
    return {
        "call_control_id": words.call_control_id(recording),
        "call_leg_id": words.call_leg_id(recording),
        "call_session_id": words.call_session_id(recording),
        "channels": words.CHANNELS[recording.channels],
        "conference_id": words.conference_id(recording),
        "created_at": iso_ms(recording.created_at),
        "download_urls": links,
        "duration_millis": recording.duration_ms,
        "id": words.recording_id(recording),
        "record_type": "recording",
        "recording_started_at": iso_ms(recording.started_at),
        "recording_ended_at": iso_ms(recording.ended_at) if recording.ended_at else None,
        "source": words.SOURCE[recording.source],
        "status": words.STATUS,
        "updated_at": iso_ms(recording.updated_at),
    }


def later_fields(recording: Recording) -> dict[str, Any]:
    """What the vendor's specifications have had since."""
    return {
        "connection_id": recording.connection_id,
        "from": recording.caller.number,
        "to": recording.callee.number,
        "initiated_by": words.INITIATED_BY[recording.origin],
    }


def names(recording: Recording, account: Account, terms: Terms) -> Mapping[str, str]:  # noqa: ARG001 - the key says whose
    """What Telnyx's clients call it.  The media's URL is a link that lives for ten minutes."""
    called = {
        "recording_id": words.recording_id(recording),
        "call_leg_id": words.call_leg_id(recording),
        "call_session_id": words.call_session_id(recording),
        "call_control_id": words.call_control_id(recording),
        "url": f"{terms.base_url}/v2/recordings/{words.recording_id(recording)}",
    }
    conference = words.conference_id(recording)
    if conference is not None:
        called["conference_id"] = conference
    media = link_to(recording, recording.format if recording.format in DOWNLOADS else MediaFormat.WAV, terms)
    return called if media is None else {**called, "media_url": media}


def _element(recording: Recording, visit: Visit) -> dict[str, Any]:
    """An element of the list.

    The vendor's page prints the fields within a ``data`` of their own, its specifications before and after print them
    flat, and working clients read one or the other: an element that is flat and has the nested copy serves all.
    """
    printed = page_fields(recording, _links(recording, visit))
    shape = visit.terms.settings.get(LIST_SHAPE, "superset")
    if shape == "nested":
        return {"data": printed}
    element = printed | later_fields(recording)
    if shape != "flat":
        element["data"] = printed
    return element


def _links(recording: Recording, visit: Visit) -> dict[str, str]:
    """Both forms, whichever was recorded; none for a caller who may not listen."""
    links: dict[str, str] = {}
    if visit.actor.may(Scope.MEDIA):
        for form in DOWNLOADS:
            if link := link_to(recording, form, visit.terms):
                links[str(form)] = link
    return links
