"""Transcriptions of a workspace's recordings: asked for, listed, one, and its words as a file; both ways."""

from __future__ import annotations

import re
from typing import Any

from callvault.dialects.bird import captions, words
from callvault.dialects.bird.captions import Caption
from callvault.dialects.bird.replies import JSON
from callvault.dialects.bird.requests import LIMIT, MOST, asked_of, page_token, workspace_of
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.ids import read_uuid
from callvault.dialects.toolbox.jsons import json_object, json_reply
from callvault.dialects.toolbox.parameters import whole_number
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import BadRequest, NotFound
from callvault.model.query import RecordingSlice, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import Transcription, TranscriptionStatus
from callvault.vault.transcription_commands import FindTranscriptions, GetTranscription, RequestTranscription
from callvault.wire import WireReply

UNKNOWN_LOCALE = "und"
"""BCP 47's word for a language that nobody told; the key has to be there."""

_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}", re.ASCII)
_IDS = ("messageId", "conversationId", "recordingId")


def request(visit: Visit) -> RequestTranscription:
    """Somebody shall write the recording down.

    Raises:
        BadRequest: the body is no JSON object, has no locale, or an id that is none.
    """
    workspace, body = workspace_of(visit), json_object(visit.request.body, '{"locale": "en-US"}')
    locale = body.get("locale")
    if not isinstance(locale, str) or _LOCALE.fullmatch(locale) is None:
        raise BadRequest("locale must be a locale such as en-US.", field="locale", value=str(locale))
    for name in _IDS:
        if name in body and (not isinstance(body[name], str) or read_uuid(body[name]) is None):
            raise BadRequest(f"{name} must be a UUID.", field=name, value=str(body[name]))
    recording = words.recording_ref(visit.request.parts["recording"])
    if body.get("recordingId", recording.text).lower() != recording.text.lower():
        raise BadRequest("recordingId is another recording than the path's.", field="recordingId")
    return RequestTranscription(account_id=workspace, recording=recording, locale=locale)


def transcriptions(visit: Visit) -> FindTranscriptions:
    """Newest first, by page token.

    Raises:
        BadRequest: the limit is out of its range, or the token none of ours.
    """
    workspace = workspace_of(visit)
    asked, position = asked_of(visit)
    limit = whole_number(asked.get("limit"), "limit", default=LIMIT, least=1, most=MOST)
    return FindTranscriptions(query=TranscriptionQuery(account_id=workspace, limit=limit, at=position))


def one(visit: Visit) -> GetTranscription:
    """What is known of one; its words, where the id has an extension or the query names a format.

    Raises:
        BadRequest: the format is unknown.
    """
    name, _ = _wanted(visit)
    return GetTranscription(account_id=workspace_of(visit), transcription=words.transcription_ref(name))


def say_requested(recording: Recording, visit: Visit) -> WireReply:
    """202: it is being made, or has come to nothing already."""
    return json_reply(transcription_object(recording, visit), status=202, content_type=JSON)


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """``results``, and ``nextPageToken`` where anything follows."""
    document: dict[str, Any] = {"results": [transcription_object(item, visit) for item in page.items]}
    if page.next is not None:
        document["nextPageToken"] = page_token(visit, page.next)
    return json_reply(document, content_type=JSON)


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """One object, or its words.

    Raises:
        NotFound: its words are asked for, and nothing was written down.
    """
    name, form = _wanted(visit)
    if form is None:
        return json_reply(transcription_object(recording, visit), content_type=JSON)
    said = _said(recording)
    if said.status is not TranscriptionStatus.AVAILABLE:
        raise NotFound("text of transcription", name)
    body = captions.content(form, recording, said, words.transcription_id(recording, said))
    return WireReply(status=200, headers=(("content-type", captions.CONTENT_TYPE[form]),), body=body)


def transcription_object(recording: Recording, visit: Visit) -> dict[str, Any]:
    """The vendor's keys; ``url`` once there is something to be fetched from it."""
    said = _said(recording)
    name = words.transcription_id(recording, said)
    shown: dict[str, Any] = {
        "id": name,
        "recordingId": words.recording_id(recording),
        "status": words.TRANSCRIPTION_STATUS[said.status],
        "stereo": recording.channels == 2,
        "locale": said.locale or UNKNOWN_LOCALE,
        "createdAt": iso_ms(said.created_at),
        "updatedAt": iso_ms(said.updated_at),
    }
    if said.status is TranscriptionStatus.AVAILABLE:
        shown["url"] = f"{visit.terms.base_url}/workspaces/{visit.account.id}/transcriptions/{name}.{Caption.JSON}"
    return shown


def _said(recording: Recording) -> Transcription:
    if recording.transcription is None:
        raise NotFound("transcription of recording", words.recording_id(recording))
    return recording.transcription


def _wanted(visit: Visit) -> tuple[str, Caption | None]:
    """The id, and the form that an extension behind it or else the query's ``format`` asks for."""
    segment, asked = visit.request.parts["transcription"], visit.request.first("format")
    stem, _, extension = segment.rpartition(".")
    if stem and extension in set(Caption):
        return stem, Caption(extension)
    if asked is None:
        return segment, None
    if asked not in set(Caption):
        raise BadRequest(f"format must be one of {', '.join(Caption)}, not {asked!r}.", field="format", value=asked)
    return segment, Caption(asked)
