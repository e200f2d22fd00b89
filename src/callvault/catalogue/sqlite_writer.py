"""One writer for one process: whoever waits shares a commit.

SQLite has one writer at a time and a commit waits for the disk, so a thread takes all writes that have gathered while
the last commit was on its way, and commits them together.  Each has a savepoint: what one does wrong costs the others
nothing, and everybody gets their own error.  A write whose asker was cancelled before it began is not made; one that
had begun is, whole.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

import apsw

from callvault.catalogue import counters
from callvault.catalogue.counters import Delta
from callvault.catalogue.entries import Written
from callvault.catalogue.sqlite_driver import drive, explained
from callvault.catalogue.steps import Steps, Tally
from callvault.errors import CatalogueError

Result = TypeVar("Result")
Job: TypeAlias = Callable[[], Steps[Written[Any]]]

LARGEST_GROUP = 200
"""Writes in one commit; enough that the disk's share of each is small, few enough that none waits long."""


class _Waiting(NamedTuple):
    job: Job
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]


class Writer:
    """The thread that writes."""

    def __init__(self, connection: apsw.Connection, tally: Tally) -> None:
        self._connection = connection
        self._tally = tally
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="catalogue-writer", daemon=True)
        self._thread.start()

    async def write(self, job: Callable[[], Steps[Written[Result]]]) -> Result:
        """Write in a transaction, together with whoever else waits.

        Raises:
            CatalogueError: it could not be written, or the catalogue is closed.
        """
        if self._closed:
            raise CatalogueError("The catalogue is closed.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._queue.put(_Waiting(job, loop, answer))
        return await answer

    def close(self) -> None:
        """Finish what was begun, then stop."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        open_ = True
        while open_:
            group = []
            waiting = self._queue.get()
            while waiting is not None:
                if not waiting.answer.cancelled():
                    group.append(waiting)
                if len(group) == LARGEST_GROUP or self._queue.empty():
                    break
                waiting = self._queue.get()
            open_ = waiting is not None
            if group:
                _tell(group, write_group(self._connection, [waiting.job for waiting in group], self._tally))


def _tell(group: Sequence[_Waiting], outcomes: Sequence[Any]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for waiting, outcome in zip(group, outcomes, strict=True):
        by_loop.setdefault(waiting.loop, []).append((waiting.answer, outcome))
    for loop, answers in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, answers)


def _settle(answers: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for answer, outcome in answers:
        if answer.done():
            continue
        if isinstance(outcome, BaseException):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)


def write_group(connection: apsw.Connection, jobs: Sequence[Job], tally: Tally) -> list[Any]:
    """Do all jobs in one transaction; each job's result, or the exception that it ended with."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        outcomes, deltas = _do_all(connection, jobs, tally)
        drive(connection, counters.apply(deltas), tally)
        connection.execute("COMMIT")
    except (apsw.Error, CatalogueError) as error:
        failure = error if isinstance(error, CatalogueError) else explained(error)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [failure] * len(jobs)
    return outcomes


def _do_all(connection: apsw.Connection, jobs: Sequence[Job], tally: Tally) -> tuple[list[Any], list[Delta]]:
    outcomes: list[Any] = []
    deltas: list[Delta] = []
    for job in jobs:
        connection.execute("SAVEPOINT job")
        try:
            written = drive(connection, job(), tally)
        except Exception as error:  # it is the asker's, who gets it
            if not connection.in_transaction:  # SQLite itself has given the whole group up: the disk is full, or worse
                raise CatalogueError("The catalogue's database gave the transaction up.") from error
            connection.execute("ROLLBACK TO job")
            outcomes.append(error)
        else:
            outcomes.append(written.result)
            deltas += written.deltas
        connection.execute("RELEASE job")
    return outcomes, deltas
