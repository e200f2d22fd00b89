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
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from callvault.capture.cards import call_id_of, captured_of, card_of, card_of_missed, recording_id
from callvault.capture.finished import Finished
from callvault.capture.finishing.asked import asked_in
from callvault.capture.journals import read_journal
from callvault.capture.spools import SpoolPaths, Spools
from callvault.capture.steering.facts import known_from
from callvault.errors import CallvaultError, HouseError
from callvault.protocols.spool.journal import Begun, Journal
from callvault.vault.finishing import FinishedTake, Finishing

log = logging.getLogger("callvault.finisher")

LOOK_S = 0.2
"""How often the folder of ended takes is looked at: what a recording waits for at most, after its call."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
SETTLED_S = 1.0
"""How long after its end everything of a recording lies in the spool of a call that goes on: a few ticks."""

NOTHING_OF_IT = "Nothing was recorded: it ended before it had begun."
"""Of a rule's recording that waited in vain nobody hears, unless somebody has steered it."""

MakeAudio = Callable[[SpoolPaths, Path, UUID | None, AbstractSet[UUID]], Awaitable[Finished]]
"""From a take's files to finished ones in a folder: all, or only one recording, or all but some."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A take that could not be kept, and when it is tried again."""

    due_s: float
    pause_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What one task is about."""

    take: UUID
    recording: UUID | None = None
    """One that has ended before its call; None: the whole take."""

    def __str__(self) -> str:
        """For the log."""
        return f"the take {self.take}" if self.recording is None else f"the recording {self.recording}"


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
        for name, work in self._due():
            later = self._waiting.get(name)
            if name in self._under_way or (later is not None and later.due_s > now_s):
                continue
            self._under_way[name] = asyncio.create_task(self._try(name, work), name=f"finish {name}")
            room -= 1
            if room == 0:
                return

    def _due(self) -> Iterator[tuple[UUID, Work]]:
        """What could be done: recordings that ended before their calls, and takes that have ended."""
        for take, recording, at in self._spools.cuts():
            if self._clock().timestamp() - at >= SETTLED_S:
                yield recording, Work(take=take, recording=recording)
        for take in self._spools.ended_takes():
            yield take, Work(take=take)

    async def _try(self, name: UUID, work: Work) -> None:
        try:
            if work.recording is None:
                done = await self.finish(work.take)
            else:
                done = await self.finish_early(work.take, work.recording)
        except HouseError as error:
            before = self._waiting.get(name)
            pause_s = min(2 * before.pause_s, LONGEST_PAUSE_S) if before else FIRST_PAUSE_S
            self._wait(name, pause_s)
            log.warning("%s cannot be kept yet, and is tried again in %.0f s: %s", work, pause_s, error)
        except Exception as error:
            said = str(error) if isinstance(error, CallvaultError) else repr(error)
            if work.recording is not None:
                self._spools.forget_cut(work.take, work.recording)
                log.exception("%s cannot be finished before its call; it will be with it", work)
            else:
                kept = await self._set_aside(work.take, said)
                log.exception("%s cannot be finished; what came is kept in %s", work, kept)
        else:
            self._waiting.pop(name, None)
            if not done:  # whoever has it may die with it
                self._wait(name, FIRST_PAUSE_S)

    async def _set_aside(self, take: UUID, why: str) -> Path:
        """Nobody waits for what will never be finished."""
        journal = await asyncio.to_thread(read_journal, self._spools.ended(take).journal)
        kept = self._spools.set_aside(take, why)
        begun = journal.begun
        try:
            if begun is not None:
                asked = [each.id for each in asked_in(journal) or ()]
                await self._finishing.give_up(begun.account_id, asked, why, self._clock())
        except CallvaultError as error:
            log.warning("the recordings of the take %s are still said to be under way: %s", take, error)
        return kept

    def _wait(self, name: UUID, pause_s: float) -> None:
        self._waiting[name] = Waiting(due_s=asyncio.get_running_loop().time() + pause_s, pause_s=pause_s)

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
            safe = await self._safe(journal, begun)
            finished = await self._make_audio(paths, self._spools.work(take), None, safe)
            made = set()
            for item in _recordings(journal, begun, finished):
                recording = await self._finishing.keep(item, self._clock())
                made.add(recording.id)
                log.info("the take %s became the recording %s", take, recording.id)
            unmade = [each.id for each in asked_in(journal) or () if each.id not in made]
            await self._finishing.give_up(begun.account_id, unmade, NOTHING_OF_IT, self._clock())
            await asyncio.to_thread(self._spools.forget, take)
            return True

    async def finish_early(self, take: UUID, recording: UUID) -> bool:
        """Make one recording that has ended, while its call may go on; its call's spool stays.

        False where it is not the moment for it.

        Raises:
            HouseError: not now.
            CallerError: not before the call has ended.
        """
        paths = self._spools.either(take)
        with _claimed(paths.journal) as ours:
            if not ours:
                if not self._spools.either(take).journal.exists():
                    self._spools.forget_cut(take, recording)
                return False
            journal = await asyncio.to_thread(read_journal, paths.journal)
            finished = await self._make_audio(paths, self._spools.work(take, recording), recording, frozenset())
            if journal.begun is None or self._spools.either(take) != paths:  # the call has ended meanwhile
                return False
            for item in _recordings(journal, journal.begun, finished):
                kept = await self._finishing.keep(item, self._clock())
                log.info("the take %s has become the recording %s, and goes on", take, kept.id)
            await asyncio.to_thread(self._spools.forget_cut, take, recording)
            return True

    async def _safe(self, journal: Journal, begun: Begun) -> frozenset[UUID]:
        """The recordings that ended before the call, and were finished then."""
        ended = {each.id for each in asked_in(journal) or () if each.stopped is not None}
        return frozenset([each for each in ended if await self._finishing.is_kept(begun.account_id, each)])


def _recordings(journal: Journal, begun: Begun, finished: Finished) -> Iterator[FinishedTake]:
    number, conference = 0, known_from(begun, journal.records).conference
    for audio in finished.files:
        yield FinishedTake(
            account_id=begun.account_id,
            recording_id=audio.recording or recording_id(begun.take, number),
            call_id=call_id_of(begun.take),
            card=card_of(journal, begun, audio, conference),
            captured=captured_of(journal, audio.capture, audio.began_ns),
            audio=audio.path,
            form=audio.wish.format if audio.wish is not None else None,
            push=audio.wish.push if audio.wish is not None else None,
        )
        number += audio.recording is None
    for missed in finished.missed:
        yield FinishedTake(
            account_id=begun.account_id,
            recording_id=missed.recording or begun.take,
            call_id=call_id_of(begun.take),
            card=card_of_missed(journal, begun, missed, conference),
            captured=captured_of(journal, missed.capture, missed.at_ns),
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
