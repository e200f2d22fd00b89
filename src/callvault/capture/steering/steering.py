"""The recordings of one take: what verbs, rules, cues and limits make of them.  Sans-IO; times are nanoseconds.

A step is worked out first (``decide``, ``carry_out``, ...), then the veil is drawn as the step wants it, and then the
step is taken (``take``) at the moment from which the veil holds; its records go into the journal before anybody is
answered.  What does not live here: who draws the veil and writes the journal (``helm``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callvault.capture.gate import OPEN_VEIL, Veil, VeilState
from callvault.errors import Conflict, NotFound
from callvault.model.live import LiveRecording, Phase
from callvault.model.order import Change, Mask, Start, Verb
from callvault.model.policy import CallFacts, Policy
from callvault.model.wish import Cue, Wish, read_wish, write_wish
from callvault.protocols.spool.journal import Journal, Masking, Record, RecordingAsked, RecordingMoved, Unasked

SECOND_NS = 1_000_000_000
Asking = RecordingAsked | RecordingMoved | Unasked | Masking


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """One recording, as far as it has come."""

    id: UUID
    wish: Wish
    phase: Phase
    asked_ns: int
    rule: str | None
    began_ns: int | None = None
    moved_ns: int = 0
    """When the phase began."""
    cut_ns: int = 0
    """How much was cut out by pauses that are over."""
    ended_ns: int | None = None
    silent: bool = False

    @property
    def due_ns(self) -> int | None:
        """When its limit is reached, if nothing else happens; None where it has none, or is paused."""
        if self.wish.most_s is None or self.began_ns is None:
            return None
        if self.phase is Phase.RUNNING or (self.phase is Phase.PAUSED and self.silent):
            return self.began_ns + self.cut_ns + int(self.wish.most_s * SECOND_NS)
        return None

    def moved(self, to: Phase, at_ns: int, *, silent: bool) -> _Made:
        """As it is when it has moved."""
        cut = at_ns - self.moved_ns if self.phase is Phase.PAUSED and not self.silent else 0
        return replace(
            self,
            phase=to,
            moved_ns=at_ns,
            cut_ns=self.cut_ns + cut,
            began_ns=at_ns if self.began_ns is None and to is Phase.RUNNING else self.began_ns,
            ended_ns=at_ns if to is Phase.STOPPED else None,
            silent=silent if to is Phase.PAUSED else self.silent,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """Of all recordings of the take."""

    decided: bool = False
    """Whether the rules have been looked at, or somebody has asked for a recording."""
    made: tuple[_Made, ...] = ()
    masked: bool = False
    keys: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    """Which recordings each request that can be repeated was about."""

    def after(self, record: Record) -> _State:
        """What a journal record makes of it."""
        match record:
            case RecordingAsked():
                made = _Made(
                    id=record.recording,
                    wish=read_wish(record.wish),
                    phase=Phase.WAITING,
                    asked_ns=record.at_ns,
                    rule=record.rule,
                )
                return replace(self, decided=True, made=(*self.made, made), keys=self._with(record))
            case Unasked():
                return replace(self, decided=True)
            case RecordingMoved():
                to = Phase(record.phase)
                made_now = tuple(
                    each.moved(to, record.at_ns, silent=record.silent) if each.id == record.recording else each
                    for each in self.made
                )
                return replace(self, made=made_now, keys=self._with(record))
            case Masking():
                return replace(self, masked=record.on)
            case _:
                return self

    def _with(self, record: RecordingAsked | RecordingMoved) -> Mapping[str, tuple[UUID, ...]]:
        if record.key is None:
            return self.keys
        return {**self.keys, record.key: (*self.keys.get(record.key, ()), record.recording)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What is to be done next; nothing has changed before it is taken."""

    records: tuple[Asking, ...]
    """With ``NOWHERE`` or ``EARLIER`` for a time that the veil gives."""
    veil: Veil | None
    """How the veil is to be drawn first; None: it stays."""
    recordings: tuple[UUID, ...] = ()
    """Which recordings it is about."""


NOWHERE, EARLIER = 0, -1
"""Stand for the moment of the veil in a step's records, and for the one that lies the pre-buffer before it."""


class Steering:
    """Of one take."""

    def __init__(
        self,
        take: UUID,
        policy: Policy,
        *,
        began_ns: int,
        new_id: Callable[[int], UUID],
        journal: Journal | None = None,
    ) -> None:
        """``journal``: what is known already, where a predecessor had the take."""
        self._take = take
        self._policy = policy
        self._began_ns = began_ns
        self._new_id = new_id
        self._state = _State()
        if journal is not None:
            for record in journal.records:
                self._state = self._state.after(record)
        self._veil = self._wanted(self._state)

    @property
    def veil(self) -> Veil:
        """What is in force, or has to be where a predecessor's is not known."""
        return self._veil

    @property
    def decided(self) -> bool:
        """Whether the rules have been looked at."""
        return self._state.decided

    @property
    def masked(self) -> bool:
        """Whether the whole call is masked."""
        return self._state.masked

    @property
    def due_ns(self) -> int | None:
        """When a limit is reached next."""
        return min((due for each in self._state.made if (due := each.due_ns) is not None), default=None)

    @property
    def recordings(self) -> tuple[LiveRecording, ...]:
        """All of them, oldest first."""
        return tuple(_shown(each) for each in self._state.made)

    # Steps

    def decide(self, facts: CallFacts, at_ns: int, *, but: AbstractSet[str] = frozenset()) -> Step:
        """What the rules want of a call that begins, but for some by name; once."""
        if self._state.decided:
            return self._step(())
        records: list[Asking] = []
        chosen = [rule for rule in self._policy.chosen(facts) if rule.name not in but]
        for number, rule in enumerate(chosen):
            recording = self._take if number == 0 else self._new_id(at_ns)
            asked = RecordingAsked(at_ns=at_ns, recording=recording, wish=write_wish(rule.wish), rule=rule.name)
            records.append(asked)
            if rule.wish.cue is Cue.NOW:
                records.append(RecordingMoved(at_ns=self._began_ns, recording=recording, phase=Phase.RUNNING))
        asked_for = [record.recording for record in records if isinstance(record, RecordingAsked)]
        return self._step(records or [Unasked(at_ns=at_ns)], asked_for)

    def cue(self, *, answered: bool, bridged: bool) -> Step:
        """Who waits for these begins."""
        there = {Cue.NOW} | ({Cue.ANSWERED} if answered else set()) | ({Cue.BRIDGED} if bridged else set())
        waiting = [each for each in self._state.made if each.phase is Phase.WAITING and each.wish.cue in there]
        return self._step([_move(each, Phase.RUNNING) for each in waiting], (each.id for each in waiting))

    def transferred(self) -> Step:
        """Somebody was replaced: recordings that do not follow a transfer end."""
        ending = [each for each in self._active() if each.phase is not Phase.WAITING and not each.wish.follows_transfer]
        return self._step([_move(each, Phase.STOPPED, why="transfer") for each in ending], (each.id for each in ending))

    def tick(self, at_ns: int) -> Step:
        """Recordings that have reached their limit end, at the very moment."""
        ending = [(each, due) for each in self._state.made if (due := each.due_ns) is not None and due <= at_ns]
        records = [
            RecordingMoved(at_ns=due, recording=each.id, phase=Phase.STOPPED, why="limit") for each, due in ending
        ]
        return self._step(records, (each.id for each, _ in ending))

    def carry_out(self, verb: Verb, *, answered: bool, bridged: bool, at_ns: int) -> Step:
        """What a verb asks for.

        Raises:
            NotFound: there is no such recording.
            Conflict: it is not in the state for it.
        """
        if isinstance(verb, Start | Change) and verb.key is not None and verb.key in self._state.keys:
            return self._step((), self._state.keys[verb.key])
        match verb:
            case Mask():
                return self._step([Masking(at_ns=NOWHERE, on=verb.on)] if verb.on != self._state.masked else ())
            case Start():
                return self._start(verb, answered=answered, bridged=bridged, at_ns=at_ns)
            case Change():
                meant = self._meant(verb)
                changing = [each for each in meant if each.phase is not verb.to]
                moves = [_move(each, verb.to, silent=verb.silent, key=verb.key) for each in changing]
                return self._step(moves, (each.id for each in meant))

    def _start(self, verb: Start, *, answered: bool, bridged: bool, at_ns: int) -> Step:
        if any(each.id == verb.recording for each in self._state.made):
            return self._step((), (verb.recording,))
        records: list[Asking] = [
            RecordingAsked(at_ns=at_ns, recording=verb.recording, wish=write_wish(verb.wish), key=verb.key)
        ]
        there = {Cue.NOW: True, Cue.ANSWERED: answered, Cue.BRIDGED: bridged}
        if there[verb.wish.cue]:
            before = EARLIER if self._veil.state is not VeilState.MASKED else NOWHERE
            records.append(RecordingMoved(at_ns=before, recording=verb.recording, phase=Phase.RUNNING))
        return self._step(records, (verb.recording,))

    def _meant(self, verb: Change) -> Sequence[_Made]:
        """Which recordings a change is about, all of them in the state for it."""
        if verb.recording is not None:
            found = [each for each in self._state.made if each.id == verb.recording]
            if not found:
                raise NotFound("recording", str(verb.recording))
        else:
            active = self._active()
            if verb.only and len(active) != 1:
                raise Conflict(
                    f"The call has {len(active)} recordings under way, so it is not clear which one is meant."
                )
            found = active if verb.all_of_them else active[-1:]
            if not found:
                raise NotFound("recording", "under way in this call")
        as_good = frozenset({verb.to} if verb.settled else ())
        fitting = [each for each in found if verb.to in MAY_BECOME[each.phase] or each.phase in as_good]
        if not fitting:
            raise Conflict(f"A recording that is {found[-1].phase} cannot become {verb.to}.")
        return fitting

    def _active(self) -> list[_Made]:
        return [each for each in self._state.made if each.phase is not Phase.STOPPED]

    def _step(self, records: Sequence[Asking], recordings: Iterator[UUID] | Sequence[UUID] = ()) -> Step:
        state = self._state
        for record in records:
            state = state.after(record)
        wanted = self._wanted(state) if records else self._veil
        veil = wanted if wanted != self._veil else None
        return Step(records=tuple(records), veil=veil, recordings=tuple(recordings))

    def _wanted(self, state: _State) -> Veil:
        phases = {each.phase for each in state.made}
        hide_keys = self._policy.mask_keys
        if not state.decided and not self._policy.rules and self._policy.record:
            return replace(OPEN_VEIL, hide_keys=hide_keys)
        if Phase.RUNNING in phases and not state.masked:
            return Veil(state=VeilState.OPEN, hide_keys=hide_keys)
        if phases & {Phase.RUNNING, Phase.PAUSED}:
            return Veil(state=VeilState.MASKED, hide_keys=hide_keys)
        prebuffer_ms = 0 if state.masked else self._policy.prebuffer_ms
        return Veil(state=VeilState.SHUT, prebuffer_ms=prebuffer_ms, hide_keys=hide_keys)

    def records(self, step: Step, at_ns: int) -> tuple[Record, ...]:
        """For the journal, if the step is taken at this moment, from which on its veil holds."""
        return tuple(self._timed(record, at_ns) for record in step.records)

    def take(self, step: Step, at_ns: int) -> tuple[Record, ...]:
        """The step is taken, and this is what the journal has of it."""
        records = self.records(step, at_ns)
        for record in records:
            self._state = self._state.after(record)
        if records:
            self._veil = self._wanted(self._state)
        return records

    def _timed(self, record: Asking, at_ns: int) -> Asking:
        if record.at_ns == EARLIER:
            return replace(record, at_ns=max(self._began_ns, at_ns - self._policy.prebuffer_ms * 1_000_000))
        return replace(record, at_ns=at_ns) if record.at_ns == NOWHERE else record


MAY_BECOME = {
    Phase.WAITING: frozenset({Phase.STOPPED}),
    Phase.RUNNING: frozenset({Phase.PAUSED, Phase.STOPPED}),
    Phase.PAUSED: frozenset({Phase.RUNNING, Phase.STOPPED}),
    Phase.STOPPED: frozenset[Phase](),
}
"""What a verb can make of a recording under way."""


def _move(
    made: _Made, to: Phase, *, silent: bool = False, why: str = "asked", key: str | None = None
) -> RecordingMoved:
    return RecordingMoved(at_ns=NOWHERE, recording=made.id, phase=to, silent=silent, why=why, key=key)


def _shown(made: _Made) -> LiveRecording:
    return LiveRecording(
        id=made.id,
        phase=made.phase,
        wish=made.wish,
        asked_at=_moment(made.asked_ns),
        began_at=_moment(made.began_ns) if made.began_ns is not None else None,
        ended_at=_moment(made.ended_ns) if made.ended_ns is not None else None,
        rule=made.rule,
        pause_silent=made.silent,
    )


def _moment(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // SECOND_NS, UTC) + timedelta(milliseconds=at_ns % SECOND_NS // 1_000_000)
