"""Verbs reach whoever has the call, on every engine, and what they make is an entry that every dialect can list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from callvault.audio.wav_header import wav_header
from callvault.catalogue.verbs import Verbs
from callvault.errors import CallerError, Conflict, Ended, HouseError, NotFound
from callvault.media.store import MediaStore
from callvault.model.actor import Account, Actor
from callvault.model.capture import Captured
from callvault.model.card import Card
from callvault.model.events import EventKind
from callvault.model.hook import HookForm
from callvault.model.live import LiveCall, Phase
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.policy import RECORD_NONE, Policy
from callvault.model.query import RecordingQuery, Slice
from callvault.model.recording import MediaState, Origin, Recording, Source, Status
from callvault.model.wish import Wish
from callvault.vault.commands import Callback, FindRecordings, Ref
from callvault.vault.finishing import FinishedTake
from callvault.vault.live_calls import LiveCalls
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    GetPolicy,
    KeepPolicy,
    MaskCall,
    StartRecording,
    Steered,
    SteerRecording,
    ToggleRecording,
)
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from tests.captures import CAPTURED
from tests.catalogues import an_account
from tests.contract.live.orders import CALLBACK, EVERY_EVENT, by_id
from tests.wheel import Wheel, an_id, clock


@dataclass
class World:
    vault: Vault
    account: Account
    wheel: Wheel
    lives: LiveCalls

    def call(self, sip_call_id: str | None = "call@sbc", policy: Policy = RECORD_NONE) -> LiveCall:
        take = an_id()
        call_id = an_id()
        call = LiveCall(
            take=take,
            account_id=self.account.id,
            call_id=call_id,
            session_id=call_id,
            node="north",
            door="siprec",
            sip_call_id=sip_call_id,
            foreign={"signalwire": {"call": f"CA{take.hex}"}},
            caller=Party(number="+12025550143"),
            began_at=clock(),
        )
        call = self.wheel.begin(call, policy)
        self.lives.note(call)
        return call

    @asynccontextmanager
    async def steered(self) -> AsyncIterator[None]:
        """Orders are carried out while the block runs."""
        await self.lives.flush()
        running = asyncio.create_task(self.lives.run(self.wheel))
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def perform(self, command: object) -> object:
        actor = Actor(account=self.account, key_id=None)
        return await self.vault.perform(command, actor, clock())  # type: ignore[arg-type]

    async def start(self, call: LiveCall, callback: Callback | None = None, key: str | None = None) -> Recording:
        command = StartRecording(
            account_id=self.account.id, call=by_id(call), wish=Wish(label="tea"), callback=callback, key=key
        )
        done = await self.perform(command)
        assert isinstance(done, Steered)
        (recording,) = done.recordings
        return recording

    async def steer(self, call: LiveCall, to: Phase, recording: Ref | None = None) -> Recording:
        done = await self.perform(
            SteerRecording(account_id=self.account.id, call=by_id(call), recording=recording, to=to)
        )
        assert isinstance(done, Steered)
        (found,) = done.recordings
        return found

    async def listed(self) -> list[Recording]:
        return list((await self.vault.catalogue.find(RecordingQuery(account_id=self.account.id))).items)


def by_take(call: LiveCall) -> Ref:
    return Ref(dialect="callvault", kind="call", text=str(call.take), computed=call.take)


def of(recording: Recording) -> Ref:
    return Ref(dialect="callvault", kind="recording", text=str(recording.id), computed=recording.id)


@pytest.fixture
async def world(catalogue: Verbs, tmp_path: Path) -> World:
    forms: Mapping[str, HookForm] = {"callvault": EVERY_EVENT}
    store = MediaStore.in_folder("main", tmp_path / "media")
    vault = Vault(catalogue, {"main": store}, tmp_path, Secrets(bytes(32)), hook_forms=forms, clock=clock)
    account = await catalogue.add_account(an_account("acme"))
    return World(vault=vault, account=account, wheel=Wheel(), lives=LiveCalls(catalogue, "north", clock=clock))


async def test_a_recording_begins_pauses_goes_on_and_stops(world: World) -> None:
    call = world.call()
    async with world.steered():
        begun = await world.start(call)
        assert (begun.status, begun.media_state) == (Status.CAPTURING, MediaState.AWAITED)
        assert (begun.call_id, begun.caller.number, begun.caller.country) == (call.call_id, "+12025550143", "US")
        assert begun.label == "tea"
        assert (await world.steer(call, Phase.PAUSED)).status is Status.PAUSED
        assert (await world.steer(call, Phase.RUNNING, of(begun))).status is Status.CAPTURING
        stopped = await world.steer(call, Phase.STOPPED)
        assert stopped.status is Status.PROCESSING
    assert [(each.id, each.status) for each in await world.listed()] == [(begun.id, Status.PROCESSING)]


async def test_whoever_asked_is_told_of_all_that_happens(world: World) -> None:
    call = world.call()
    async with world.steered():
        begun = await world.start(call, CALLBACK)
        await world.steer(call, Phase.PAUSED)
    (hook,) = await world.vault.catalogue.hooks(world.account.id, begun.id)
    now = clock() + timedelta(seconds=1)
    assert await world.vault.catalogue.due_hooks(now) == [hook.id]
    claims = await world.vault.catalogue.claim(hook.id, now=now, until=now + timedelta(seconds=60), most=10)
    assert claims is not None
    assert [claim.delivery.event.kind for claim in claims.items] == [EventKind.STARTED]


async def test_a_callback_that_cannot_be_leaves_no_recording(world: World) -> None:
    call = world.call()
    async with world.steered():
        with pytest.raises(CallerError):
            await world.start(call, replace(CALLBACK, url="http://127.0.0.1/inside"))
    assert world.wheel.carried_out == []


async def test_a_repeated_request_is_answered_with_the_recording_of_the_first(world: World) -> None:
    call = world.call()
    async with world.steered():
        first = await world.start(call, CALLBACK, key="k")
        assert (await world.start(call, CALLBACK, key="k")).id == first.id
    assert len(await world.vault.catalogue.hooks(world.account.id, first.id)) == 1
    assert len(await world.listed()) == 1


async def test_a_recording_that_a_rule_made_has_an_entry_once_it_is_steered(world: World) -> None:
    call = world.call(policy=Policy())
    assert await world.listed() == []
    async with world.steered():
        paused = await world.steer(call, Phase.PAUSED)
    assert paused.id == call.take
    assert [(each.id, each.status) for each in await world.listed()] == [(call.take, Status.PAUSED)]


async def test_a_call_is_found_by_each_of_its_names(world: World) -> None:
    call = world.call()
    await world.lives.flush()
    refs = [
        by_id(call),
        Ref(dialect="telnyx", kind="call", text="call@sbc", computed=None),
        Ref(dialect="signalwire", kind="call", text=f"CA{call.take.hex}", computed=UUID(int=5)),
        Ref(dialect="callvault", kind="call", text=str(call.take), computed=call.take),
    ]
    for ref in refs:
        assert await world.perform(GetLiveCall(account_id=world.account.id, call=ref)) == call
    assert await world.perform(FindLiveCalls(account_id=world.account.id)) == [call]


async def test_what_is_not_there_is_not_there(world: World) -> None:
    call = world.call()
    other = Ref(dialect="callvault", kind="call", text="other", computed=UUID(int=7 << 76))
    async with world.steered():
        with pytest.raises(NotFound):
            await world.perform(StartRecording(account_id=world.account.id, call=other))
        with pytest.raises(NotFound):
            await world.steer(call, Phase.PAUSED)
        begun = await world.start(call)
        await world.steer(call, Phase.STOPPED)
        with pytest.raises(Conflict):
            await world.steer(call, Phase.PAUSED, of(begun))
        world.lives.forget(call.take)
        await world.lives.flush()
        with pytest.raises(NotFound):
            await world.perform(GetLiveCall(account_id=world.account.id, call=by_id(call)))


async def test_one_switch_begins_a_recording_and_ends_it(world: World) -> None:
    call = world.call()
    toggle = ToggleRecording(account_id=world.account.id, call=by_id(call), wish=Wish(label="tea"))
    async with world.steered():
        begun, ended, anew = [await world.perform(toggle) for _ in range(3)]
    assert isinstance(begun, Steered)
    assert isinstance(ended, Steered)
    assert isinstance(anew, Steered)
    ((first,), (same,), (other,)) = (each.recordings for each in (begun, ended, anew))
    assert (first.status, first.label) == (Status.CAPTURING, "tea")
    assert (same.id, same.status) == (first.id, Status.PROCESSING)
    assert (other.id != first.id, other.status) == (True, Status.CAPTURING)


@pytest.mark.parametrize("kind", ["call", "session", "conference"])
async def test_a_call_that_was_recorded_and_is_over_has_ended(world: World, kind: str) -> None:
    call = replace(world.call(), conference_id=an_id(), is_conference=True)
    world.wheel.calls[call.take] = call
    world.lives.note(call)
    named = {"call": call.call_id, "session": call.session_id, "conference": call.conference_id}[kind]
    ref = Ref(dialect="callvault", kind=kind, text=str(named), computed=named)
    async with world.steered():
        await world.start(call)
        assert await world.perform(GetLiveCall(account_id=world.account.id, call=ref))
        world.lives.forget(call.take)  # it may be listed for a moment yet
        with pytest.raises(Ended):
            await world.perform(StartRecording(account_id=world.account.id, call=ref))
    await world.lives.flush()
    with pytest.raises(Ended):
        await world.perform(GetLiveCall(account_id=world.account.id, call=ref))


def as_room(call: LiveCall) -> Ref:
    room = call.conference_id
    return Ref(dialect="callvault", kind="conference", text=str(room), computed=room)


async def test_a_recording_that_was_asked_for_of_the_conference_is_the_conferences(world: World) -> None:
    """Its id is there to be asked for, and what else is recorded of a call of two does not tell it."""
    call = replace(world.call(), conference_id=an_id())
    world.wheel.calls[call.take] = call
    world.lives.note(call)
    of_it = StartRecording(account_id=world.account.id, call=as_room(call), wish=Wish(origin=Origin.CONFERENCE_COMMAND))
    async with world.steered():
        done = await world.perform(of_it)
        of_call = await world.start(call)
    assert isinstance(done, Steered)
    (recording,) = done.recordings
    assert (recording.conference_id, recording.source) == (call.conference_id, Source.CONFERENCE)
    assert (of_call.conference_id, of_call.source) == (None, Source.CALL)
    found = await world.perform(
        FindRecordings(query=RecordingQuery(account_id=world.account.id), conference=as_room(call))
    )
    assert isinstance(found, Slice)
    assert [each.id for each in found.items] == [recording.id]


async def test_a_call_that_becomes_a_conference_tells_so_when_it_is_steered_next(world: World) -> None:
    call = replace(world.call(), conference_id=an_id())
    world.wheel.calls[call.take] = call
    world.lives.note(call)
    async with world.steered():
        begun = await world.start(call)
        world.wheel.calls[call.take] = replace(
            world.wheel.calls[call.take], is_conference=True, conference_name="Monday"
        )
        paused = await world.steer(call, Phase.PAUSED)
    assert (begun.conference_id, begun.conference_name) == (None, None)
    assert (paused.conference_id, paused.conference_name) == (call.conference_id, "Monday")
    assert paused.source is Source.CALL, "it was asked for of the call, and stays in that call's list"


async def test_a_masked_call_says_so(world: World) -> None:
    call = world.call()
    async with world.steered():
        await world.start(call)
        for on in (True, False):
            masked = await world.perform(MaskCall(account_id=world.account.id, call=by_id(call), on=on))
            assert isinstance(masked, LiveCall)
            assert masked.masked is on


async def test_an_order_that_nobody_takes_is_taken_back_and_never_carried_out(world: World) -> None:
    call = world.call()
    await world.lives.flush()
    world.vault.live._patience_s = 0.1
    with pytest.raises(HouseError, match="nothing was changed"):
        await world.start(call)
    assert await carried_out_besides_a_mask(world, call) == 0


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.04, 0.06, 0.09])
async def test_whatever_the_moment_an_order_is_carried_out_or_taken_back(world: World, delay_s: float) -> None:
    call = world.call()
    await world.lives.flush()
    world.vault.live._patience_s = 0.06
    starting = asyncio.create_task(world.start(call))
    await asyncio.sleep(delay_s)
    async with world.steered():
        (said,) = await asyncio.gather(starting, return_exceptions=True)
    assert await carried_out_besides_a_mask(world, call) == ("nothing was changed" not in str(said))


async def carried_out_besides_a_mask(world: World, call: LiveCall) -> int:
    """How many orders were, once the next one has been: what was taken back would have come before it."""
    world.vault.live._patience_s = 20.0
    async with world.steered():
        await world.perform(MaskCall(account_id=world.account.id, call=by_id(call), on=True))
    *before, last = (type(order.verb).__name__ for order in world.wheel.carried_out)
    assert last == "Mask"
    return len(before)


async def test_the_finisher_completes_the_entry(world: World, tmp_path: Path) -> None:
    call = world.call()
    async with world.steered():
        begun = await world.start(call, CALLBACK)
        await world.steer(call, Phase.STOPPED)
    audio = tmp_path / "cut.wav"
    audio.write_bytes(wav_header(samples=16_000, channels=1, sample_rate=8000) + bytes(32_000))
    item = FinishedTake(
        account_id=world.account.id,
        recording_id=begun.id,
        call_id=UUID(int=7 << 76),
        card=Card(started_at=begun.started_at, notes=("One packet was lost.",)),
        captured=CAPTURED,
        audio=audio,
        form=MediaFormat.MP3,
    )
    kept = await world.vault.finishing.keep(item, clock())
    assert (kept.id, kept.status, kept.media_state) == (begun.id, Status.AVAILABLE, MediaState.WHOLE)
    assert (kept.duration_ms, kept.format, kept.channels) == (2000, MediaFormat.MP3, 1)
    assert (kept.label, kept.call_id, kept.foreign) == ("tea", call.call_id, begun.foreign)
    captured = await world.vault.catalogue.capture_of(world.account.id, begun.id)
    assert isinstance(captured, Captured)
    assert (await world.vault.finishing.keep(item, clock())).revision == kept.revision
    assert [each.id for each in await world.listed()] == [begun.id]


async def test_what_was_too_short_says_so_in_its_entry(world: World) -> None:
    call = world.call()
    async with world.steered():
        begun = await world.start(call)
        await world.steer(call, Phase.STOPPED)
    item = FinishedTake(
        account_id=world.account.id,
        recording_id=begun.id,
        call_id=call.call_id,
        card=Card(started_at=begun.started_at, ended_at=begun.started_at, error="It was 1.0 s long."),
        captured=CAPTURED,
        audio=None,
    )
    kept = await world.vault.finishing.keep(item, clock())
    assert (kept.id, kept.status, kept.media_state) == (begun.id, Status.FAILED, MediaState.ABSENT)
    assert kept.error == "It was 1.0 s long."


async def test_what_will_never_be_finished_has_failed(world: World) -> None:
    call = world.call()
    async with world.steered():
        begun = await world.start(call)
    await world.vault.finishing.give_up(world.account.id, [begun.id, UUID(int=9)], "The disk was lost.", clock())
    (entry,) = await world.listed()
    assert (entry.status, entry.error) == (Status.FAILED, "The disk was lost.")


async def test_a_call_that_is_known_by_its_call_id_keeps_its_name(world: World) -> None:
    earlier = world.call()
    async with world.steered():
        await world.start(earlier)
        again = world.call()
        await world.lives.flush()
        done = await world.perform(StartRecording(account_id=world.account.id, call=by_take(again)))
        assert isinstance(done, Steered)
        (begun,) = done.recordings
    assert again.call_id != earlier.call_id
    assert begun.call_id == earlier.call_id


async def test_the_account_has_a_policy(world: World) -> None:
    assert await world.perform(GetPolicy(account_id=world.account.id)) == Policy()
    wanted = Policy(record=False, prebuffer_ms=2000)
    await world.perform(KeepPolicy(account_id=world.account.id, policy=wanted))
    assert await world.perform(GetPolicy(account_id=world.account.id)) == wanted
