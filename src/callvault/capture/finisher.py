"""The finisher: makes recordings of takes that have ended, one after the other, and never gives one up.

What does not live here: how the audio is made (``finishing``), how it is kept (``vault.finishing``).  Every step can be
cut short and done again: what a take becomes has the take's own id, and its spool goes last.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from callvault.capture.cards import captured_of, card_of, card_of_missed, recording_id
from callvault.capture.finished import Finished
from callvault.capture.journals import read_journal
from callvault.capture.spools import SpoolPaths, Spools
from callvault.errors import CallvaultError, HouseError
from callvault.protocols.spool.journal import Begun, Journal
from callvault.vault.finishing import FinishedTake, Finishing

log = logging.getLogger("callvault.finisher")

LOOK_S = 0.2
"""How often the folder of ended takes is looked at: what a recording waits for at most, after its call."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0

MakeAudio = Callable[[SpoolPaths, Path], Awaitable[Finished]]
"""From a take's files to finished ones in a folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A take that could not be kept, and when it is tried again."""

    due_s: float
    pause_s: float


class Finisher:
    """Finishes what lies in a spool folder."""

    def __init__(
        self,
        spools: Spools,
        finishing: Finishing,
        make_audio: MakeAudio,
        *,
        at_once: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._spools = spools
        self._finishing = finishing
        self._make_audio = make_audio
        self._at_once = at_once
        self._clock = clock
        self._under_way: dict[UUID, asyncio.Task[None]] = {}
        self._waiting: dict[UUID, Waiting] = {}

    async def run(self) -> None:
        """Finish whatever comes, until cancelled; what is under way then is begun anew by the next."""
        try:
            while True:
                self.look()
                if self._under_way:
                    await asyncio.wait(self._under_way.values(), timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(LOOK_S)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def look(self) -> None:
        """Begin with as many of those that wait as may be done at once, the oldest first."""
        self._under_way = {take: task for take, task in self._under_way.items() if not task.done()}
        room = self._at_once - len(self._under_way)
        if room <= 0:
            return
        now_s = asyncio.get_running_loop().time()
        for take in self._spools.ended_takes():
            later = self._waiting.get(take)
            if take in self._under_way or (later is not None and later.due_s > now_s):
                continue
            self._under_way[take] = asyncio.create_task(self._try(take), name=f"finish {take}")
            room -= 1
            if room == 0:
                return

    async def _try(self, take: UUID) -> None:
        try:
            ours = await self.finish(take)
        except HouseError as error:
            before = self._waiting.get(take)
            pause_s = min(2 * before.pause_s, LONGEST_PAUSE_S) if before else FIRST_PAUSE_S
            due_s = asyncio.get_running_loop().time() + pause_s
            self._waiting[take] = Waiting(due_s=due_s, pause_s=pause_s)
            log.warning("the take %s cannot be kept yet, and is tried again in %.0f s: %s", take, pause_s, error)
        except Exception as error:
            said = str(error) if isinstance(error, CallvaultError) else repr(error)
            kept = self._spools.set_aside(take, said)
            log.exception("the take %s cannot be finished; what came is kept in %s", take, kept)
        else:
            self._waiting.pop(take, None)
            if not ours:  # whoever has it may die with it
                due_s = asyncio.get_running_loop().time() + FIRST_PAUSE_S
                self._waiting[take] = Waiting(due_s=due_s, pause_s=FIRST_PAUSE_S)

    async def finish(self, take: UUID) -> bool:
        """Make the recordings of an ended take, see that they are safe, and remove its spool.

        False where another finisher has it.

        Raises:
            HouseError: not now; everything is there for another time.
            CallerError: never.
        """
        paths = self._spools.ended(take)
        with _claimed(paths.journal) as ours:
            if not ours:
                return False
            journal = await asyncio.to_thread(read_journal, paths.journal)
            begun = journal.begun
            if begun is None:
                self._spools.set_aside(take, "The journal has no beginning, so nobody knows whose call it was.")
                return True
            finished = await self._make_audio(paths, self._spools.work(take))
            for item in _recordings(journal, begun, finished):
                recording = await self._finishing.keep(item, self._clock())
                log.info("the take %s became the recording %s", take, recording.id)
            await asyncio.to_thread(self._spools.forget, take)
            return True


def _recordings(journal: Journal, begun: Begun, finished: Finished) -> Iterator[FinishedTake]:
    for number, audio in enumerate(finished.files):
        yield FinishedTake(
            account_id=begun.account_id,
            recording_id=recording_id(begun.take, number),
            card=card_of(journal, begun, audio),
            captured=captured_of(journal, audio.capture, audio.began_ns),
            audio=audio.path,
        )
    if not finished.files:
        yield FinishedTake(
            account_id=begun.account_id,
            recording_id=begun.take,
            card=card_of_missed(journal, begun, finished.capture),
            captured=captured_of(journal, finished.capture, begun.at_ns),
            audio=None,
        )


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Whether the take is ours alone for now; another finisher may have it, or have finished it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        try:
            yield path.exists()
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a process that was forked meanwhile has the descriptor too
    finally:
        os.close(descriptor)
