"""The catalogue in one SQLite file, or in memory.

Short reads run straight in the event loop: a page takes less time than handing it to a thread would.  A read that
turns out to be long, by the steps that SQLite's machine has made, is broken off and begun again in a thread.  Writes go
to ``sqlite_writer``.  Several processes may have the file open.

The driver is apsw because it carries its own SQLite.  A system's own may be older than 3.51.3 (2026-03-13), which
repaired a race of checkpoint and writer that can damage a file in WAL mode that several connections use, as they do
here (https://sqlite.org/wal.html#walresetbug).  It is quicker than ``sqlite3``, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from callvault.catalogue import schema
from callvault.catalogue.entries import Written
from callvault.catalogue.sqlite_driver import connect, drive, wrapped
from callvault.catalogue.sqlite_writer import Writer, write_group
from callvault.catalogue.steps import Steps
from callvault.catalogue.verbs import Verbs
from callvault.errors import CatalogueError

Result = TypeVar("Result")

TICK = 10_000
"""Steps of SQLite's machine after which it asks whether to go on."""
TICKS_IN_LOOP = 25
"""About five milliseconds; a page of a thousand recordings, at some 60 steps each, stays below."""
LONG_READERS = 2
"""Threads for long reads."""


class SqliteCatalogue(Verbs):
    """``path`` None: a private catalogue in memory, which is gone when it is closed."""

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self._path = path
        self._reader: apsw.Connection | None = None
        self._writer: Writer | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._long_readers: list[apsw.Connection] = []
        self._of_thread = threading.local()
        self._ticks = 0

    async def open(self) -> None:
        """Connect, and bring the schema up to date."""
        if self._path is None:
            self._reader = connect(None)
            self._migrate(self._reader)
            return
        writing = await asyncio.to_thread(self._prepare, self._path)
        self._writer = Writer(writing, self.tally)
        self._reader = connect(self._path)
        self._reader.set_progress_handler(self._is_long, TICK)
        self._threads = ThreadPoolExecutor(LONG_READERS, thread_name_prefix="catalogue-reader")

    async def close(self) -> None:
        """Wait for what is being written, and let go of every connection."""
        writer, threads, reader = self._writer, self._threads, self._reader
        self._writer = self._threads = self._reader = None
        if writer is not None:
            await asyncio.to_thread(writer.close)
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        for connection in self._long_readers:
            connection.close()
        self._long_readers.clear()
        if reader is not None:
            reader.close()

    def _prepare(self, path: Path) -> apsw.Connection:
        connection = connect(path)
        try:
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: apsw.Connection) -> None:
        with wrapped():
            connection.execute(schema.LEDGER)
        migration = drive(connection, schema.next_migration(), self.tally)
        while migration is not None:
            with wrapped(), _transaction(connection):
                # Another process may have been faster while this one waited for the lock.
                migration = drive(connection, schema.next_migration(), self.tally)
                if migration is not None:
                    connection.execute(schema.spelled(migration.text, schema.SQLITE_WORDS))
                    drive(connection, schema.note_migration(migration), self.tally)

    async def _read(self, steps: Callable[[], Steps[Result]], *, snapshot: bool = False) -> Result:
        reader = self._reader
        if reader is None:
            raise CatalogueError("The catalogue is not open.")
        self._ticks = 0
        try:
            return self._read_with(reader, steps, snapshot=snapshot)
        except apsw.InterruptError:
            if self._threads is None:
                raise CatalogueError("The catalogue was closed while it was being read.") from None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self._read_long(steps, snapshot=snapshot))

    def _is_long(self) -> bool:
        self._ticks += 1
        return self._ticks > TICKS_IN_LOOP

    def _read_long(self, steps: Callable[[], Steps[Result]], *, snapshot: bool) -> Result:
        connection: apsw.Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = connect(self._path)
            self._long_readers.append(connection)
        return self._read_with(connection, steps, snapshot=snapshot)

    def _read_with(self, connection: apsw.Connection, steps: Callable[[], Steps[Result]], *, snapshot: bool) -> Result:
        if not snapshot:
            return drive(connection, steps(), self.tally)
        connection.execute("BEGIN")
        try:
            return drive(connection, steps(), self.tally)
        finally:
            connection.execute("COMMIT")

    async def _write(self, steps: Callable[[], Steps[Written[Result]]]) -> Result:
        if self._writer is not None:
            return await self._writer.write(steps)
        if self._reader is None:
            raise CatalogueError("The catalogue is not open.")
        (outcome,) = write_group(self._reader, [steps], self.tally)
        if isinstance(outcome, BaseException):
            raise outcome
        result: Result = outcome
        return result


@contextlib.contextmanager
def _transaction(connection: apsw.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
