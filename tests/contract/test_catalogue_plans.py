"""Every shape of question runs along the index that it was written for, and what is walked is not sorted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import apsw
import asyncpg
import pytest

from callvault.catalogue import queries, sqlite_driver
from callvault.catalogue.postgres import SESSION, PostgresCatalogue, spelled
from callvault.catalogue.queries import BASE, EVERY_STATUS, GATHERED, LANE, LANES, LISTED_STATUSES, SPANS, WALKED, Shape
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.model.party import Party
from callvault.model.query import Axis
from callvault.model.recording import MediaState, Status
from tests.catalogues import T0, an_account, an_id, opened, recording
from tests.services.postgres import PostgresServer

STATUSES = (LISTED_STATUSES, frozenset({4}), EVERY_STATUS, frozenset({0}), frozenset({0, 1, 5}))
FILTERS = [
    (),
    *((name,) for name in (*GATHERED, *WALKED, *LANES, "hearable")),
    ("source", "direction"),
    ("caller_number", "source"),
]

SORTED_WALK = re.compile(r"Sort  \(.*\n\s*Sort Key.*\n\s*->  Index")
"""In PostgreSQL's own words.  What comes from several strands, each cut off after a page's length, may be sorted."""
VALUES = {"bigint": "0", "smallint": "1", "bytea": "'\\x00'", "text": "'+17'"}


def shapes() -> Iterator[Shape]:
    """Everything that ``pages`` may ask, with one filter or a pair, with a span or without."""
    for axis, descending, statuses, filters in product(Axis, (True, False), STATUSES, FILTERS):
        for spans in [(), *((name,) for name in SPANS if name != axis)]:
            for lead, gathered in leads(filters, spans):
                yield Shape(axis, descending, statuses, filters, spans, lead, gathered)


def leads(filters: tuple[str, ...], spans: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """What ``pages`` may choose to go along."""
    if any(name in GATHERED for name in filters):
        yield from ((name, True) for name in filters if name in GATHERED)
        return
    for name in filters:
        if name in WALKED:
            yield from ((name, False), (name, True))
    yield from ((name, True) for name in spans)
    if not any(name in WALKED for name in filters):
        yield (LANE if any(name in LANES for name in filters) else BASE), False


def hinted(sql: str) -> set[str]:
    return set(re.findall(r"/\*\+ (\w+) \*/", sql))


async def test_sqlite_can_use_the_named_index_and_sorts_nothing_that_it_walks() -> None:
    async with opened(SqliteCatalogue(None)) as catalogue:
        assert isinstance(catalogue, SqliteCatalogue)
        connection = catalogue._reader
        assert connection is not None
        for shape in shapes():
            for make in (queries.page, queries.place, queries.count):
                text = make(shape)
                sql = f"EXPLAIN QUERY PLAN {sqlite_driver.spelled(text.sql)}"
                plan = connection.execute(sql, (None,) * len(text.names)).fetchall()  # INDEXED BY fails where it can't
                assert shape.gathered or not any("TEMP B-TREE" in str(step[3]) for step in plan), (shape, plan)


def test_a_strand_that_cannot_use_its_index_would_be_noticed() -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE recordings (a, b); CREATE INDEX by_b ON recordings (b) WHERE a > 0")
    with pytest.raises(apsw.SQLError, match="no query solution"):
        connection.execute(sqlite_driver.spelled("SELECT 1 FROM recordings /*+ by_b */ WHERE b = $1"), (1,))


@pytest.fixture
async def planner(postgres_server: PostgresServer) -> asyncpg.Connection[asyncpg.Record]:
    """A session of a catalogue with some thousands of recordings of every kind, and what the server knows of them."""
    dsn = postgres_server.fresh_database()
    async with opened(PostgresCatalogue(dsn)) as catalogue:
        alice = await catalogue.add_account(an_account("alice"))
        await catalogue.add_all(
            [
                recording(
                    alice,
                    started_at=T0 + timedelta(minutes=n),
                    caller=Party(number=f"+1{n % 400}"),
                    callee=Party(number=f"+1{n % 300}"),
                    user_id=an_id() if n % 3 else None,
                    connection_id=f"trunk {n % 5}",
                    conference_id=an_id() if n % 50 == 0 else None,
                    sip_call_id=f"{n}@pbx",
                    status=list(Status)[n // 7 % 6] if n % 7 == 0 else Status.AVAILABLE,
                    media_state=list(MediaState)[n % 5] if n % 11 == 0 else MediaState.WHOLE,
                )
                for n in range(4000)
            ]
        )
        session = await asyncpg.connect(dsn, statement_cache_size=0)
        await session.execute(f"ANALYZE; {SESSION}")
    return session


async def test_postgresql_takes_the_index_and_sorts_nothing_that_it_walks(
    planner: asyncpg.Connection[asyncpg.Record],
) -> None:
    strays = []
    for shape in shapes():
        text = queries.page(shape)
        sql = spelled(text.sql)
        await planner.execute(f"PREPARE asked AS {sql}")
        kinds = await planner.fetchval(
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asked'"
        )
        values = ", ".join(VALUES[kind] for kind in kinds)
        plan = await planner.fetch(f"EXPLAIN EXECUTE asked ({values})")
        await planner.execute("DEALLOCATE asked")
        lines = "\n".join(str(line[0]) for line in plan)
        used = set(re.findall(r"using (recordings_\w+)", lines)) - {"recordings_pkey"}
        if not shape.gathered and (used != hinted(text.sql) or SORTED_WALK.search(lines)):
            strays.append((shape, used, hinted(text.sql)))
    await planner.close()
    assert strays == []
