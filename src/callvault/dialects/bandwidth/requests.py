"""Wire to core: one function an operation."""

from __future__ import annotations

from uuid import UUID

from callvault.dialects.bandwidth import words
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.parameters import telephone
from callvault.dialects.toolbox.times import parse_iso
from callvault.errors import NotAllowed
from callvault.model.query import Axis, RecordingQuery, Span
from callvault.model.recording import Source
from callvault.vault.commands import DeleteMedia, DeleteRecording, FindRecordings, GetRecording, OpenMedia

MOST = 1000


def list_of_account(visit: Visit) -> FindRecordings:
    """``from``, ``to``, ``minStartTime`` (inclusive), ``maxStartTime`` (exclusive)."""
    return FindRecordings(query=_query(visit))


def list_of_call(visit: Visit) -> FindRecordings:
    """A call's recordings; older clients send the account list's filters here too."""
    return FindRecordings(query=_query(visit), call=words.call_ref(visit.request.parts["call"]))


def one(visit: Visit) -> GetRecording:
    """One recording, or its transcript."""
    parts = visit.request.parts
    return GetRecording(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
    )


def delete(visit: Visit) -> DeleteRecording:
    """Metadata, media and transcription at once."""
    parts = visit.request.parts
    return DeleteRecording(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
    )


def media(visit: Visit) -> OpenMedia:
    """The audio as the entry's ``fileFormat`` calls it, whatever ``Accept`` says: the SDKs ask for JSON here."""
    parts = visit.request.parts
    return OpenMedia(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
        among=tuple(words.CONTENT_TYPE),
    )


def account_of(visit: Visit) -> UUID:
    """The path's account, which has to be the caller's: Bandwidth says 403 to any other, be there one or not."""
    if visit.request.parts["account"] != str(visit.account.serial):
        raise NotAllowed("Access is denied")
    return visit.account.id


def delete_media(visit: Visit) -> DeleteMedia:
    """The audio alone; the metadata says ``deleted`` from then on."""
    parts = visit.request.parts
    return DeleteMedia(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
    )


def list_of_conference(visit: Visit) -> FindRecordings:
    """A conference's recordings; it takes no filters."""
    query = RecordingQuery(
        account_id=account_of(visit), source=Source.CONFERENCE, axis=Axis.STARTED, descending=False, limit=MOST
    )
    return FindRecordings(query=query, conference=words.conference_ref(visit.request.parts["conference"]))


def one_of_conference(visit: Visit) -> GetRecording:
    """One recording of a conference."""
    parts = visit.request.parts
    return GetRecording(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        conference=words.conference_ref(parts["conference"]),
    )


def media_of_conference(visit: Visit) -> OpenMedia:
    """Its audio, whatever ``Accept`` says."""
    parts = visit.request.parts
    return OpenMedia(
        account_id=account_of(visit),
        recording=words.recording_ref(parts["recording"]),
        conference=words.conference_ref(parts["conference"]),
        among=tuple(words.CONTENT_TYPE),
    )


def _query(visit: Visit) -> RecordingQuery:
    request = visit.request
    least, most = request.first("minStartTime"), request.first("maxStartTime")
    return RecordingQuery(
        account_id=account_of(visit),
        source=Source.CALL,
        from_number=telephone(request.first("from")),
        to_number=telephone(request.first("to")),
        started=Span(
            from_=parse_iso(least, "minStartTime") if least is not None else None,
            before=parse_iso(most, "maxStartTime") if most is not None else None,
        ),
        axis=Axis.STARTED,
        descending=False,
        limit=MOST,
    )
