"""Catalogues of any size, filled faster than a catalogue is meant to be.

``add_all`` is the way for imports, and it keeps every index and counter with each row.  Here the indexes are dropped
first and made again at the end, in one sort each, and the account is counted once: ten million recordings in minutes
instead of an hour.  Only for benchmarks: whoever else is in the database meanwhile finds nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import apsw
import asyncpg

from bench.population import SHARED, STEP, recording, start_of
from callvault.catalogue import rows
from callvault.catalogue.codes import milliseconds
from callvault.catalogue.postgres import PostgresCatalogue
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account

BATCH = 10_000
OTHERS = 20
"""Accounts that share the table with the one that is measured."""
OWN_SHARE = 7
"""Of ten recordings, so many are the measured account's."""
PATTERNS = 1000

COLUMNS = ("account", *rows.COLUMNS)
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
_TIMES = tuple(_PLACE[name] for name in ("started", "created", "ended", "updated", "taken_in"))


def made_rows(accounts: Sequence[Account], count: int) -> Iterator[tuple[Any, ...]]:
    """Rows like those of ``population``, cheaper: a thousand patterns, moved in time and named anew."""
    patterns = [(0, *rows.recording_row(recording(accounts[0].id, number))) for number in range(PATTERNS)]
    first, step = start_of(0), milliseconds(start_of(1)) - milliseconds(start_of(0))
    assert step == STEP.total_seconds() * 1000 // 1
    first_ms = milliseconds(first)
    for number in range(count):
        row = list(patterns[number % PATTERNS])
        noise = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=64).digest()
        own = noise[0] % 10 < OWN_SHARE
        row[0] = (accounts[0] if own else accounts[1 + noise[1] % (len(accounts) - 1)]).serial
        started = first_ms + number * step
        moved = started - row[_PLACE["started"]]
        for place in _TIMES:
            row[place] += moved
        time = started.to_bytes(6, "big")
        row[_PLACE["id"]] = time + b"\x70" + noise[2:3] + b"\x80" + noise[3:10]
        row[_PLACE["call_id"]] = time + b"\x70" + noise[10:11] + b"\x80" + noise[11:18]
        row[_PLACE["call_session_id"]] = (number // SHARED).to_bytes(16, "big")
        row[_PLACE["sip_call_id"]] = noise[18:26].hex() + "@pbx.example.net"
        row[_PLACE["caller_number"]] = caller_of(number)
        row[_PLACE["callee_number"]] = f"+1312{int.from_bytes(noise[26:29], 'big') % 100_000:07}"
        row[_PLACE["user_id"]] = (noise[29] % 200).to_bytes(16, "big")
        row[_PLACE["transcribed"]] = 0
        yield tuple(row)


def caller_of(number: int) -> str:
    """``SHARED`` calls far from each other have the same."""
    return f"+1202{number * 7919 % 1_000_003 // SHARED:07}"


async def fill_sqlite(path: Path, accounts: Sequence[Account], count: int) -> None:
    """Put so many recordings into a catalogue that was opened once and has none."""
    await asyncio.to_thread(_load_sqlite, path, accounts, count)
    await _recount(SqliteCatalogue(path), accounts)


def _load_sqlite(path: Path, accounts: Sequence[Account], count: int) -> None:
    connection = apsw.Connection(str(path))
    for setting in ("synchronous = OFF", "cache_size = -400000", "journal_mode = WAL", "threads = 2"):
        connection.execute(f"PRAGMA {setting}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'recordings' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    insert = f"INSERT INTO recordings ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    made = made_rows(accounts, count)
    while batch := list(islice(made, BATCH)):
        with connection:
            connection.executemany(insert, batch)
    for _, sql in indexes:
        connection.execute(str(sql))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def fill_postgres(dsn: str, accounts: Sequence[Account], count: int) -> None:
    """The same for PostgreSQL."""
    connection = await asyncpg.connect(dsn, command_timeout=3600)
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'recordings' AND indexname LIKE 'recordings_%'"
        " AND indexname <> 'recordings_pkey'"
    )
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    made = made_rows(accounts, count)
    while batch := list(islice(made, BATCH)):
        await connection.copy_records_to_table("recordings", records=batch, columns=list(COLUMNS))
    for _, definition in indexes:
        await connection.execute(definition)
    await connection.execute("VACUUM ANALYZE recordings")
    await connection.close()
    await _recount(PostgresCatalogue(dsn), accounts)


async def _recount(catalogue: Verbs, accounts: Sequence[Account]) -> None:
    await catalogue.open()
    try:
        for account in accounts:
            await catalogue.recount(account.id)
    finally:
        await catalogue.close()
