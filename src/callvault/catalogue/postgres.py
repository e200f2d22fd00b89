"""The catalogue in PostgreSQL, 15 or later, through asyncpg.

Statements are prepared once a connection, and planned once: each is written for one index, so a generic plan is the
plan, and what would tempt the planner elsewhere while statistics are young is switched off for these sessions.
Transactions are read committed; what has to hold is held by unique keys, by upserts and by the order in which rows are
locked (intake key, recording, aliases, counters from the root down).  A deadlock or a broken connection before the
commit is tried again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, TypeAlias, TypeVar, cast

import asyncpg

from callvault.catalogue import counters, schema
from callvault.catalogue.entries import Written
from callvault.catalogue.steps import Ask, Rows, Steps, Tally
from callvault.catalogue.verbs import Verbs
from callvault.errors import CallvaultError, CatalogueError, OperatorError

Result = TypeVar("Result")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

POOL_SIZE = 10
STATEMENTS_KEPT = 400
TRIES = 5
PATIENCE_S = 30
"""How long to wait for a connection, and for one statement."""
OLDEST = 15

_MIGRATION_LOCK = 0x63616C6C7661756C
SESSION = """
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET TimeZone = 'UTC';
"""

_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError, ConnectionError)
_FAILED = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
    OverflowError,
)


class PostgresCatalogue(Verbs):
    """``dsn``: ``postgresql://user:password@host:port/database``."""

    def __init__(self, dsn: str, *, pool_size: int = POOL_SIZE) -> None:
        super().__init__()
        self._dsn = dsn
        self._pool_size = pool_size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._pool_size,
                init=_prepare,
                reset=_leave_as_it_is,
                statement_cache_size=STATEMENTS_KEPT,
                max_cached_statement_lifetime=0,
                command_timeout=PATIENCE_S,
                timeout=PATIENCE_S,
            )
            async with self._pool.acquire() as connection:
                while await self._migrate(connection):
                    pass
        except (*_FAILED, ValueError) as error:
            await self.close()
            raise _explained(error) from error
        except CallvaultError:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def _migrate(self, connection: Connection) -> bool:
        """Apply the next migration, if any; others who start at the same moment wait."""
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
            await connection.execute(schema.LEDGER)
            migration = await _drive(connection, schema.next_migration(), self.tally)
            if migration is None:
                return False
            await connection.execute(schema.spelled(migration.text, schema.POSTGRES_WORDS))
            await _drive(connection, schema.note_migration(migration), self.tally)
        return True

    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        async def read(connection: Connection) -> Result:
            if not snapshot:
                return await _drive(connection, steps(), self.tally)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await _drive(connection, steps(), self.tally)

        return await self._tried(read, lambda: True)

    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        committing = False

        async def write(connection: Connection) -> Result:
            nonlocal committing
            async with connection.transaction():
                written = await _drive(connection, steps(), self.tally)
                await _drive(connection, counters.apply(written.deltas), self.tally)
                committing = True
            return written.result

        return await self._tried(write, lambda: not committing)

    async def _tried(self, work: Callable[[Connection], Awaitable[Result]], repeatable: Callable[[], bool]) -> Result:
        """Do it on a connection, and again where that is worth it."""
        for attempt in range(1, TRIES + 1):
            pool = self._pool
            if pool is None:
                raise CatalogueError("The catalogue is not open.")
            try:
                async with pool.acquire() as connection:
                    return await work(connection)
            except (*_AGAIN, *_LOST) as error:
                if attempt == TRIES or not repeatable():
                    raise _explained(error) from error
                await asyncio.sleep(0.01 * attempt)
            except _FAILED as error:
                raise _explained(error) from error
        raise AssertionError(TRIES)


async def _prepare(connection: Connection) -> None:
    if connection.get_server_version().major < OLDEST:
        raise OperatorError(
            f"The catalogue needs PostgreSQL {OLDEST} or later; this is {connection.get_server_version().major}."
        )
    await connection.execute(SESSION)


async def _leave_as_it_is(connection: Any) -> None:  # noqa: ANN401 - asyncpg's own
    """Sessions stay as they are prepared: asking the server to reset one costs as much as a page."""


async def _drive(connection: Connection, steps: Steps[Result], tally: Tally) -> Result:
    try:
        ask = next(steps)
        while True:
            found = await _answer(connection, ask)
            tally.count(ask, found)
            ask = steps.send(found)
    except StopIteration as done:
        result: Result = done.value
        return result


async def _answer(connection: Connection, ask: Ask) -> Rows:
    text = spelled(ask.sql)
    if ask.many is None:
        found = await connection.fetch(text, *ask.values)
    else:
        found = await connection.fetchmany(text, ask.many)
    return cast("Rows", found)  # a Record can be read like any row


@cache
def spelled(sql: str) -> str:
    """SQL with the words that are for PostgreSQL alone, and its clock."""
    clocked = sql.replace("clock_ms()", "(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
    return re.sub(r"/\*pg (.*?) \*/", r"\1", clocked)


def _explained(error: BaseException) -> CatalogueError:
    if isinstance(error, (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError, ValueError)):
        return CatalogueError(f"The catalogue's PostgreSQL does not let us in: {error}.")
    if isinstance(error, TimeoutError):
        return CatalogueError(f"The catalogue's PostgreSQL did not answer within {PATIENCE_S} s.")
    if isinstance(error, OSError):
        return CatalogueError(f"The catalogue's PostgreSQL cannot be reached: {error}.")
    return CatalogueError(f"The catalogue's PostgreSQL did not do what was asked: {error}.")
