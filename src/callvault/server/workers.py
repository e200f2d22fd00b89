"""What works beside the answering of requests: begun when the server is ready, ended before it lets go of the vault."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

log = logging.getLogger("callvault.workers")

REST_S = 5.0
"""How long a worker that met a fault of ours is left alone."""


class Worker(Protocol):
    """Works until it is stopped."""

    async def run(self) -> None:
        """Work."""

    async def stop(self) -> None:
        """Come to an end soon, with nothing half done that somebody else could not take up."""


class Workers:
    """All of them."""

    def __init__(self, workers: Iterable[Worker] = ()) -> None:
        self._workers = tuple(workers)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let them begin."""
        self._tasks = [asyncio.create_task(_run(worker)) for worker in self._workers]

    async def stop(self) -> None:
        """Let them come to an end."""
        await asyncio.gather(*(worker.stop() for worker in self._workers), return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


async def _run(worker: Worker) -> None:
    while True:
        try:
            await worker.run()
        except Exception:
            log.exception("%s met a fault of ours, and begins again", type(worker).__name__)
            await asyncio.sleep(REST_S)
        else:
            return
