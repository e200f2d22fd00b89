"""Catalogues to test, and people and recordings to put into them.

What lives here: ``ENGINES``, each opened by ``open_catalogue``; ``recording``, of which a test says only what matters
to it; and ``matches``, what a query means, said once more in plain Python, to compare the answers of the engines with.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from callvault.catalogue.entries import Written
from callvault.catalogue.postgres import PostgresCatalogue
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.steps import Steps, ask_all
from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from callvault.model.ids import new_id
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.query import Axis, RecordingQuery, Span
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status, StoredMedia
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from tests.services.postgres import PostgresServer

ENGINES = ("memory", "sqlite", "postgres")
"""SQLite in memory and in a file are two engines here: one writes in the loop, the other in a thread."""

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_numbers = itertools.count(1)


@asynccontextmanager
async def open_catalogue(engine: str, server: PostgresServer | None) -> AsyncIterator[Verbs]:
    """An empty catalogue of its own, gone afterwards."""
    if engine == "memory":
        async with opened(SqliteCatalogue(None)) as catalogue:
            yield catalogue
    elif engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            async with opened(SqliteCatalogue(Path(folder) / "catalogue.sqlite")) as catalogue:
                yield catalogue
    else:
        assert server is not None
        dsn = server.fresh_database()
        try:
            async with opened(PostgresCatalogue(dsn, pool_size=4)) as catalogue:
                yield catalogue
        finally:
            server.drop_database(dsn)


@asynccontextmanager
async def opened(catalogue: Verbs) -> AsyncIterator[Verbs]:
    """Open, and close again whatever happens."""
    await catalogue.open()
    try:
        yield catalogue
    finally:
        await catalogue.close()


async def fall_silent(catalogue: Verbs, node: str, silent_s: float) -> None:
    """A node that has live calls gave its last sign of life so long ago."""

    def steps() -> Steps[Written[None]]:
        yield from ask_all(
            "UPDATE live_nodes SET seen = seen - $2 WHERE node = $1 RETURNING 1", node, int(silent_s * 1000)
        )
        return Written(None)

    await catalogue._write(steps)


async def emptied(dsn: str) -> PostgresCatalogue:
    """A catalogue whose database may have been used before, and has nothing but the schema now."""
    catalogue = PostgresCatalogue(dsn, pool_size=4)
    async with opened(catalogue):
        session = await asyncpg.connect(dsn)
        tables = await session.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {str(row[0]) for row in tables} - {"migrations", "accounts"}
        await session.execute("".join(f"DELETE FROM {name};" for name in (*sorted(names), "accounts")))
        await session.close()
    return catalogue


def number() -> int:
    """One that was not given before."""
    return next(_numbers)


def an_id(at: datetime = T0) -> UUID:
    """A core id that was not given before."""
    return new_id(at, number().to_bytes(10, "big"))


def an_account(name: str, **changes: Any) -> Account:
    return Account(**{"id": an_id(), "serial": 0, "name": name, "created_at": T0, **changes})


def recording(account: Account | UUID, **changes: Any) -> Recording:
    """An available recording of one channel and one minute, begun at ``T0``; ``changes`` are what matters."""
    started = changes.get("started_at", T0)
    known: dict[str, Any] = {
        "id": an_id(started),
        "account_id": account if isinstance(account, UUID) else account.id,
        "call_id": an_id(started),
        "call_session_id": an_id(started),
        "status": Status.AVAILABLE,
        "media_state": MediaState.WHOLE,
        "channels": 1,
        "format": MediaFormat.WAV,
        "duration_ms": 60_000,
        "started_at": started,
        "ended_at": started + timedelta(minutes=1),
        "created_at": started + timedelta(minutes=1),
        "updated_at": started + timedelta(minutes=2),
        "taken_in_at": started + timedelta(minutes=2),
    }
    return Recording(**{**known, **changes})


def a_transcription(**changes: Any) -> Transcription:
    known: dict[str, Any] = {
        "id": an_id(),
        "status": TranscriptionStatus.AVAILABLE,
        "created_at": T0,
        "updated_at": T0 + timedelta(minutes=3),
        "completed_at": T0 + timedelta(minutes=4),
        "locale": "en-GB",
        "transcripts": (
            Transcript(text="Hello,\nworld \N{BICYCLE}", confidence=0.875),
            Transcript(text="", confidence=0.1, speaker=1),
        ),
    }
    return Transcription(**{**known, **changes})


def everything_said(account: Account) -> Recording:
    """A recording of which every field says something."""
    party = Party(
        number="sip:ada@example.net;user=phone",
        name="Ada \N{LATIN SMALL LETTER O WITH DIAERESIS}",
        kind="sip",
        identity="ada",
        country="GB",
        anonymous=False,
        contact_id="c-1",
        contact_key="phone",
        contact_value="+44 1",
    )
    return recording(
        account,
        user_id=an_id(),
        parent_call_id=an_id(),
        conference_id=an_id(),
        conference_name="weekly",
        sip_call_id="a84b4c76e66710@pc33.example.net",
        connection_id="trunk-7",
        application_id="app-1",
        source=Source.CONFERENCE,
        origin=Origin.CONFERENCE_COMMAND,
        direction=Direction.OUTBOUND,
        status=Status.FAILED,
        media_state=MediaState.PARTIAL,
        caller=party,
        callee=Party(number="1000", anonymous=True),
        transfer_caller_id="+15550100",
        transfer_to="+15550101",
        channels=2,
        format=MediaFormat.FLAC,
        media=StoredMedia(
            store="main",
            key="a/b/c.wav",
            size_bytes=5_000_000_000,
            sha256="ab" * 32,
            format=MediaFormat.WAV,
            codec="pcm_mulaw",
            sample_rate=8000,
            samples=480_000,
            repaired="The header said nothing of the length.",
        ),
        deleted_at=T0 + timedelta(days=1),
        label="a name",
        price="-0.0025",
        price_unit="USD",
        error="The carrier hung up.",
        notes=("One sentence.", "And another."),
        transcription=a_transcription(),
        foreign={"telnyx": {"recording": "t-1", "call": "v3:x", "other": "kept all the same"}},
        extras={"kazoo": {"custom": [1, 2.5, None, {"a": "b"}]}},
        revision=7,
    )


def matches(query: RecordingQuery, entry: Recording) -> bool:
    """Whether a query asks for this recording."""
    pairs = (
        (query.user_id, entry.user_id),
        (query.call_id, entry.call_id),
        (query.call_session_id, entry.call_session_id),
        (query.conference_id, entry.conference_id),
        (query.connection_id, entry.connection_id),
        (query.sip_call_id, entry.sip_call_id),
        (query.source, entry.source),
        (query.direction, entry.direction),
        (query.from_number, entry.caller.number),
        (query.to_number, entry.callee.number),
        (query.silent, entry.media_state in {MediaState.ABSENT, MediaState.DELETED}),
    )
    either = query.either_number
    return (
        entry.account_id == query.account_id
        and entry.status in query.statuses
        and all(wanted is None or wanted == given for wanted, given in pairs)
        and (either is None or either in {entry.caller.number, entry.callee.number})
        and within(query.started, entry.started_at)
        and within(query.created, entry.created_at)
        and within(query.ended, entry.ended_at)
        and within(query.updated, entry.updated_at)
    )


def within(span: Span, moment: datetime | None) -> bool:
    """Whether a time lies in a span; a time that is not known lies in none that has a bound."""
    if moment is None:
        return span == Span()
    return (
        (span.from_ is None or moment >= span.from_)
        and (span.before is None or moment < span.before)
        and (span.through is None or moment <= span.through)
    )


def place(query: RecordingQuery, entry: Recording) -> tuple[datetime, int]:
    """What the list is sorted by."""
    return (entry.created_at if query.axis is Axis.CREATED else entry.started_at), entry.id.int


def answer(query: RecordingQuery, entries: Iterable[Recording]) -> list[Recording]:
    """Everything that matches, in order."""
    found = (entry for entry in entries if matches(query, entry))
    return sorted(found, key=lambda entry: place(query, entry), reverse=query.descending)


def seconds(count: int) -> Iterator[datetime]:
    """So many moments, a second apart."""
    return (T0 + timedelta(seconds=second) for second in range(count))
