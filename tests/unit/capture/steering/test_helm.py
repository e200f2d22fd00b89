"""One take's helm: in which order a step goes, and what is left where the gate or the journal fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from callvault.capture.aim import Aim
from callvault.capture.gate import OPEN_VEIL, Heard, KeyTypes, Opened, Opening, Veil, VeilState
from callvault.capture.steering.facts import known_from
from callvault.capture.steering.helm import Bridge, Helm
from callvault.errors import MediaError
from callvault.model.live import LiveCall, Phase
from callvault.model.order import OVER, Change, Done, Mask, NotDone, Start
from callvault.model.policy import RECORD_NONE, Policy, Rule
from callvault.model.wish import Cue, Wish
from callvault.protocols.spool.journal import (
    Attended,
    Begun,
    Flow,
    Flowed,
    Journal,
    Masking,
    Named,
    Participant,
    Record,
    RecordingAsked,
    RecordingMoved,
    Unasked,
    write,
)

TAKE = UUID("01993b1e-7a00-7000-8000-000000000001")
FIRST, SECOND = UUID(int=TAKE.int + 1), UUID(int=TAKE.int + 2)
SECOND_NS = 1_000_000_000
T0 = 1_760_000_000 * SECOND_NS
BEGUN = Begun(take=TAKE, at_ns=T0, account_id=UUID(int=7), door="siprec")
RUTH = Participant(id="r", address="sip:1001@example.org", sends=(0,))
OMAR = Participant(id="o", address="sip:2001@example.org", sends=(1,))
LENA = Participant(id="l", address="sip:2003@example.org", sends=(1,))


class World:
    """A gate, a journal and a board that keep what they are told, in its order, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.now_ns = T0
        self.happened: list[object] = []
        self.gate_fails = self.journal_fails = False
        self.drawn: Veil | None = None
        self.journal: list[Record] = []
        self.notes: list[LiveCall] = []
        self.gone: list[UUID] = []
        self.early: list[UUID] = []

    # Gate

    async def open(self, take: UUID, openings: Sequence[Opening], *, veil: Veil = OPEN_VEIL) -> Sequence[Opened]:
        raise AssertionError("nobody opens anything here")

    async def veil(self, take: UUID, veil: Veil) -> int:
        await asyncio.sleep(0)
        self.happened.append(veil.state.value)
        if self.gate_fails:
            raise MediaError("Nobody answers at the gate.")
        self.drawn = veil
        self.now_ns += 1_000
        return self.now_ns

    async def aim(self, take: UUID, stream: int, aim: Aim | None) -> None:
        raise AssertionError("nobody aims here")

    async def look_for_keys(self, take: UUID, stream: int, types: KeyTypes) -> None:
        raise AssertionError("nobody looks for keys here")

    async def heard(self, take: UUID) -> Mapping[int, Heard]:
        raise AssertionError("nobody listens here")

    async def shut(self, take: UUID, streams: Sequence[int] | None = None) -> None:
        raise AssertionError("nobody shuts anything here")

    # Board

    def note(self, call: LiveCall) -> None:
        self.notes.append(call)

    def forget(self, take: UUID) -> None:
        self.gone.append(take)

    def commit(self, *records: Record) -> None:
        if self.journal_fails:
            raise MediaError("The disk is full.")
        self.journal += records
        self.happened += [type(record).__name__ for record in records]

    def finish_early(self, take: UUID, recording: UUID) -> None:
        self.early.append(recording)

    def bridge(self) -> Bridge:
        return Bridge(
            gate=self, now_ns=lambda: self.now_ns, new_id=lambda at_ns: UUID(int=at_ns),
            finish_early=self.finish_early, node="here", board=self,
        )  # fmt: skip

    def helm(
        self,
        policy: Policy = RECORD_NONE,
        journal: Journal | None = None,
        *,
        bridge: Bridge | None = None,
        take: UUID = TAKE,
    ) -> Helm:
        known = known_from(replace(BEGUN, take=take), journal.records if journal else ())
        return Helm(bridge or self.bridge(), known, policy, commit=self.commit, journal=journal)

    def kept(self) -> Journal:
        return Journal.read(b"".join(map(write, [BEGUN, *self.journal])))


def two(*people: Participant, at_ns: int = T0) -> list[Record]:
    flows = [Flowed(at_ns=at_ns, stream=stream, flow=Flow.FLOWING) for each in people for stream in each.sends]
    return [*flows, Attended(at_ns=at_ns, participants=people)]


@pytest.fixture
def world() -> World:
    return World()


async def begun(world: World, policy: Policy = RECORD_NONE) -> Helm:
    helm = world.helm(policy)
    await helm.begin(two(RUTH, OMAR))
    world.happened.clear()
    return helm


async def test_a_call_that_nobody_asked_for_is_opened_behind_a_shut_veil(world: World) -> None:
    helm = world.helm(RECORD_NONE)
    assert helm.veil.state is VeilState.SHUT
    await helm.begin(two(RUTH, OMAR))
    assert world.happened == ["Unasked"]
    (note,) = world.notes
    assert (note.recordings, note.participants) == ((), 2)


async def test_a_call_that_is_always_recorded_needs_nothing_drawn(world: World) -> None:
    helm = world.helm(Policy())
    assert helm.veil.state is VeilState.OPEN
    await helm.begin(two(RUTH, OMAR))
    assert world.happened == ["RecordingAsked", "RecordingMoved"]


async def test_where_rules_decide_it_is_shut_until_they_have(world: World) -> None:
    helm = world.helm(Policy(record=False, rules=(Rule(name="omar", device="2001"),)))
    assert helm.veil.state is VeilState.SHUT
    await helm.begin(two(RUTH, OMAR))
    assert world.happened == ["open", "RecordingAsked", "RecordingMoved"]
    assert helm.live.recordings[0].rule == "omar"


async def test_the_veil_is_drawn_then_the_journal_written_then_it_is_answered(world: World) -> None:
    helm = await begun(world)
    reply = await helm.carry_out(Start(recording=FIRST, wish=Wish()))
    assert isinstance(reply, Done)
    assert world.happened == ["open", "RecordingAsked", "RecordingMoved"]
    moved = world.journal[-1]
    assert isinstance(moved, RecordingMoved)
    assert moved.at_ns == world.now_ns
    assert (reply.recordings, reply.call, reply.call.recordings[0].phase) == ((FIRST,), world.notes[-1], Phase.RUNNING)


async def test_a_gate_that_fails_leaves_everything_as_it_was(world: World) -> None:
    helm = await begun(world, Policy())
    world.gate_fails = True
    reply = await helm.carry_out(Mask(on=True))
    assert isinstance(reply, NotDone)
    assert reply.fault == "failed"
    assert not helm.live.masked
    assert helm.behind
    assert not any(isinstance(record, Masking) for record in world.journal)
    world.gate_fails = False
    await helm.tick()
    assert world.happened == ["masked", "open"]
    assert not helm.behind


async def test_a_mask_that_cannot_be_journalled_is_not_claimed_and_not_left(world: World) -> None:
    helm = await begun(world, Policy())
    world.journal_fails = True
    reply = await helm.carry_out(Mask(on=True))
    assert isinstance(reply, NotDone)
    assert (world.happened, helm.live.masked) == (["masked", "open"], False)
    world.journal_fails = False
    assert isinstance(await helm.carry_out(Mask(on=True)), Done)
    assert helm.live.masked
    assert world.drawn is not None
    assert world.drawn.state is VeilState.MASKED


async def test_what_is_masked_already_is_claimed_only_if_it_is_sure(world: World) -> None:
    helm = await begun(world, Policy())
    await helm.carry_out(Mask(on=True))
    world.gate_fails = True
    assert isinstance(await helm.carry_out(Mask(on=False)), NotDone)
    assert isinstance(await helm.carry_out(Mask(on=True)), NotDone)
    world.gate_fails = False
    world.happened.clear()
    assert isinstance(await helm.carry_out(Mask(on=True)), Done)
    assert world.happened == ["masked"]


async def test_what_cannot_be_done_says_why(world: World) -> None:
    helm = await begun(world)
    absent = await helm.carry_out(Change(to=Phase.PAUSED, recording=FIRST))
    await helm.carry_out(Start(recording=FIRST, wish=Wish()))
    wrong = await helm.carry_out(Change(to=Phase.RUNNING))
    assert isinstance(absent, NotDone)
    assert isinstance(wrong, NotDone)
    assert (absent.fault, wrong.fault) == ("not-found", "conflict")


async def test_steps_of_one_call_do_not_interleave(world: World) -> None:
    helm = await begun(world)
    await asyncio.gather(
        helm.carry_out(Start(recording=FIRST, wish=Wish())),
        helm.carry_out(Change(to=Phase.PAUSED)),
        helm.carry_out(Mask(on=True)),
        helm.carry_out(Change(to=Phase.RUNNING)),
        helm.carry_out(Mask(on=False)),
    )
    assert world.happened == [
        "open", "RecordingAsked", "RecordingMoved", "masked", "RecordingMoved", "Masking", "RecordingMoved", "open",
        "Masking",
    ]  # fmt: skip


async def test_a_stopped_recording_is_finished_while_the_call_goes_on(world: World) -> None:
    helm = await begun(world)
    await helm.carry_out(Start(recording=FIRST, wish=Wish()))
    await helm.carry_out(Start(recording=SECOND, wish=Wish()))
    await helm.carry_out(Change(to=Phase.STOPPED, recording=FIRST))
    assert world.early == [FIRST]
    assert world.happened[-1] == "RecordingMoved"


async def test_who_waits_for_the_bridge_begins_with_it(world: World) -> None:
    helm = world.helm()
    await helm.begin(two(RUTH))
    await helm.carry_out(Start(recording=FIRST, wish=Wish(cue=Cue.BRIDGED)))
    assert [each.phase for each in helm.live.recordings] == [Phase.WAITING]
    await helm.learn(two(RUTH, OMAR, at_ns=T0 + 1))
    assert [each.phase for each in helm.live.recordings] == [Phase.RUNNING]
    assert world.notes[-1] == helm.live


async def test_a_cue_that_fails_is_caught_up_with(world: World) -> None:
    helm = world.helm()
    await helm.begin(two(RUTH))
    await helm.carry_out(Start(recording=FIRST, wish=Wish(cue=Cue.BRIDGED)))
    world.gate_fails = True
    await helm.learn(two(RUTH, OMAR, at_ns=T0 + 1))
    assert helm.behind
    world.gate_fails = False
    await helm.tick()
    assert helm.live.recordings[0].phase is Phase.RUNNING


async def test_a_transfer_ends_what_does_not_follow_it(world: World) -> None:
    helm = await begun(world, Policy())
    await helm.carry_out(Start(recording=FIRST, wish=Wish(follows_transfer=False)))
    await helm.learn(two(RUTH, LENA, at_ns=T0 + 1))
    assert [each.phase for each in helm.live.recordings] == [Phase.RUNNING, Phase.STOPPED]
    await helm.carry_out(Start(recording=SECOND, wish=Wish(follows_transfer=False)))
    await helm.tick()
    assert helm.live.recordings[-1].phase is Phase.RUNNING


async def test_a_mask_goes_on_in_the_next_recording_session_of_the_call(world: World) -> None:
    bridge = world.bridge()
    named = Named(at_ns=T0, session_id="one")
    first, second = (world.helm(Policy(), bridge=bridge, take=UUID(int=TAKE.int + number)) for number in (0, 16))
    await first.begin([named, *two(RUTH, OMAR)])
    await first.carry_out(Mask(on=True))
    await first.end()
    world.happened.clear()
    await second.begin([named, *two(RUTH, LENA)])
    assert world.happened == ["RecordingAsked", "RecordingMoved", "masked", "Masking"]
    assert second.live.masked


async def test_a_limit_is_kept_without_anybody_asking(world: World) -> None:
    helm = await begun(world)
    began_ns = world.now_ns
    await helm.carry_out(Start(recording=FIRST, wish=Wish(most_s=3600)))
    world.now_ns += 3600 * SECOND_NS
    await helm.tick()
    moved = world.journal[-1]
    assert isinstance(moved, RecordingMoved)
    assert (moved.why, moved.at_ns - began_ns) == ("limit", 3600 * SECOND_NS + 1_000)
    assert world.drawn is not None
    assert world.drawn.state is VeilState.SHUT


async def test_a_successor_draws_the_veil_again_and_goes_on(world: World) -> None:
    helm = await begun(world)
    await helm.carry_out(Start(recording=FIRST, wish=Wish(most_s=60)))
    await helm.carry_out(Mask(on=True))
    world.happened.clear()
    successor = world.helm(journal=world.kept())
    assert successor.behind
    await successor.tick()
    assert world.happened == ["masked"]
    assert successor.live.recordings == helm.live.recordings
    reply = await successor.carry_out(Mask(on=False))
    assert isinstance(reply, Done)


async def test_a_take_of_before_there_were_policies_becomes_one_that_can_be_steered(world: World) -> None:
    successor = world.helm(Policy(), journal=Journal(records=(BEGUN, *two(RUTH, OMAR)), spoilt=0))
    await successor.tick()
    assert [type(record) for record in world.journal] == [RecordingAsked, RecordingMoved]
    assert successor.live.recordings[0].id == TAKE


async def test_when_the_call_is_over_nothing_is_carried_out_any_more(world: World) -> None:
    helm = await begun(world)
    await helm.end()
    await helm.end()
    assert world.gone == [TAKE]
    reply = await helm.carry_out(Start(recording=FIRST, wish=Wish()))
    assert reply == OVER
    assert [type(record) for record in world.journal] == [Unasked]
