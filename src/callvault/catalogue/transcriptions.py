"""Transcriptions as a list of their own: the recordings that have one, by when it was asked for.

Totals and page numbers are counted, at the cost of what matches: transcripts are few beside recordings.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from callvault.catalogue import codes, rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import moment_of, uuid_of, window
from callvault.catalogue.steps import Steps, ask_all, ask_one
from callvault.model.query import Position, RecordingSlice, Slice, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import TranscriptionStatus

_FROM = "FROM transcriptions AS t JOIN recordings AS r ON r.id = t.recording_id"
_AWAITED = codes.TRANSCRIPTION_STATUS[TranscriptionStatus.PROCESSING]
_FIRST_ID, _LAST_ID = bytes(16), b"\xff" * 16


def find(directory: Directory, query: TranscriptionQuery) -> Steps[RecordingSlice]:
    """See ``Catalogue.find_transcriptions``."""
    serial = yield from directory.serial(query.account_id)
    least, most = window(query.created)
    if serial is None or least > most:
        return Slice(items=(), more=False, total=0 if query.with_total else None)
    terms = ["t.account = $1", "t.created >= $2", "t.created <= $3", "r.status > 0"]
    values: list[Any] = [serial, least, most]
    if query.recording_id is not None:
        values.append(query.recording_id.bytes)
        terms.append(f"t.recording_id = ${len(values)}")
    total = None
    if query.with_total:
        counted = yield from ask_one(f"SELECT count(*) {_FROM} WHERE {' AND '.join(terms)}", *values)
        total = int(counted[0]) if counted else 0
    sense, sign = ("DESC", "<") if query.descending else ("ASC", ">")
    place = query.after or query.at
    if place is not None:
        values += [codes.milliseconds(place.at), place.id.bytes]
        terms.append(f"(t.created, t.id) {sign}{'' if query.after else '='} (${len(values) - 1}, ${len(values)})")
    skip = (query.page - 1) * query.limit if query.page else 0
    values += [query.limit + 1, skip]
    found = yield from ask_all(
        f"SELECT t.created, t.id, {rows.SELECTED} {_FROM} WHERE {' AND '.join(terms)}"
        f" ORDER BY t.created {sense}, t.id {sense} LIMIT ${len(values) - 1} OFFSET ${len(values)}",
        *values,
    )
    more = len(found) > query.limit
    return Slice(
        items=tuple([rows.recording_of(row[2:], query.account_id) for row in found[: query.limit]]),
        more=more,
        next=Position(at=moment_of(found[-1][0]), id=uuid_of(found[-1][1])) if more else None,
        total=total,
    )


def transcribed(directory: Directory, account_id: UUID, transcription_id: UUID) -> Steps[Recording | None]:
    """See ``Catalogue.transcribed``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_one(
        f"SELECT {rows.SELECTED} {_FROM} WHERE t.id = $1 AND t.account = $2", transcription_id.bytes, serial
    )
    return None if found is None else rows.recording_of(found, account_id)


def awaited(directory: Directory) -> Steps[list[Recording]]:
    """See ``Catalogue.awaited_transcriptions``."""
    found = yield from ask_all(
        f"SELECT r.account, {rows.SELECTED} {_FROM} WHERE t.status = {_AWAITED} AND r.status > 0 ORDER BY t.created"
    )
    recordings = []
    for serial, *row in found:
        owner = yield from directory.id(serial)
        recordings.append(rows.recording_of(row, owner))
    return recordings
