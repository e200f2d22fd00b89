"""Transcriptions of recordings: a list, one, and its deletion; wire to core and back.

The page's ``meta`` has cursors, and the vendor's clients page by number all the same: given cursors alone they ask for
page 2 for ever (seen with 4.189.0).  So ``meta`` says both.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import words
from callvault.dialects.telnyx.requests import page_number, page_size, span
from callvault.dialects.toolbox.ids import read_uuid
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.pages import read_token, write_token
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import BadRequest, NotFound
from callvault.model.query import Position, RecordingSlice, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import TranscriptionStatus
from callvault.vault.commands import Ref
from callvault.vault.transcription_commands import DeleteTranscription, FindTranscriptions, GetTranscription
from callvault.wire import WireReply

ROOT = "/v2/recording_transcriptions"
FILTERS = frozenset({"filter[recording_id]", "filter[created_at][gte]", "filter[created_at][lte]"})

STATUS: dict[TranscriptionStatus, str] = {
    TranscriptionStatus.PROCESSING: "in-progress",
    TranscriptionStatus.AVAILABLE: "completed",
    TranscriptionStatus.FAILED: "completed",
    TranscriptionStatus.TIMED_OUT: "completed",
    TranscriptionStatus.TOO_LONG: "completed",
    TranscriptionStatus.TOO_SHORT: "completed",
}
"""The wire knows two; what came to nothing is completed, and has no text."""


def transcriptions(visit: Visit) -> FindTranscriptions:
    """Newest first.

    Raises:
        BadRequest: a filter is unknown, or a time or a page malformed.
    """
    request = visit.request
    for name, value in request.query:
        if name.startswith("filter") and name not in FILTERS:
            known = ", ".join(sorted(FILTERS))
            raise BadRequest(f"{name} is not a filter of this list, which has {known}.", field=name, value=value)
    recording, after = request.first("filter[recording_id]"), request.first("page[after]")
    return FindTranscriptions(
        query=TranscriptionQuery(
            account_id=visit.account.id,
            created=span(request, "created_at"),
            limit=page_size(request),
            page=None if after else page_number(request),
            after=read_token(after, "page[after]") if after else None,
            with_total=True,
        ),
        recording=None if recording is None else words.recording_ref(recording),
    )


def one(visit: Visit) -> GetTranscription:
    """One transcription."""
    return GetTranscription(account_id=visit.account.id, transcription=_transcription(visit))


def delete(visit: Visit) -> DeleteTranscription:
    """The words alone."""
    return DeleteTranscription(account_id=visit.account.id, transcription=_transcription(visit))


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """``data`` and both kinds of ``meta``."""
    number, size, total = page_number(visit.request), page_size(visit.request), page.total or 0
    cursors = [write_token(_position(item)) for item in (*page.items[:1], *page.items[-1:])]
    filters = [(name, value) for name, value in visit.request.query if name in FILTERS]
    behind = [*filters, ("page[after]", cursors[-1] if cursors else ""), ("page[size]", size)]
    return json_reply(
        {
            "data": [transcription_object(item) for item in page.items],
            "meta": {
                "cursors": {"before": cursors[0] if cursors else None, "after": cursors[-1] if page.more else None},
                "next": f"{ROOT}?{urlencode(behind)}" if page.more else None,
                "previous": None,
                "page_number": number,
                "page_size": size,
                "total_pages": -(-total // size),
                "total_results": total,
            },
        }
    )


def say_one(recording: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """One object; of a deletion, what it was."""
    return json_reply({"data": transcription_object(recording)})


def transcription_object(recording: Recording) -> dict[str, Any]:
    """The text is there once it is completed."""
    said = recording.transcription
    if said is None:
        raise NotFound("transcription of recording", words.recording_id(recording))
    done = said.status is TranscriptionStatus.AVAILABLE
    return {
        "id": recording.foreign_id(words.NAME, "transcription") or str(said.id),
        "record_type": "recording_transcription",
        "recording_id": words.recording_id(recording),
        "status": STATUS[said.status],
        "transcription_text": said.text if done else None,
        "duration_millis": recording.duration_ms,
        "created_at": iso_ms(said.created_at),
        "updated_at": iso_ms(said.updated_at),
    }


def _transcription(visit: Visit) -> Ref:
    text = visit.request.parts["transcription"]
    return Ref(dialect=words.NAME, kind="transcription", text=text, computed=read_uuid(text))


def _position(recording: Recording) -> Position:
    said = recording.transcription
    if said is None:
        raise NotFound("transcription of recording", words.recording_id(recording))
    return Position(at=said.created_at, id=said.id)
