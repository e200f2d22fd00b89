"""SQLite through apsw: a connection as this package wants it, and steps driven over one.

What does not live here: who reads and who writes (``sqlite``, ``sqlite_writer``).
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import apsw

from callvault.catalogue.steps import Ask, Rows, Steps, Tally
from callvault.errors import CatalogueError

Result = TypeVar("Result")

BUSY_MS = 10_000
"""How long a writer waits for another process to finish its transaction."""
_TRIES = 50

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",  # KiB
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 67108864",
    # Mapped memory does not pay: at 10^7 recordings the first touch of a page took 4 to 6 ms now and then, without 0.3.
    "PRAGMA mmap_size = 0",
)


def connect(path: Path | None) -> apsw.Connection:
    """A connection to a file, in WAL mode, or to a database in memory of its own.

    Raises:
        CatalogueError: the file cannot be opened, or is something else.
    """
    try:
        connection = apsw.Connection(":memory:" if path is None else str(path), statementcachesize=400)
        connection.set_busy_timeout(BUSY_MS)
        for setting in _SETTINGS:
            connection.execute(setting)
        if path is not None:
            _write_ahead(connection)
    except apsw.Error as error:
        raise CatalogueError(f"The catalogue {path} cannot be opened: {error}.") from error
    return connection


def _write_ahead(connection: apsw.Connection) -> None:
    """Two processes that open a new file at once get in each other's way, and this lock knows no waiting."""
    for attempt in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except apsw.BusyError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.02)
        else:
            return


@contextlib.contextmanager
def wrapped() -> Iterator[None]:
    """Raise the driver's errors as ours; an interrupted read is none."""
    try:
        yield
    except apsw.InterruptError:
        raise
    except (apsw.Error, OverflowError, UnicodeEncodeError) as error:
        raise explained(error) from error


def explained(error: Exception) -> CatalogueError:
    """The driver's error in our words."""
    if isinstance(error, apsw.BusyError):
        return CatalogueError(f"Another process has kept the catalogue locked for {BUSY_MS // 1000} s; try again.")
    return CatalogueError(f"The catalogue's database did not do what was asked: {error}.")


def drive(connection: apsw.Connection, steps: Steps[Result], tally: Tally) -> Result:
    """Answer what the steps ask until they are done.

    Raises:
        CatalogueError: the database did not do what was asked.
        apsw.InterruptError: it was told to stop.
    """
    try:
        ask = next(steps)
        while True:
            found = _answer(connection, ask)
            tally.count(ask, found)
            ask = steps.send(found)
    except StopIteration as done:
        result: Result = done.value
        return result
    except apsw.InterruptError:
        raise
    except (apsw.Error, OverflowError, UnicodeEncodeError) as error:
        raise explained(error) from error


def _answer(connection: apsw.Connection, ask: Ask) -> Rows:
    text = spelled(ask.sql)
    if ask.many is None:
        return connection.execute(text, ask.values).fetchall()
    return connection.executemany(text, ask.many).fetchall()


@cache
def spelled(sql: str) -> str:
    """SQL in SQLite's way: ``?1`` for ``$1``, the index that the statement was written for, and its clock."""
    clocked = sql.replace("clock_ms()", "CAST(unixepoch('subsec') * 1000 AS INTEGER)")
    return re.sub(r"/\*\+ (\w+) \*/", r"INDEXED BY \1", re.sub(r"\$(\d+)", r"?\1", clocked))
