"""One schema: however a database came to it, and on whichever engine, the tables and indexes are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import apsw
import asyncpg
import pytest

from callvault.catalogue import schema
from callvault.catalogue.postgres import PostgresCatalogue
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.verbs import Verbs
from callvault.errors import OperatorError
from tests.catalogues import an_account, opened
from tests.services.postgres import PostgresServer

SCHEMA = Path(schema.__file__).with_name("schema.sql")
"""What all migrations lead to, as one text for people to read."""


class Database(Protocol):
    """An empty database, a driver's way into it, and what it says of itself."""

    def catalogue(self) -> Verbs: ...

    async def run(self, sql: str) -> None: ...

    async def described(self) -> set[tuple[Any, ...]]: ...

    def spelled(self, sql: str) -> str: ...


class SqliteFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def catalogue(self) -> Verbs:
        return SqliteCatalogue(self.path)

    async def run(self, sql: str) -> None:
        apsw.Connection(str(self.path)).execute(sql)

    async def described(self) -> set[tuple[Any, ...]]:
        connection = apsw.Connection(str(self.path))
        tables = connection.execute(
            "SELECT t.name, t.wr, t.strict, c.cid, c.name, c.type, c.[notnull], c.dflt_value, c.pk"
            " FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c WHERE t.type = 'table'"
        ).fetchall()
        keys = connection.execute(
            "SELECT t.name, i.[unique], i.origin, c.seqno, c.name FROM pragma_table_list AS t,"
            " pragma_index_list(t.name) AS i, pragma_index_xinfo(i.name) AS c WHERE t.type = 'table'"
        ).fetchall()
        foreign = connection.execute(
            "SELECT t.name, f.* FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f"
        ).fetchall()
        indexes = connection.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'").fetchall()
        plain = [(name, table, " ".join(str(sql).split())) for name, table, sql in indexes]
        return {tuple(row) for row in (*tables, *keys, *foreign, *plain)}

    def spelled(self, sql: str) -> str:
        return schema.spelled(sql, schema.SQLITE_WORDS)


class PostgresDatabase:
    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def catalogue(self) -> Verbs:
        return PostgresCatalogue(self.dsn)

    async def run(self, sql: str) -> None:
        connection = await asyncpg.connect(self.dsn)
        await connection.execute(sql)
        await connection.close()

    async def described(self) -> set[tuple[Any, ...]]:
        connection = await asyncpg.connect(self.dsn)
        columns = await connection.fetch(
            "SELECT table_name, column_name, ordinal_position, data_type, collation_name, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        )
        indexes = await connection.fetch(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        )
        rules = await connection.fetch(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        )
        await connection.close()
        return {tuple(row) for row in (*columns, *indexes, *rules)}

    def spelled(self, sql: str) -> str:
        return schema.spelled(sql, schema.POSTGRES_WORDS)


@pytest.fixture(params=["sqlite", "postgres"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Database, Database]:
    """Two empty databases of one engine."""
    if request.param == "sqlite":
        return SqliteFile(tmp_path / "one.sqlite"), SqliteFile(tmp_path / "two.sqlite")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return PostgresDatabase(server.fresh_database()), PostgresDatabase(server.fresh_database())


async def test_the_whole_schema_is_what_all_migrations_lead_to(two: tuple[Database, Database]) -> None:
    migrated, at_once = two
    async with opened(migrated.catalogue()):
        pass
    await at_once.run(schema.LEDGER)
    await at_once.run(at_once.spelled(SCHEMA.read_text("utf-8")))
    assert await migrated.described() == await at_once.described()


async def test_opening_again_changes_nothing(two: tuple[Database, Database]) -> None:
    database, _ = two
    async with opened(database.catalogue()) as catalogue:
        alice = await catalogue.add_account(an_account("alice"))
    before = await database.described()
    async with opened(database.catalogue()) as catalogue:
        assert await catalogue.accounts() == [alice]
    assert await database.described() == before


async def test_a_migration_that_fails_leaves_nothing_of_itself(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = two
    known = schema.migrations()
    text = "CREATE TABLE half (x TEXT); CREATE TABLE accounts (x TEXT)"
    broken = schema.Migration(number=known[-1].number + 1, name="broken", text=text)
    monkeypatch.setattr(schema, "migrations", lambda: (*known, broken))
    with pytest.raises(Exception, match="accounts"):
        await database.catalogue().open()
    monkeypatch.undo()
    async with opened(database.catalogue()):
        pass
    assert not any("half" in row for row in await database.described())


async def test_a_database_of_a_newer_callvault_is_refused(two: tuple[Database, Database]) -> None:
    database, _ = two
    async with opened(database.catalogue()):
        pass
    before = await database.described()
    await database.run("INSERT INTO migrations (number, name) VALUES (999, 'of_tomorrow')")
    with pytest.raises(OperatorError, match="newer callvault"):
        await database.catalogue().open()
    assert await database.described() == before


async def test_a_migration_that_came_into_being_late_is_applied_all_the_same(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = two
    known = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: (*known[:-2], known[-1]))
    async with opened(database.catalogue()):
        pass
    monkeypatch.undo()
    for each in two:
        async with opened(each.catalogue()):
            pass
    assert await database.described() == await other.described()


def test_migrations_have_numbers_of_their_own_and_are_named_by_what_they_do() -> None:
    known = schema.migrations()
    numbers = [migration.number for migration in known]
    assert numbers == sorted(set(numbers))
    assert all(migration.name for migration in known)


def test_both_engines_know_the_same_words() -> None:
    assert schema.SQLITE_WORDS.keys() == schema.POSTGRES_WORDS.keys()
