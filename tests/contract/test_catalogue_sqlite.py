"""What SQLite does its own way: long reads leave the loop, and writers share a commit."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callvault.catalogue import sqlite
from callvault.catalogue.entries import Written
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.sqlite_driver import spelled
from callvault.catalogue.sqlite_writer import write_group
from callvault.catalogue.steps import Steps, ask_all
from callvault.errors import CatalogueError, Conflict
from callvault.model.query import RecordingQuery
from tests.catalogues import an_account, opened, recording, seconds


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[SqliteCatalogue]:
    made = SqliteCatalogue(tmp_path / "catalogue.sqlite")
    async with opened(made):
        yield made


async def test_short_reads_stay_in_the_loop_and_long_ones_leave_it(catalogue: SqliteCatalogue) -> None:
    seen: list[str] = []

    def count_to(limit: int) -> Steps[int]:
        found = yield from ask_all(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < $1) SELECT count(*) FROM n", limit
        )
        seen.append(threading.current_thread().name)
        return int(found[0][0])

    assert await catalogue._read(lambda: count_to(10)) == 10
    ticking = asyncio.ensure_future(catalogue._read(lambda: count_to(1_000_000), snapshot=True))
    beats = 0
    while not ticking.done():
        await asyncio.sleep(0)
        beats += 1
    assert await ticking == 1_000_000
    assert beats > 1, "the loop went on meanwhile"
    assert await catalogue._read(lambda: count_to(10)) == 10
    assert [name.startswith("catalogue-reader") for name in seen] == [False, True, False]


async def test_everything_is_answered_alike_by_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "TICK", 1)
    monkeypatch.setattr(sqlite, "TICKS_IN_LOOP", 0)
    async with opened(SqliteCatalogue(tmp_path / "catalogue.sqlite")) as catalogue:
        alice = await catalogue.add_account(an_account("alice"))
        entries = [recording(alice, created_at=at) for at in seconds(50)]
        await asyncio.gather(*map(catalogue.add, entries))
        query = RecordingQuery(account_id=alice.id, descending=False, limit=10, with_total=True, page=3)
        pages = await asyncio.gather(*(catalogue.find(query) for _ in range(8)))
        assert all(list(page.items) == entries[20:30] and page.total == 50 for page in pages)


async def test_writers_who_come_together_share_a_commit(catalogue: SqliteCatalogue) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    writer = catalogue._writer
    assert writer is not None
    commits = itertools.count()
    writer._connection.set_commit_hook(lambda: next(commits) < 0)
    await asyncio.gather(*(catalogue.add(recording(alice)) for _ in range(100)))
    writer._connection.set_commit_hook(None)
    assert next(commits) <= 3, "one for the first, and the others gather while it is on its way"


async def test_a_commit_that_fails_is_everybody_s_failure_and_the_next_one_is_not(catalogue: SqliteCatalogue) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    writer = catalogue._writer
    assert writer is not None
    writer._connection.set_commit_hook(lambda: True)
    done = await asyncio.gather(*(catalogue.add(recording(alice)) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, CatalogueError) for outcome in done)
    writer._connection.set_commit_hook(None)
    await catalogue.add(recording(alice))
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 1


async def test_what_one_does_wrong_costs_the_others_nothing(catalogue: SqliteCatalogue) -> None:
    def insert(name: str) -> Steps[Written[str]]:
        yield from ask_all("INSERT INTO migrations (number, name) VALUES ($1, $2)", 1000 + len(name), name)
        return Written(name)

    def refuse() -> Steps[Written[str]]:
        yield from insert("refused")
        raise Conflict("no")

    def stumble() -> Steps[Written[str]]:
        yield from insert("stumbled")
        return (yield from ask_all("SELECT nonsense"))  # type: ignore[return-value]

    def names() -> Steps[set[str]]:
        return {str(row[0]) for row in (yield from ask_all("SELECT name FROM migrations WHERE number > 1000"))}

    writer = catalogue._writer
    assert writer is not None
    jobs = [lambda: insert("a"), refuse, lambda: insert("bb"), stumble, lambda: insert("ccc")]
    outcomes = await asyncio.to_thread(write_group, writer._connection, jobs, catalogue.tally)
    assert [type(outcome) for outcome in outcomes] == [str, Conflict, str, CatalogueError, str]
    assert await catalogue._read(names) == {"a", "bb", "ccc"}


async def test_who_is_cancelled_before_writing_began_writes_nothing(catalogue: SqliteCatalogue) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    writer = catalogue._writer
    assert writer is not None
    begun, holding = threading.Event(), threading.Event()

    def hold() -> Steps[Written[None]]:
        begun.set()
        holding.wait(30)
        yield from ask_all("SELECT 1")
        return Written(None)

    first = asyncio.ensure_future(writer.write(hold))
    assert await asyncio.to_thread(begun.wait, 30)
    given_up = asyncio.ensure_future(catalogue.add(recording(alice)))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    holding.set()
    await first
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 0


async def test_closing_waits_for_what_was_begun(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    async with opened(SqliteCatalogue(path)) as catalogue:
        alice = await catalogue.add_account(an_account("alice"))
        adding = [asyncio.ensure_future(catalogue.add(recording(alice))) for _ in range(20)]
        await asyncio.sleep(0)
    await asyncio.gather(*adding)
    async with opened(SqliteCatalogue(path)) as catalogue:
        assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 20


def test_statements_are_spelled_sqlite_s_way() -> None:
    said = "/*pg ( */ SELECT a FROM t /*+ by_a */ WHERE b = $2 AND c = $10 /*pg LIMIT $1) */"
    assert spelled(said) == "/*pg ( */ SELECT a FROM t INDEXED BY by_a WHERE b = ?2 AND c = ?10 /*pg LIMIT ?1) */"
    assert "clock_ms" not in spelled("SELECT clock_ms()")
