"""The hand at the wheel of one take: rules, verbs, cues and limits are carried out, one after the other.

Every step goes the same way: it is worked out, the veil is drawn where it changes, the journal is written with the
moment from which the veil holds, and only then is anything changed here, told, or answered.  A step that fails at the
gate or at the journal has not been taken.  What does not live here: what a step is (``steering``), who calls.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, Self
from uuid import UUID

from callvault.capture.gate import Gate, Veil
from callvault.capture.steering.facts import KnownCall, known_from
from callvault.capture.steering.steering import SECOND_NS, Steering, Step
from callvault.capture.steering.succession import NOTHING, Key, Succession, heritage_of
from callvault.errors import CallerError, HouseError, NotFound
from callvault.model.live import LiveCall, Phase
from callvault.model.order import OVER, Done, Mask, NotDone, Reply, Start, Verb
from callvault.model.policy import Policy, policy_of
from callvault.protocols.spool.journal import Begun, Journal, Record, RecordingMoved

log = logging.getLogger("callvault.steering")


class Board(Protocol):
    """Whoever tells others of live calls.  Nothing of it makes a call wait."""

    def note(self, call: LiveCall) -> None:
        """A call is like this now."""

    def forget(self, take: UUID) -> None:
        """A call is over."""


class NoBoard:
    """Tells nobody."""

    def note(self, call: LiveCall) -> None:
        """See ``Board``."""

    def forget(self, take: UUID) -> None:
        """See ``Board``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bridge:
    """What all takes of a process have in common."""

    gate: Gate
    now_ns: Callable[[], int]
    new_id: Callable[[int], UUID]
    """An id that carries this moment (ns)."""
    finish_early: Callable[[UUID, UUID], None]
    """A recording of a take has been stopped while the call goes on: its file can be made.  Raises OSError."""
    node: str = ""
    succession: Succession[Helm] = field(default_factory=Succession)
    board: Board = field(default_factory=NoBoard)


class Helm:
    """Of one take."""

    def __init__(
        self,
        bridge: Bridge,
        known: KnownCall,
        policy: Policy,
        *,
        commit: Callable[..., None],
        journal: Journal | None = None,
    ) -> None:
        """``commit`` writes records into the journal, all or none, or raises MediaError.

        ``journal``: what is known already, where a predecessor had the take; ``known`` is from it too.
        """
        self._bridge = bridge
        self._known = known
        self._policy = policy
        self._commit = commit
        self._steering = Steering(known.take, policy, began_ns=known.began_ns, new_id=bridge.new_id, journal=journal)
        self._heritage = NOTHING
        self._transfers = known.transfers
        """Those that recordings have been ended for."""
        self._veil_is_sure = journal is None
        self._turn = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._told: LiveCall | None = None
        self._over = False

    @classmethod
    def of(cls, bridge: Bridge, begun: Begun, *, commit: Callable[..., None], journal: Journal | None = None) -> Self:
        """Of a take whose policy is in its first record's settings."""
        known = known_from(begun, journal.records if journal is not None else ())
        helm = cls(bridge, known, policy_of(begun.settings), commit=commit, journal=journal)
        helm._succeed()
        return helm

    @property
    def veil(self) -> Veil:
        """What sockets of the take are to be opened behind."""
        return self._steering.veil

    @property
    def behind(self) -> bool:
        """Whether something is due that could not be done at its time."""
        due_ns = self._steering.due_ns
        late = due_ns is not None and due_ns <= self._bridge.now_ns()
        waits = self._steering.cue(answered=self._known.answered, bridged=self._known.bridged).records
        return late or not self._veil_is_sure or self._transfers < self._known.transfers or bool(waits)

    @property
    def live(self) -> LiveCall:
        """The call as it is."""
        return self._known.live(self._bridge.node, self._steering.recordings, masked=self._steering.masked)

    # What happens

    async def begin(self, records: Iterable[Record]) -> None:
        """The call begins, and this is journalled of it: what the rules want of it holds when this returns.

        Raises:
            MediaError: it does not.
        """
        self._known = self._known.after(records)
        before = self._succeed()
        if before is not None:
            self._heritage = heritage_of(before.live.recordings, masked=before.live.masked)
        async with self._turn:
            await self._catch_up()
            for verb in self._inherited():
                await self._go(partial(self._worked_out, verb))
        self._tell()
        if before is not None:
            await before.give_way()

    async def give_way(self) -> None:
        """Another recording session of the same call has begun: that is a transfer."""
        self._known = replace(self._known, transfers=self._known.transfers + 1)
        await self.tick()

    async def learn(self, records: Iterable[Record]) -> None:
        """This was journalled of the call: who waited for it begins, who does not follow a transfer ends."""
        known = self._known.after(records)
        if known != self._known:
            self._known = known
            await self.tick()

    async def tick(self) -> None:
        """Do what is due; what fails is tried again at the next tick."""
        if self._over:
            return
        try:
            async with self._turn:
                await self._catch_up()
        except HouseError as error:
            log.warning(
                "the take %s is not recorded as it should be, and it is tried again: %s", self._known.take, error
            )
        self._tell()

    async def carry_out(self, verb: Verb) -> Reply:
        """What a verb asks for, and what came of it."""
        try:
            async with self._turn:
                if self._over:
                    return OVER
                await self._catch_up()
                step = await self._go(lambda: self._worked_out(verb))
        except CallerError as error:
            return NotDone(fault="not-found" if isinstance(error, NotFound) else "conflict", sentence=str(error))
        except HouseError as error:
            log.warning("a verb for the take %s is not carried out: %s", self._known.take, error)
            return NotDone(fault="failed", sentence=f"It could not be done just now. {error}")
        finally:
            self._tell()
        return Done(call=self.live, recordings=step.recordings)

    async def end(self) -> None:
        """The call is over, and what is recorded of it ends with it; may be repeated."""
        if self._over:
            return
        self._over = True
        if (key := self._key) is not None:
            self._bridge.succession.end(key, self, self._bridge.now_ns())
        self._bridge.board.forget(self._known.take)
        async with self._turn:  # a step that is under way is gone to its end
            if self._timer is not None:
                self._timer.cancel()

    # How

    @property
    def _key(self) -> Key | None:
        known = self._known
        return None if known.session is None else (known.account_id, known.trunk, known.session)

    def _succeed(self) -> Helm | None:
        """Be the last take of the call's session; whose place that was."""
        key = self._key
        return None if key is None else self._bridge.succession.take_place(key, self, self._bridge.now_ns())

    def _inherited(self) -> Iterator[Verb]:
        """What holds for the call goes on to hold."""
        if self._heritage.masked:
            yield Mask(on=True)
        for wish in self._heritage.wishes:
            yield Start(recording=self._bridge.new_id(self._bridge.now_ns()), wish=wish)

    def _worked_out(self, verb: Verb) -> Step:
        return self._steering.carry_out(
            verb, answered=self._known.answered, bridged=self._known.bridged, at_ns=self._bridge.now_ns()
        )

    async def _catch_up(self) -> None:
        """Rules, limits, transfers and cues, as far as they have come."""
        if not self._steering.decided:
            facts = self._known.facts(self._policy)
            left_out = self._heritage.rules
            await self._go(lambda: self._steering.decide(facts, self._bridge.now_ns(), but=left_out))
        await self._go(lambda: self._steering.tick(self._bridge.now_ns()))
        if self._transfers < self._known.transfers:
            seen = self._known.transfers
            await self._go(self._steering.transferred)
            self._transfers = seen
        await self._go(lambda: self._steering.cue(answered=self._known.answered, bridged=self._known.bridged))

    async def _go(self, work_out: Callable[[], Step]) -> Step:
        """One step, whole or not at all.

        Raises:
            CallerError: there is no such step.
            MediaError: it was not taken.
        """
        step = work_out()
        before = self._steering.veil
        at_ns = await self._draw(step.veil or before)
        if step.records:
            try:
                self._commit(*self._steering.records(step, at_ns))
            except HouseError:
                if step.veil is not None:
                    await self._draw_back(before)
                raise
            self._steering.take(step, at_ns)
        self._finish_early(step)
        self._set_timer()
        return step

    async def _draw(self, veil: Veil) -> int:
        """See that a veil holds; since when (ns)."""
        if veil == self._steering.veil and self._veil_is_sure:
            return self._bridge.now_ns()
        self._veil_is_sure = False
        at_ns = await self._bridge.gate.veil(self._known.take, veil)
        self._veil_is_sure = True
        return at_ns

    async def _draw_back(self, veil: Veil) -> None:
        """The journal does not know of a step: its veil must not stay."""
        self._veil_is_sure = False
        try:
            await self._bridge.gate.veil(self._known.take, veil)
        except HouseError as error:
            log.warning("the veil of the take %s is drawn again as soon as it can be: %s", self._known.take, error)
        else:
            self._veil_is_sure = True

    def _finish_early(self, step: Step) -> None:
        for record in step.records:
            if isinstance(record, RecordingMoved) and record.phase == Phase.STOPPED:
                try:
                    self._bridge.finish_early(self._known.take, record.recording)
                except OSError as error:
                    log.warning("the recording %s is finished when its call is over: %s", record.recording, error)

    def _tell(self) -> None:
        """Whoever tells others hears of what has changed."""
        live = self.live
        if live != self._told and not self._over:
            self._told = live
            self._bridge.board.note(live)

    def _set_timer(self) -> None:
        due_ns = self._steering.due_ns
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due_ns is not None and not self._over:
            delay_s = max(0.0, (due_ns - self._bridge.now_ns()) / SECOND_NS)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._go_off)

    def _go_off(self) -> None:
        self._timer = None
        self._ticking = asyncio.get_running_loop().create_task(self.tick())
