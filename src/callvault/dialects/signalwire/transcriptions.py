"""Transcriptions: an account's, a recording's, one, and its deletion; wire to core and back.

A recording has one transcription here at most, so a recording's list has one item or none.
"""

from __future__ import annotations

from typing import Any

from callvault.dialects.contract import Visit
from callvault.dialects.signalwire import pages, paths, words
from callvault.dialects.signalwire.replies import document, list_reply, root_of
from callvault.dialects.signalwire.requests import account_of, created, recording_of
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.times import rfc2822
from callvault.errors import NotFound
from callvault.model.query import Position, RecordingSlice, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import Transcription, TranscriptionStatus
from callvault.vault.commands import GetRecording, Ref
from callvault.vault.transcription_commands import DeleteTranscription, FindTranscriptions, GetTranscription
from callvault.wire import WireReply

TEXT = ".txt"
TEXT_TYPE = "text/plain; charset=utf-8"


def list_of_account(visit: Visit) -> FindTranscriptions:
    """Newest first; ``DateCreated`` and its two inequalities are SignalWire's, and understood from both."""
    account_id, request = account_of(visit), visit.request
    page = pages.asked(request)
    query = TranscriptionQuery(
        account_id=account_id,
        created=created(request),
        descending=not page.backwards,
        limit=page.size,
        after=page.place,
        page=page.number + 1 if page.number and page.place is None else None,
    )
    return FindTranscriptions(query=query)


def list_of_recording(visit: Visit) -> GetRecording:
    """The recording, whose transcription the answer then takes out."""
    return GetRecording(account_id=account_of(visit), recording=recording_of(visit))


def one(visit: Visit) -> GetTranscription:
    """One by its id, which has to be that of the recording where the path names one."""
    return GetTranscription(
        account_id=account_of(visit), transcription=_wanted(visit)[0], recording=_recording_in_path(visit)
    )


def delete(visit: Visit) -> DeleteTranscription:
    """The words alone, whatever the path ends with."""
    return DeleteTranscription(
        account_id=account_of(visit), transcription=_wanted(visit)[0], recording=_recording_in_path(visit)
    )


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """A page with its links.  One that was read towards the front is turned round."""
    asked = pages.asked(visit.request)
    items = page.items[::-1] if asked.backwards else page.items
    return _say_page(items, visit, more=page.more)


def say_list_of_recording(recording: Recording, visit: Visit) -> WireReply:
    """A page with the recording's only transcription, or with none."""
    asked = pages.asked(visit.request)
    there = recording.transcription is not None and not asked.number and asked.place is None
    return _say_page((recording,) if there else (), visit, more=False)


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """The document, or its text alone.

    Raises:
        NotFound: its text is asked for, and nothing was written down.
    """
    ref, as_text = _wanted(visit)
    if not as_text:
        return document("transcription", transcription_object(recording, visit), visit)
    said = _said(recording)
    if said.status is not TranscriptionStatus.AVAILABLE:
        raise NotFound("text of transcription", ref.text)
    return WireReply(status=200, headers=(("content-type", TEXT_TYPE),), body=said.text.encode())


def say_deleted(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def transcription_object(recording: Recording, visit: Visit) -> dict[str, Any]:
    """The words, all channels' in one text, with the types of the caller's vendor."""
    vendor, said = paths.vendor(visit.request), _said(recording)
    sid = words.transcription_sid(recording, vendor)
    duration = words.seconds(recording.duration_ms)
    spoken = said.status is TranscriptionStatus.AVAILABLE
    return {
        "account_sid": words.write_sid(recording.account_id, "account", vendor),
        "api_version": words.API_VERSION,
        "date_created": rfc2822(said.created_at),
        "date_updated": rfc2822(said.updated_at),
        "duration": duration if vendor is Vendor.SIGNALWIRE else str(duration),
        "price": None,
        "price_unit": recording.price_unit or "USD",
        "recording_sid": words.recording_sid(recording, vendor, visit.terms.cloak_key),
        "sid": sid,
        "status": words.TRANSCRIPTION_STATUS[said.status],
        "transcription_text": said.text if spoken else None,
        "type": words.TRANSCRIPTION_TYPE[vendor],
        "uri": f"{root_of(recording, visit)}/Transcriptions/{sid}.json",
    }


def _say_page(items: tuple[Recording, ...], visit: Visit, *, more: bool) -> WireReply:
    paging = pages.paging(visit.request, pages.asked(visit.request), items, _place, more=more)
    return list_reply("transcriptions", [transcription_object(item, visit) for item in items], paging, visit)


def _place(recording: Recording) -> Position:
    said = _said(recording)
    return Position(at=said.created_at, id=said.id)


def _said(recording: Recording) -> Transcription:
    if recording.transcription is None:
        raise NotFound("transcription of recording", str(recording.id))
    return recording.transcription


def _wanted(visit: Visit) -> tuple[Ref, bool]:
    """The transcription that the path names, and whether its text alone is asked for."""
    vendor, segment = paths.vendor(visit.request), visit.request.parts["transcription"]
    if segment.endswith(TEXT):
        return words.transcription_ref(segment.removesuffix(TEXT), vendor), True
    text, _ = paths.split(segment, vendor)
    return words.transcription_ref(text, vendor), False


def _recording_in_path(visit: Visit) -> Ref | None:
    return recording_of(visit) if "recording" in visit.request.parts else None
