"""Plays a call in time: everything that is due, when it is due.

What lives here: one clock and one heap of things to do.  What does not: what they are.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Coroutine
from typing import Any

_AT_ONCE = 64
"""After so many overdue actions the loop gets a turn, so that messages are heard."""


class Player:
    """A heap of actions, each with its moment in seconds from the beginning."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self._speed = speed
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = asyncio.Event()
        self.began_s = 0.0
        """Seconds since 1970."""
        self._began = 0.0

    def at(self, at_s: float, action: Callable[[], None]) -> None:
        """Do it then; also while playing."""
        heapq.heappush(self._heap, (at_s, next(self._count), action))

    def start_at(self, at_s: float, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin it then; the playing goes on meanwhile, and does not end before it has."""
        self.at(at_s, lambda: self._tasks.append(asyncio.create_task(action())))

    @property
    def passed_s(self) -> float:
        """Seconds of the call that have passed."""
        return (time.monotonic() - self._began) * self._speed

    def stop(self) -> None:
        """Whatever is still to come does not."""
        self._stopped.set()

    async def play(self) -> None:
        """Until nothing is left to do, or it is stopped.  An error of something that was started is raised."""
        self.began_s, self._began = time.time(), time.monotonic()
        done = 0
        while self._heap and not self._stopped.is_set():
            wait_s = (self._heap[0][0] - self.passed_s) / self._speed
            if wait_s > 0:
                await self._pause(wait_s)
                done = 0
                continue
            _, _, action = heapq.heappop(self._heap)
            action()
            done += 1
            if done % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if not self._heap and self._tasks:
                await self.settle()
        await self.settle()

    async def settle(self) -> None:
        """Wait for what was started."""
        while self._tasks:
            tasks, self._tasks = self._tasks, []
            await asyncio.gather(*tasks)

    async def _pause(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._stopped.wait()
        except TimeoutError:
            return
