"""Recordings one by one: kept, read, changed, with everything that follows a row: transcription, aliases, counters.

Writers answer what they did and what it means for the counters; the engine brings these up to date in the same
transaction, as its last statements, so that the rows that all writers share are held for the shortest time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from callvault.catalogue import codes, counters, rows
from callvault.catalogue.accounts import Directory
from callvault.catalogue.aliases import add_aliases, aliases_of
from callvault.catalogue.capture_rows import add_capture, forget_capture
from callvault.catalogue.codes import check_key, keepable
from callvault.catalogue.counters import Delta
from callvault.catalogue.deliveries import post
from callvault.catalogue.steps import Steps, ask_all, ask_each, ask_one
from callvault.catalogue.store import Added
from callvault.errors import Conflict, NotFound
from callvault.model.capture import Captured
from callvault.model.events import Event
from callvault.model.recording import Recording, Status

Result = TypeVar("Result")

_PLACES = ", ".join(f"${place}" for place in range(1, len(rows.COLUMNS) + 2))
_INSERT = (
    f"INSERT INTO recordings (account, {', '.join(rows.COLUMNS)}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING RETURNING 1"
)
_UPDATE = (
    f"UPDATE recordings SET {', '.join(f'{name} = ${place}' for place, name in enumerate(rows.COLUMNS[1:], 3))}"
    f" WHERE id = $2 AND account = $1 AND revision = ${len(rows.COLUMNS) + 2} RETURNING 1"
)
_SAY = (
    "INSERT INTO transcriptions (recording_id, account, id, status, created, said) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (recording_id) DO UPDATE"
    " SET id = excluded.id, status = excluded.status, created = excluded.created, said = excluded.said RETURNING 1"
)
_UNSHIP = "DELETE FROM shipments WHERE recording_id = $1 RETURNING 1"
"""Nothing of what was deleted shall go anywhere any more."""
_ONE = f"SELECT r.account, {rows.SELECTED} FROM recordings AS r WHERE r.id = $1"
_TAKEN = (
    f"SELECT {rows.SELECTED} FROM intake_keys AS k JOIN recordings AS r ON r.id = k.recording_id"
    " WHERE k.account = $1 AND k.intake_key = $2 AND r.status > 0"
)
_CLAIM = (
    "INSERT INTO intake_keys (account, intake_key, recording_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1"
)
_LEFT_BEHIND = (
    "SELECT k.recording_id FROM intake_keys AS k WHERE k.account = $1 AND k.intake_key = $2"
    " AND NOT EXISTS (SELECT 1 FROM recordings AS r WHERE r.id = k.recording_id AND r.status > 0)"
)
_INHERIT = (
    "UPDATE intake_keys SET recording_id = $3 WHERE account = $1 AND intake_key = $2 AND recording_id = $4 RETURNING 1"
)


class Written(NamedTuple, Generic[Result]):
    """What a writer answers."""

    result: Result
    deltas: Sequence[Delta] = ()


def plain(steps: Steps[Result]) -> Steps[Written[Result]]:
    """Steps that mean nothing to the counters."""
    return Written((yield from steps))


def add(
    directory: Directory,
    recording: Recording,
    intake_key: str | None,
    events: Sequence[Event] = (),
    captured: Captured | None = None,
) -> Steps[Written[Added]]:
    """See ``Catalogue.add``."""
    serial = yield from directory.serial_or_refuse(recording.account_id)
    if intake_key is not None:
        known = yield from _claim(serial, recording, check_key(intake_key, "intake_key"))
        if known is not None:
            return Written(Added(recording=known, fresh=False))
    kept = rows.as_stored(recording)
    row = rows.recording_row(kept)
    if not (yield from ask_all(_INSERT, serial, *row)):
        raise Conflict(f"There is a recording with the id {recording.id} already.")
    yield from _say(serial, [kept])
    yield from add_aliases(serial, kept)
    if captured is not None:
        yield from add_capture(serial, kept.id, captured)
    yield from post(serial, kept, events, fresh=True)
    return Written(Added(recording=kept, fresh=True), _deltas(serial, row, 1))


def add_all(directory: Directory, recordings: Sequence[Recording]) -> Steps[Written[int]]:
    """See ``Catalogue.add_all``."""
    kept: dict[int, list[Recording]] = {}
    for recording in recordings:
        serial = yield from directory.serial_or_refuse(recording.account_id)
        kept.setdefault(serial, []).append(rows.as_stored(recording))
    deltas: list[Delta] = []
    for serial, entries in sorted(kept.items()):
        written = sorted(((serial, *rows.recording_row(entry)) for entry in entries), key=itemgetter(1))
        fresh = yield from ask_each(_INSERT, written)
        if len(fresh) < len(written):
            raise Conflict(f"{len(written) - len(fresh)} of the recordings have ids that are taken already.")
        yield from _say(serial, entries)
        for entry in entries:
            if entry.foreign:
                yield from add_aliases(serial, entry)
        for _, *row in written:
            deltas += _deltas(serial, row, 1)
    return Written(len(recordings), deltas)


def _deltas(serial: int, row: Sequence[Any], more: int) -> tuple[Delta, Delta]:
    return counters.deltas(serial, (row[rows.STATUS], row[rows.STARTED], row[rows.CREATED]), more)


def _claim(serial: int, recording: Recording, intake_key: str | None) -> Steps[Recording | None]:
    """Take an intake key, or answer the living recording that has it."""
    while True:  # once, unless somebody else takes the key of a deleted recording between two of these statements
        if (yield from ask_all(_CLAIM, serial, intake_key, recording.id.bytes)):
            return None
        known = yield from ask_one(_TAKEN, serial, intake_key)
        if known is not None:
            return rows.recording_of(known, recording.account_id)
        dead = yield from ask_one(_LEFT_BEHIND, serial, intake_key)
        if dead is not None and (yield from ask_all(_INHERIT, serial, intake_key, recording.id.bytes, dead[0])):
            return None


def _say(serial: int, recordings: Sequence[Recording]) -> Steps[None]:
    yield from ask_each(
        _SAY,
        [
            (
                recording.id.bytes,
                serial,
                said.id.bytes,
                codes.TRANSCRIPTION_STATUS[said.status],
                codes.milliseconds(said.created_at),
                rows.said_row(said),
            )
            for recording in recordings
            if (said := recording.transcription) is not None
        ],
    )


def taken(directory: Directory, account_id: UUID, intake_key: str) -> Steps[Recording | None]:
    """See ``Catalogue.taken``."""
    serial = yield from directory.serial(account_id)
    if serial is None or not keepable(intake_key):
        return None
    found = yield from ask_one(_TAKEN, serial, intake_key)
    return None if found is None else rows.recording_of(found, account_id)


def get(directory: Directory, recording_id: UUID, account_id: UUID | None) -> Steps[Recording | None]:
    """See ``Catalogue.get``."""
    found = yield from ask_one(_ONE, recording_id.bytes)
    if found is None:
        return None
    serial, *row = found
    owner = yield from directory.id(serial)
    return rows.recording_of(row, owner) if account_id in (None, owner) else None


def change(
    directory: Directory, recording: Recording, expected: int, events: Sequence[Event] = ()
) -> Steps[Written[Recording]]:
    """See ``Catalogue.change``."""
    serial = yield from directory.serial_or_refuse(recording.account_id)
    found = yield from ask_one(f"{_ONE} AND r.account = $2", recording.id.bytes, serial)
    if found is None:
        raise NotFound("recording", str(recording.id))
    _, *old = found
    before = rows.recording_of(old, recording.account_id)
    kept = rows.as_stored(replace(recording, revision=expected + 1))
    row = rows.recording_row(kept)
    if before.revision != expected or not (yield from ask_all(_UPDATE, serial, *row, expected)):
        raise Conflict(f"The recording {recording.id} was changed by somebody else meanwhile; read it again.")
    if kept.transcription is None and before.transcription is not None:
        yield from ask_all("DELETE FROM transcriptions WHERE recording_id = $1 RETURNING 1", recording.id.bytes)
    elif kept.transcription != before.transcription:
        yield from _say(serial, [kept])
    if kept.foreign or before.foreign:
        yield from add_aliases(serial, kept, known=aliases_of(before))
    if kept.status is Status.DELETED and before.status is not Status.DELETED:
        yield from forget_capture(kept.id)
        yield from ask_all(_UNSHIP, kept.id.bytes)
    yield from post(serial, kept, events, fresh=False)
    return Written(kept, (*_deltas(serial, old, -1), *_deltas(serial, row, 1)))
