"""Many write at once, some are cut off, some are killed: everybody gets an answer and nothing is half written."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from callvault.catalogue.postgres import PostgresCatalogue
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.steps import Steps, ask_all
from callvault.catalogue.verbs import Verbs
from callvault.errors import CatalogueError, Conflict
from callvault.model.actor import Account
from callvault.model.query import Axis, RecordingQuery
from callvault.model.recording import Recording, Status
from tests.catalogues import T0, an_account, opened, recording
from tests.services.postgres import PostgresServer

WRITER = Path(__file__).with_name("catalogue_writer.py")


async def whole(catalogue: Verbs, account: Account) -> list[Recording]:
    """Every recording of the account, after looking whether everything that goes with each is there."""
    query = RecordingQuery(account_id=account.id, statuses=frozenset(Status), with_total=True)
    entries = [entry async for entry in catalogue.scan(query)]
    for axis in Axis:
        assert (await catalogue.find(replace(query, axis=axis))).total == len(entries)
    for entry in entries:
        for kind, core_id in (("recording", entry.id), ("call", entry.call_id)):
            if (foreign := entry.foreign_id("telnyx", kind)) is not None:
                assert await catalogue.resolve(account.id, "telnyx", kind, foreign) == core_id
    before = await nodes(catalogue, account)
    await catalogue.recount(account.id)
    assert await nodes(catalogue, account) == before
    return entries


async def nodes(catalogue: Verbs, account: Account) -> Counter[Any]:
    """The counters as they stand, without those that have come to nothing."""

    def read() -> Steps[Counter[Any]]:
        found = yield from ask_all(
            "SELECT axis, shift, bucket, deleted, processing, available, failed FROM counters WHERE account = $1",
            account.serial,
        )
        return Counter(tuple(row) for row in found if any(tuple(row)[3:]))

    return await catalogue._read(read)


async def test_everybody_gets_their_own_answer(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    bob = await catalogue.add_account(an_account("bob"))
    entries = [recording(account, created_at=T0 + timedelta(hours=n)) for n in range(40) for account in (alice, bob)]
    await asyncio.gather(*map(catalogue.add, entries[::4]))
    done = await asyncio.gather(*map(catalogue.add, entries), return_exceptions=True)
    for n, (entry, outcome) in enumerate(zip(entries, done, strict=True)):
        if n % 4 == 0:
            assert isinstance(outcome, Conflict)
        else:
            assert not isinstance(outcome, BaseException)
            assert outcome.recording == entry
    assert len(await whole(catalogue, alice)) == len(await whole(catalogue, bob)) == 40


async def test_who_is_cut_off_leaves_nothing_half_done(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    query = RecordingQuery(account_id=alice.id, with_total=True, page=1)
    for turn in range(60):
        entry = recording(alice, foreign={"telnyx": {"recording": f"r{turn}"}})
        tasks = [
            asyncio.ensure_future(catalogue.add(entry, intake_key=f"k{turn}")),
            asyncio.ensure_future(catalogue.find(query)),
        ]
        for _ in range(turn % 20):
            await asyncio.sleep(0)
        await asyncio.sleep(turn % 7 / 2000)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        kept = await catalogue.taken(alice.id, f"k{turn}")
        if not isinstance(outcomes[0], asyncio.CancelledError):
            assert kept == entry
    await asyncio.gather(*(catalogue.find(query) for _ in range(20)))
    for entry in await whole(catalogue, alice):
        assert await catalogue.get(entry.id) == entry


async def test_what_is_closed_says_so(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    await catalogue.close()
    await catalogue.close()
    with pytest.raises(CatalogueError):
        await catalogue.account(alice.id)
    with pytest.raises(CatalogueError):
        await catalogue.add(recording(alice))


# Several processes


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a catalogue lies that other processes can open too."""
    if request.param == "sqlite":
        yield str(tmp_path / "catalogue.sqlite")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    dsn = server.fresh_database()
    yield dsn
    server.drop_database(dsn)


def catalogue_at(address: str) -> Verbs:
    return PostgresCatalogue(address) if address.startswith("postgresql:") else SqliteCatalogue(Path(address))


@pytest.fixture
async def here(address: str) -> AsyncIterator[Verbs]:
    """The catalogue, opened by this process."""
    async with opened(catalogue_at(address)) as catalogue:
        yield catalogue


async def another(address: str, account: Account, count: int, name: str) -> asyncio.subprocess.Process:
    """A process that writes so many recordings, and says so one by one."""
    arguments = [sys.executable, str(WRITER), address, str(account.id), str(count), name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, env=environment)


async def test_two_processes_write_at_once(address: str, here: Verbs) -> None:
    alice = await here.add_account(an_account("alice"))
    others = [await another(address, alice, 60, name) for name in ("bob", "carol")]
    mine = [recording(alice, label="mine") for _ in range(60)]
    for at in range(0, 60, 10):
        await asyncio.gather(*map(here.add, mine[at : at + 10]))
    for other in others:
        await other.communicate()
        assert other.returncode == 0
    labels = Counter((entry.label or "").split()[0] for entry in await whole(here, alice))
    assert labels == {"mine": 60, "bob": 60, "carol": 60}


@pytest.mark.parametrize("after", [1, 7, 30, 61, 90])
async def test_a_killed_writer_leaves_whole_recordings_and_all_that_it_was_told_are_kept(
    address: str, here: Verbs, after: int
) -> None:
    alice = await here.add_account(an_account("alice"))
    other = await another(address, alice, 100_000, "bob")
    assert other.stdout is not None
    told = [(await other.stdout.readline()).decode().strip() for _ in range(after)]
    other.send_signal(signal.SIGKILL)
    rest = (await other.communicate())[0].decode()
    complete = rest.rpartition("\n")[0].split("\n") if "\n" in rest else []
    kept = {entry.label for entry in await whole(here, alice)}
    assert {*told, *complete} <= kept
    await here.add(recording(alice))


async def test_processes_that_start_at_once_make_one_schema(address: str) -> None:
    catalogues = [catalogue_at(address) for _ in range(6)]
    await asyncio.gather(*(catalogue.open() for catalogue in catalogues))
    alice = await catalogues[0].add_account(an_account("alice"))
    for catalogue in catalogues:
        assert await catalogue.accounts() == [alice]
        await catalogue.close()


# The database goes away


async def test_a_database_that_was_started_again_is_found_again(postgres_server: PostgresServer) -> None:
    dsn = postgres_server.fresh_database()
    name = dsn.rpartition("/")[2]
    async with opened(PostgresCatalogue(dsn, pool_size=2)) as catalogue:
        alice = await catalogue.add_account(an_account("alice"))
        for _ in range(3):
            cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            postgres_server.run_sql(cut)
            assert await catalogue.account(alice.id) == alice
            postgres_server.run_sql(cut)
            await catalogue.add(recording(alice))
        assert len(await whole(catalogue, alice)) == 3
    postgres_server.drop_database(dsn)


async def test_a_file_that_another_process_keeps_locked_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    async with opened(SqliteCatalogue(path)) as catalogue:
        alice = await catalogue.add_account(an_account("alice"))
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(catalogue.add(recording(alice)))
        await asyncio.sleep(0.2)
        assert await catalogue.accounts() == [alice], "who reads does not wait"
        assert not waiting.done()
        other.execute("COMMIT")
        other.close()
        assert (await waiting).fresh


async def test_what_is_no_catalogue_is_told_in_a_sentence(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, " * 100)
    for path in (letter, tmp_path / "nowhere" / "catalogue.sqlite", tmp_path):
        with pytest.raises(CatalogueError, match="cannot be opened"):
            await SqliteCatalogue(path).open()
    for dsn in ("postgresql://nobody@127.0.0.1:1/nothing", "postgresql://[::1/"):
        with pytest.raises(CatalogueError):
            await PostgresCatalogue(dsn).open()
