"""Verbs, ends of calls and the finisher meet in every order, and what stands in the catalogue is right all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.audio.wav_header import wav_header
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.store import Added
from callvault.catalogue.verbs import Verbs
from callvault.errors import CatalogueError, Ended
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.live import LiveCall, Phase
from callvault.model.order import OVER, Change, Done, NotDone, Order, Reply, Start
from callvault.model.policy import Policy
from callvault.model.query import RecordingQuery
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.wish import Wish
from callvault.vault.finishing import FinishedTake
from callvault.vault.live_calls import GROUP, CarryOut, LiveCalls
from callvault.vault.live_commands import GetLiveCall
from callvault.vault.live_entries import LiveEntries
from callvault.vault.vault import Vault
from tests.captures import CAPTURED
from tests.catalogues import an_account
from tests.contract.live.orders import CALLBACK, a_vault, by_id, perform, start, steer
from tests.wheel import Recorder, an_id, clock, recorder


def an_order(call: LiveCall, verb: Start | Change, age_s: float = 0.0) -> Order:
    made_at = clock() - timedelta(seconds=age_s)
    return Order(id=an_id(), account_id=call.account_id, take=call.take, node=call.node, verb=verb, made_at=made_at)


@asynccontextmanager
async def served(lives: LiveCalls, carry_out: CarryOut) -> AsyncIterator[None]:
    """Orders are carried out by this while the block runs."""
    running = asyncio.create_task(lives.run(carry_out))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def replied(catalogue: Verbs, order: Order) -> Reply:
    """Its answer, as soon as there is one."""
    await catalogue.give_order(order)
    async with asyncio.timeout(30):
        while True:
            reply = await catalogue.order_reply(order.id)
            if reply is not None:
                return reply
            await asyncio.sleep(0.01)


async def finished(vault: Vault, item: FinishedTake) -> Recording:
    return await vault.finishing.keep(item, clock())


def a_finished(call: LiveCall, recording_id: UUID, audio: Path | None, **said: Any) -> FinishedTake:
    return FinishedTake(
        account_id=call.account_id,
        recording_id=recording_id,
        call_id=call.call_id,
        card=Card(started_at=clock() - timedelta(seconds=2), **said),
        captured=CAPTURED,
        audio=audio,
    )


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    """Two seconds of silence."""
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_header(samples=16_000, channels=1, sample_rate=8000) + bytes(32_000))
    return path


async def test_a_call_that_ends_while_a_verb_is_carried_out_is_not_live_any_more(
    vault: Vault, catalogue: Verbs, account: Account
) -> None:
    node = Recorder(lives=LiveCalls(catalogue, "north", clock=clock), account_id=account.id)
    call = await node.call()

    async def carried_out_at_the_very_end(order: Order) -> Reply:
        reply = await node.wheel(order)
        node.lives.forget(order.take)
        return reply

    async with served(node.lives, carried_out_at_the_very_end):
        assert (await start(vault, account, call)).status is Status.CAPTURING
        assert await replied(catalogue, an_order(call, Change(to=Phase.PAUSED))) == OVER
    assert len(node.wheel.carried_out) == 1
    await node.lives.flush()
    assert await catalogue.live_calls(account.id) == []


async def test_a_verb_for_a_call_that_is_over_says_so(vault: Vault, catalogue: Verbs, account: Account) -> None:
    node = Recorder(lives=LiveCalls(catalogue, "north", clock=clock), account_id=account.id)
    call = await node.call()

    async def too_late(_: Order) -> Reply:
        return OVER

    async with served(node.lives, too_late):
        with pytest.raises(Ended):
            await start(vault, account, call)


async def test_whoever_is_late_with_an_earlier_verb_leaves_what_a_later_one_changed(
    vault: Vault, catalogue: Verbs, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call()
        begun = await start(vault, account, call)
        paused = await replied(catalogue, an_order(call, Change(to=Phase.PAUSED)))
        assert isinstance(paused, Done)
        assert (await steer(vault, account, call, Phase.RUNNING)).status is Status.CAPTURING
        late = await LiveEntries(catalogue, clock).write(paused)
    assert [each.status for each in late] == [Status.CAPTURING]
    entry = await catalogue.get(begun.id)
    assert entry is not None
    assert entry.status is Status.CAPTURING


async def test_verbs_at_the_same_time_leave_the_entry_as_the_recording_is(
    vault: Vault, catalogue: Verbs, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call()
        begun = await start(vault, account, call)
        moves = [Phase.PAUSED, Phase.RUNNING] * 4
        await asyncio.gather(*(steer(vault, account, call, to) for to in moves), return_exceptions=True)
        (phase,) = node.phases(call)
        entry = await catalogue.get(begun.id)
    assert entry is not None
    assert entry.status is {Phase.PAUSED: Status.PAUSED, Phase.RUNNING: Status.CAPTURING}[phase]


async def test_who_asks_again_is_told_although_the_first_request_came_to_nothing(
    vault: Vault, catalogue: Verbs, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call()
        first = await replied(catalogue, an_order(call, Start(recording=an_id(), wish=Wish(), key="k")))
        assert isinstance(first, Done)
        again = [(await start(vault, account, call, key="k", callback=CALLBACK)).id for _ in range(2)]
    assert again == [*first.recordings, *first.recordings]
    assert len(await catalogue.hooks(account.id, again[0])) == 1


async def test_an_order_that_nobody_waits_for_any_more_is_not_carried_out(
    vault: Vault, catalogue: Verbs, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call()
        reply = await replied(catalogue, an_order(call, Start(recording=an_id(), wish=Wish()), age_s=11))
    assert isinstance(reply, NotDone)
    assert (reply.fault, node.wheel.carried_out) == ("failed", [])


async def test_what_is_heard_and_learnt_later_is_found_by_what_it_is_then(
    vault: Vault, catalogue: Verbs, account: Account, audio: Path
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call(sip_call_id=None)
        begun = await start(vault, account, call)
    item = a_finished(
        call, begun.id, audio, sip_call_id="late@pbx.example.net", foreign={"telnyx": {"recording": "made-up-1"}}
    )
    kept = await finished(vault, item)
    assert kept.started_at == item.card.started_at != begun.started_at
    query = RecordingQuery(account_id=account.id, sip_call_id="late@pbx.example.net", with_total=True)
    found = await catalogue.find(query)
    assert ([each.id for each in found.items], found.total) == ([begun.id], 1)
    assert await catalogue.resolve(account.id, "telnyx", "recording", "made-up-1") == begun.id


async def test_what_was_never_heard_belongs_to_the_call_that_is_known(
    vault: Vault, catalogue: Verbs, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        earlier = await node.call(sip_call_id="same@pbx.example.net")
        await start(vault, account, earlier)
        other = await node.call(sip_call_id="same@pbx.example.net")
    missed = await finished(vault, a_finished(other, an_id(), None, sip_call_id="same@pbx.example.net"))
    assert (missed.status, missed.call_id) == (Status.FAILED, earlier.call_id)


class Interleaved(SqliteCatalogue):
    """Something else happens right before the first entry is added."""

    between: Callable[[], Awaitable[object]] | None = None

    async def add(self, *args: Any, **named: Any) -> Added:
        between, self.between = self.between, None
        if between is not None:
            await between()
        return await super().add(*args, **named)


@pytest.mark.parametrize("heard", [True, False])
async def test_who_steers_a_recording_while_it_is_finished_has_it_finished(
    tmp_path: Path, audio: Path, *, heard: bool
) -> None:
    catalogue = Interleaved(None)
    await catalogue.open()
    try:
        vault, account = a_vault(catalogue, tmp_path), await catalogue.add_account(an_account("acme"))
        async with recorder(vault, account.id) as node:
            call = await node.call(Policy())
            catalogue.between = lambda: steer(vault, account, call, Phase.PAUSED)
            kept = await finished(vault, a_finished(call, call.take, audio if heard else None))
        assert kept.id == call.take
        wanted = (Status.AVAILABLE, MediaState.WHOLE) if heard else (Status.FAILED, MediaState.ABSENT)
        assert (kept.status, kept.media_state) == wanted
        assert await catalogue.get(call.take) == kept
    finally:
        await catalogue.close()


class Slow(SqliteCatalogue):
    """The first calls that are written wait until they may be."""

    def __init__(self) -> None:
        super().__init__(None)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def keep_live(self, calls: Sequence[LiveCall], *, ended: Sequence[UUID] = ()) -> None:
        if calls and not self.reached.is_set():
            self.reached.set()
            await self.go_on.wait()
        await super().keep_live(calls, ended=ended)


@pytest.mark.parametrize("over", [False, True])
async def test_what_was_known_earlier_is_not_written_after_what_is_known_now(*, over: bool) -> None:
    catalogue = Slow()
    await catalogue.open()
    try:
        account = await catalogue.add_account(an_account("acme"))
        lives = LiveCalls(catalogue, "north", clock=clock)
        node = Recorder(lives=lives, account_id=account.id)
        earlier = asyncio.create_task(node.call())
        await catalogue.reached.wait()
        (call,) = node.wheel.calls.values()
        held = replace(call, held=True)
        if over:
            lives.forget(call.take)
        else:
            lives.note(held)
        later = asyncio.create_task(lives.flush())
        await asyncio.sleep(0)
        catalogue.go_on.set()
        await asyncio.gather(earlier, later)
        assert await catalogue.live_calls(account.id) == ([] if over else [held])
    finally:
        await catalogue.close()


async def test_when_the_catalogue_is_back_all_is_written_anew(tmp_path: Path) -> None:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite")
    await catalogue.open()
    account = await catalogue.add_account(an_account("acme"))
    node = Recorder(lives=LiveCalls(catalogue, "north", clock=clock), account_id=account.id)
    first, *calls = [node.wheel.begin(await node.call()) for _ in range(3)]
    await catalogue.close()
    node.lives.forget(first.take)
    many = [replace(calls[0], take=an_id(), call_id=an_id()) for _ in range(2 * GROUP)]
    for call in many:
        node.lives.note(call)
    with pytest.raises(CatalogueError):
        await node.lives.flush()
    await catalogue.open()
    try:
        await node.lives.flush()
        found = await catalogue.live_calls(account.id)
        assert {each.take for each in found} == {each.take for each in (*calls, *many)}
        assert await perform(
            a_vault(catalogue, tmp_path), account, GetLiveCall(account_id=account.id, call=by_id(many[-1]))
        )
    finally:
        await catalogue.close()


class Torn(SqliteCatalogue):
    """The first look for orders fails as nothing should."""

    looks = 0

    async def take_orders(self, *args: Any) -> Sequence[Order]:
        self.looks += 1
        if self.looks == 1:
            raise KeyError("a verb of a version that is not here")
        return await super().take_orders(*args)


async def test_an_order_that_cannot_be_read_does_not_end_steering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("callvault.vault.live_calls.AWAY_S", 0.01)
    catalogue = Torn(None)
    await catalogue.open()
    try:
        vault, account = a_vault(catalogue, tmp_path), await catalogue.add_account(an_account("acme"))
        async with recorder(vault, account.id) as node:
            call = await node.call()
            assert (await start(vault, account, call)).status is Status.CAPTURING
    finally:
        await catalogue.close()
    assert "orders cannot be read" in caplog.text
