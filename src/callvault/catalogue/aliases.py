"""Aliases: the ids that vendors gave, each standing for one core id within an account and a dialect.

They are written from ``Recording.foreign``.  Several recordings of one call bring the same alias for it; that is fine
as long as they mean the same call.  An alias is let go when the last living recording that it belongs to is deleted and
somebody else needs it, and when its recording stops naming it.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from callvault.catalogue.codes import check_key, keepable, uuid_of
from callvault.catalogue.steps import Steps, ask_each, ask_one
from callvault.errors import Conflict
from callvault.model.recording import Recording

AliasKey = tuple[str, str, str]
"""Dialect, kind and the vendor's id."""

_LIVING: Mapping[str, str] = {
    "recording": "id = $2",
    "call": "account = $1 AND call_id = $2",
    "parent_call": "account = $1 AND call_id = $2",
    "call_control": "account = $1 AND call_id = $2",
    "session": "account = $1 AND call_session_id = $2",
    "conference": "account = $1 AND conference_id = $2",
    "transcription": "id IN (SELECT recording_id FROM transcriptions WHERE id = $2)",
}
"""Which recordings an alias of each kind belongs to."""

_OWN = frozenset({"recording", "transcription"})
"""Kinds that belong to one recording alone; the others are shared by all recordings of a call, session, ..."""


def aliases_of(recording: Recording) -> dict[AliasKey, UUID]:
    """All that vendors named of this recording, sorted, so that two writers never wait for each other in a circle."""
    said = recording.transcription
    core: dict[str, UUID | None] = {
        "recording": recording.id,
        "call": recording.call_id,
        "parent_call": recording.parent_call_id,
        "session": recording.call_session_id,
        "conference": recording.conference_id,
        "transcription": None if said is None else said.id,
        "call_control": recording.call_id,
    }
    found = {
        (dialect, kind, foreign): core_id
        for dialect, ids in recording.foreign.items()
        for kind, foreign in ids.items()
        if (core_id := core.get(kind)) is not None
    }
    return dict(sorted(found.items()))


def add_aliases(serial: int, recording: Recording, *, known: Mapping[AliasKey, UUID] | None = None) -> Steps[None]:
    """Write a recording's aliases; ``known`` are those that it had before.

    Raises:
        Conflict: one stands for something else that is alive.
    """
    wanted = aliases_of(recording)
    before = known or {}
    dropped = [key for key in before if key not in wanted and key[1] in _OWN]
    yield from ask_each(
        "DELETE FROM aliases WHERE account = $1 AND dialect = $2 AND kind = $3 AND foreign_id = $4 AND core_id = $5"
        " RETURNING kind",
        [(serial, *key, before[key].bytes) for key in dropped],
    )
    fresh = [key for key, core_id in wanted.items() if before.get(key) != core_id]
    for dialect, kind, foreign in fresh:
        check_key(f"{dialect} {kind} {foreign}", f"foreign.{dialect}.{kind}")
    # The update that changes nothing answers what stands there, and holds it until this transaction ends.
    found = yield from ask_each(
        "INSERT INTO aliases (account, dialect, kind, foreign_id, core_id) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (account, dialect, kind, foreign_id) DO UPDATE SET core_id = aliases.core_id RETURNING core_id",
        [(serial, *key, wanted[key].bytes) for key in fresh],
    )
    for key, (standing,) in zip(fresh, found, strict=True):
        if standing != wanted[key].bytes:
            yield from _take_over(serial, key, wanted[key], uuid_of(standing), recording)


def _take_over(serial: int, key: AliasKey, wanted: UUID, standing: UUID, recording: Recording) -> Steps[None]:
    dialect, kind, foreign = key
    living = yield from ask_one(
        f"SELECT 1 FROM recordings WHERE {_LIVING[kind]} AND account = $1 AND status > 0 AND id <> $3 LIMIT 1",
        serial, standing.bytes, recording.id.bytes,
    )  # fmt: skip
    if living is not None:
        raise Conflict(f"The {kind} {foreign!r} of {dialect} is in the catalogue already, as {standing}.")
    yield from ask_one(
        "UPDATE aliases SET core_id = $5"
        " WHERE account = $1 AND dialect = $2 AND kind = $3 AND foreign_id = $4 RETURNING kind",
        serial, dialect, kind, foreign, wanted.bytes,
    )  # fmt: skip


def resolve(serial: int | None, dialect: str, kind: str, foreign: str) -> Steps[UUID | None]:
    """What an alias stands for."""
    if serial is None or not keepable(f"{dialect} {kind} {foreign}"):
        return None
    found = yield from ask_one(
        "SELECT core_id FROM aliases WHERE account = $1 AND dialect = $2 AND kind = $3 AND foreign_id = $4",
        serial, dialect, kind, foreign,
    )  # fmt: skip
    return None if found is None else uuid_of(found[0])
