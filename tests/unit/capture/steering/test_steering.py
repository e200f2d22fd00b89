"""What verbs, rules, cues and limits make of a take's recordings."""

from __future__ import annotations

from uuid import UUID

import pytest

from callvault.capture.gate import VeilState
from callvault.capture.steering.steering import SECOND_NS, Steering, Step
from callvault.errors import Conflict, NotFound
from callvault.model.live import Phase
from callvault.model.order import Change, Mask, Start, Verb
from callvault.model.policy import RECORD_NONE, CallFacts, Policy, Rule
from callvault.model.recording import Direction
from callvault.model.wish import Cue, Wish
from callvault.protocols.spool.journal import Begun, Journal, Record, RecordingMoved, write

TAKE = UUID("01993b1e-7a00-7000-8000-000000000001")
ACCOUNT = UUID("01993b1e-7a00-7000-8000-0000000000aa")
FIRST, SECOND = UUID(int=TAKE.int + 1), UUID(int=TAKE.int + 2)
T0 = 1_760_000_000 * SECOND_NS


class Take:
    """A take whose every step is taken at once."""

    def __init__(self, policy: Policy, facts: CallFacts | None = None) -> None:
        self.steering = Steering(TAKE, policy, began_ns=T0, new_id=lambda at_ns: UUID(int=at_ns))
        self.journal: list[Record] = []
        self.take(self.steering.decide(facts or CallFacts(), T0), T0)

    def take(self, step: Step, at_ns: int) -> Step:
        self.journal += self.steering.take(step, at_ns)
        return step

    def order(self, verb: Verb, at_s: float, *, answered: bool = True, bridged: bool = True) -> Step:
        at_ns = T0 + int(at_s * SECOND_NS)
        return self.take(self.steering.carry_out(verb, answered=answered, bridged=bridged, at_ns=at_ns), at_ns)

    @property
    def phases(self) -> list[Phase]:
        return [each.phase for each in self.steering.recordings]

    @property
    def veil(self) -> str:
        return self.steering.veil.state.value

    def due_s(self) -> float | None:
        due_ns = self.steering.due_ns
        return None if due_ns is None else (due_ns - T0) / SECOND_NS

    def moved(self) -> list[tuple[str, float]]:
        return [
            (each.phase, (each.at_ns - T0) / SECOND_NS) for each in self.journal if isinstance(each, RecordingMoved)
        ]


def test_every_call_is_recorded_from_its_beginning_unless_a_policy_says_otherwise() -> None:
    take = Take(Policy())
    assert (take.phases, take.veil) == ([Phase.RUNNING], VeilState.OPEN)
    assert take.steering.recordings[0].id == TAKE
    assert take.moved() == [("running", 0.0)]


def test_a_call_that_nobody_asked_for_is_thrown_away() -> None:
    take = Take(RECORD_NONE)
    assert (take.phases, take.veil) == ([], VeilState.SHUT)


def test_the_first_rule_that_fits_decides_and_others_may_be_looked_at_too() -> None:
    rules = (
        Rule(name="sales", also=True, callee="+1202*"),
        Rule(name="inbound", direction=Direction.INBOUND),
        Rule(name="never", record=False),
    )
    both = Take(Policy(rules=rules), CallFacts(direction=Direction.INBOUND, callee="+12025550143"))
    assert [each.rule for each in both.steering.recordings] == ["sales", "inbound"]
    assert both.steering.recordings[1].id != TAKE
    neither = Take(Policy(rules=rules), CallFacts(direction=Direction.OUTBOUND, callee="+4930"))
    assert neither.veil == VeilState.SHUT


def test_a_verb_starts_a_recording_of_a_call_that_was_not_recorded() -> None:
    take = Take(RECORD_NONE)
    step = take.order(Start(recording=FIRST, wish=Wish()), 3.0)
    assert step.veil is not None
    assert step.veil.state is VeilState.OPEN
    assert (take.phases, take.veil, take.moved()) == ([Phase.RUNNING], VeilState.OPEN, [("running", 3.0)])


def test_the_seconds_before_the_start_are_in_it_where_the_account_wants_them() -> None:
    take = Take(Policy(record=False, prebuffer_ms=2000))
    assert take.steering.veil.prebuffer_ms == 2000
    take.order(Start(recording=FIRST, wish=Wish()), 5.0)
    assert take.moved() == [("running", 3.0)]
    early = Take(Policy(record=False, prebuffer_ms=2000))
    early.order(Start(recording=FIRST, wish=Wish()), 1.0)
    assert early.moved() == [("running", 0.0)]


def test_what_was_paused_is_not_fetched_back_and_a_cue_is_waited_for() -> None:
    policy = Policy(prebuffer_ms=2000, rules=(Rule(name="bridged", wish=Wish(cue=Cue.BRIDGED)),))
    take = Take(policy)
    take.take(take.steering.cue(answered=True, bridged=True), T0 + 5 * SECOND_NS)
    take.order(Change(to=Phase.PAUSED), 6.0)
    take.order(Start(recording=FIRST, wish=Wish()), 7.0)
    assert take.moved() == [("running", 5.0), ("paused", 6.0), ("running", 7.0)]


def test_before_rules_are_looked_at_nothing_is_written() -> None:
    with_rules = Policy(rules=(Rule(name="none", record=False),), prebuffer_ms=500)
    for policy, state in ((Policy(), VeilState.OPEN), (RECORD_NONE, VeilState.SHUT), (with_rules, VeilState.SHUT)):
        steering = Steering(TAKE, policy, began_ns=T0, new_id=lambda at_ns: UUID(int=at_ns))
        assert (steering.veil.state, steering.veil.prebuffer_ms) == (state, policy.prebuffer_ms)


def test_while_its_only_recording_is_paused_nothing_of_a_call_is_written() -> None:
    take = Take(Policy())
    take.order(Change(to=Phase.PAUSED), 1.0)
    assert (take.phases, take.veil) == ([Phase.PAUSED], VeilState.MASKED)
    take.order(Change(to=Phase.RUNNING), 2.0)
    assert (take.phases, take.veil) == ([Phase.RUNNING], VeilState.OPEN)
    take.order(Change(to=Phase.STOPPED), 3.0)
    assert (take.phases, take.veil) == ([Phase.STOPPED], VeilState.SHUT)


def test_one_recording_pauses_and_the_other_goes_on() -> None:
    take = Take(Policy())
    take.order(Start(recording=FIRST, wish=Wish()), 1.0)
    step = take.order(Change(to=Phase.PAUSED, recording=TAKE), 2.0)
    assert (step.recordings, step.veil) == ((TAKE,), None)
    assert take.phases == [Phase.PAUSED, Phase.RUNNING]


def test_without_a_name_the_one_that_was_started_last_is_meant_or_all() -> None:
    take = Take(Policy())
    take.order(Start(recording=FIRST, wish=Wish()), 1.0)
    take.order(Start(recording=SECOND, wish=Wish()), 2.0)
    assert take.order(Change(to=Phase.STOPPED), 3.0).recordings == (SECOND,)
    assert take.order(Change(to=Phase.STOPPED), 4.0).recordings == (FIRST,)
    take.order(Start(recording=UUID(int=9), wish=Wish()), 5.0)
    assert take.order(Change(to=Phase.PAUSED, all_of_them=True), 6.0).recordings == (TAKE, UUID(int=9))
    with pytest.raises(Conflict, match="2 recordings under way"):
        take.order(Change(to=Phase.RUNNING, only=True), 7.0)


def test_what_is_so_already_is_as_good_where_somebody_asks_for_that() -> None:
    take = Take(Policy())
    take.order(Change(to=Phase.PAUSED), 1)
    again = take.order(Change(to=Phase.PAUSED, settled=True, all_of_them=True), 2)
    assert (again.records, again.veil, again.recordings) == ((), None, (TAKE,))
    take.order(Start(recording=FIRST, wish=Wish()), 3)
    both = take.order(Change(to=Phase.PAUSED, settled=True, all_of_them=True), 4)
    assert [record.recording for record in both.records if isinstance(record, RecordingMoved)] == [FIRST]
    assert both.recordings == (TAKE, FIRST)


def test_what_is_not_so_is_said() -> None:
    take = Take(Policy())
    with pytest.raises(NotFound):
        take.order(Change(to=Phase.PAUSED, recording=SECOND), 1.0)
    with pytest.raises(Conflict, match="running cannot become running"):
        take.order(Change(to=Phase.RUNNING), 1.0)
    take.order(Change(to=Phase.STOPPED), 1.0)
    with pytest.raises(NotFound):
        take.order(Change(to=Phase.PAUSED), 2.0)
    with pytest.raises(Conflict, match="stopped cannot become paused"):
        take.order(Change(to=Phase.PAUSED, recording=TAKE), 2.0)


def test_a_mask_is_over_the_whole_call() -> None:
    take = Take(Policy())
    take.order(Mask(on=True), 1.0)
    assert (take.veil, take.steering.masked) == (VeilState.MASKED, True)
    take.order(Start(recording=FIRST, wish=Wish()), 2.0)
    assert take.veil == VeilState.MASKED
    take.order(Mask(on=False), 3.0)
    assert take.veil == VeilState.OPEN


def test_a_limit_ends_a_recording_at_its_very_moment_and_paused_time_does_not_count() -> None:
    take = Take(RECORD_NONE)
    take.order(Start(recording=FIRST, wish=Wish(most_s=10.0)), 1.0)
    assert take.due_s() == 11.0
    take.order(Change(to=Phase.PAUSED), 3.0)
    assert take.due_s() is None
    take.order(Change(to=Phase.RUNNING), 5.5)
    assert take.due_s() == 13.5
    late = T0 + 14 * SECOND_NS
    take.take(take.steering.tick(late), late)
    assert take.moved()[-1] == ("stopped", 13.5)
    assert take.veil == VeilState.SHUT


def test_a_silent_pause_counts_towards_the_limit() -> None:
    take = Take(RECORD_NONE)
    take.order(Start(recording=FIRST, wish=Wish(most_s=10.0)), 0.0)
    take.order(Change(to=Phase.PAUSED, silent=True), 3.0)
    assert take.due_s() == 10.0


def test_a_recording_waits_for_its_cue() -> None:
    take = Take(RECORD_NONE)
    take.order(Start(recording=FIRST, wish=Wish(cue=Cue.BRIDGED)), 0.0, answered=True, bridged=False)
    assert (take.phases, take.veil) == ([Phase.WAITING], VeilState.SHUT)
    take.take(take.steering.cue(answered=True, bridged=False), T0 + SECOND_NS)
    assert take.phases == [Phase.WAITING]
    take.take(take.steering.cue(answered=True, bridged=True), T0 + 2 * SECOND_NS)
    assert (take.phases, take.moved()) == ([Phase.RUNNING], [("running", 2.0)])


def test_a_recording_that_does_not_follow_a_transfer_ends_with_it() -> None:
    take = Take(Policy())
    take.order(Start(recording=FIRST, wish=Wish(follows_transfer=False)), 1.0)
    take.take(take.steering.transferred(), T0 + 2 * SECOND_NS)
    assert take.phases == [Phase.RUNNING, Phase.STOPPED]


def test_a_repeated_request_is_known_by_its_key() -> None:
    take = Take(Policy())
    take.order(Start(recording=FIRST, wish=Wish(), key="k"), 1.0)
    step = take.order(Start(recording=SECOND, wish=Wish(), key="k"), 1.5)
    assert (step.records, step.recordings) == ((), (FIRST,))
    take.order(Start(recording=SECOND, wish=Wish()), 2.0)
    take.order(Change(to=Phase.PAUSED, all_of_them=True, key="p"), 3.0)
    assert take.order(Start(recording=SECOND, wish=Wish(), key="k"), 4.0).recordings == (FIRST,)
    assert take.order(Change(to=Phase.PAUSED, all_of_them=True, key="p"), 5.0).recordings == (TAKE, FIRST, SECOND)


def test_a_successor_reads_it_all_off_the_journal() -> None:
    take = Take(RECORD_NONE)
    take.order(Start(recording=FIRST, wish=Wish(most_s=60.0)), 1.0)
    take.order(Change(to=Phase.PAUSED), 2.0)
    take.order(Mask(on=True), 3.0)
    begun = Begun(take=TAKE, at_ns=T0, account_id=ACCOUNT, door="siprec")
    journal = Journal.read(b"".join(map(write, [begun, *take.journal])))
    successor = Steering(TAKE, RECORD_NONE, began_ns=T0, new_id=lambda at_ns: UUID(int=at_ns), journal=journal)
    assert successor.recordings == take.steering.recordings
    assert (successor.veil, successor.masked, successor.decided) == (take.steering.veil, True, True)
