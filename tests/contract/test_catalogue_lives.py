"""Live calls and orders, on every engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import NotFound
from callvault.model.actor import Account
from callvault.model.live import LiveCall, LiveRecording, Phase
from callvault.model.order import Change, Done, Mask, NotDone, Order
from callvault.model.wish import Wish
from tests.catalogues import T0, an_account, an_id, fall_silent


def a_call(account: Account, node: str = "north") -> LiveCall:
    return LiveCall(
        take=an_id(),
        account_id=account.id,
        call_id=an_id(),
        session_id=an_id(),
        node=node,
        door="siprec",
        sip_call_id="sip@sbc",
        foreign={"signalwire": {"call": "CA1"}},
        began_at=T0,
    )


def an_order(call: LiveCall, node: str = "north") -> Order:
    return Order(id=an_id(), account_id=call.account_id, take=call.take, node=node, verb=Mask(on=True), made_at=T0)


async def test_a_live_call_is_written_found_and_forgotten(catalogue: Verbs) -> None:
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    first, second = a_call(alice), a_call(alice)
    await catalogue.keep_live([first, second])
    assert await catalogue.live_calls(alice.id) == [second, first]
    assert await catalogue.live_calls(bob.id) == []
    for name in (str(first.take), str(first.call_id), str(first.session_id)):
        assert await catalogue.live_call(alice.id, name) == first
        assert await catalogue.live_call(bob.id, name) is None
    for name in ("sip@sbc", "signalwire:call:CA1"):
        assert await catalogue.live_call(alice.id, "nobody", name) == second
    await catalogue.keep_live([], ended=[second.take])
    assert await catalogue.live_call(alice.id, "sip@sbc") == first
    assert await catalogue.live_calls(alice.id) == [first]


async def test_a_live_call_is_found_by_the_recordings_that_are_made_of_it(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    call = a_call(alice)
    await catalogue.keep_live([call])
    made = LiveRecording(id=an_id(), phase=Phase.RUNNING, wish=Wish(most_s=60.0), asked_at=T0, began_at=T0)
    recorded = replace(call, recordings=(made,), sip_call_id=None)
    await catalogue.keep_live([recorded])
    assert await catalogue.live_call(alice.id, str(made.id)) == recorded
    assert await catalogue.live_call(alice.id, "sip@sbc") is None


async def test_a_node_that_begins_anew_has_only_what_it_says(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    kept, gone, others = a_call(alice), a_call(alice), a_call(alice, "south")
    await catalogue.keep_live([kept, gone, others])
    await catalogue.forget_live("north", but=[kept.take])
    assert await catalogue.live_calls(alice.id) == [others, kept]
    assert await catalogue.live_call(alice.id, str(gone.take)) is None


@pytest.mark.parametrize("silent_s", [30, 3600, -3600], ids=["killed", "long gone", "a clock that was set back since"])
async def test_calls_of_a_silent_node_are_hidden_until_its_next_sign(catalogue: Verbs, silent_s: float) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    older, newer, others = a_call(alice), a_call(alice, "south"), a_call(alice)
    await catalogue.keep_live([older, newer])
    await catalogue.keep_live([replace(others, sip_call_id=None, foreign={})])
    await fall_silent(catalogue, "south", silent_s)
    assert newer not in await catalogue.live_calls(alice.id)
    assert await catalogue.live_call(alice.id, str(newer.take)) is None
    assert await catalogue.live_call(alice.id, "sip@sbc") == older, "one that somebody has is not hidden behind it"
    assert await catalogue.sign_of_life("south")
    assert newer in await catalogue.live_calls(alice.id)
    assert await catalogue.live_call(alice.id, "sip@sbc") == newer


async def test_a_node_lives_that_was_silent_for_a_moment_or_tells_of_a_call_or_begins_anew(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    first, second = a_call(alice), a_call(alice)
    await catalogue.keep_live([first])
    await fall_silent(catalogue, "north", 10)
    assert await catalogue.live_calls(alice.id) == [first]
    await fall_silent(catalogue, "north", 60)
    assert await catalogue.live_calls(alice.id) == []
    await catalogue.keep_live([second])
    assert await catalogue.live_calls(alice.id) == [second, first]
    await fall_silent(catalogue, "north", 60)
    await catalogue.forget_live("north", but=[first.take])
    assert await catalogue.live_calls(alice.id) == [first]


async def test_a_node_that_was_silent_for_a_day_is_forgotten_and_told_so(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    for node in ("north", "south", "west"):
        await catalogue.keep_live([a_call(alice, node)])
    await fall_silent(catalogue, "south", 25 * 3600)
    await fall_silent(catalogue, "west", 23 * 3600)
    await catalogue.forget_live("north")
    assert not await catalogue.sign_of_life("south")
    assert not await catalogue.sign_of_life("nobody")
    assert await catalogue.live_call(alice.id, "sip@sbc") is None
    assert await catalogue.sign_of_life("west")
    assert [call.node for call in await catalogue.live_calls(alice.id)] == ["west"]


async def test_that_a_node_lives_costs_no_question_of_its_own(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    await catalogue.keep_live([a_call(alice)])
    await catalogue.live_calls(alice.id)
    before = catalogue.tally.statements
    await catalogue.live_calls(alice.id)
    assert catalogue.tally.statements == before + 1
    await catalogue.live_call(alice.id, "sip@sbc")
    assert catalogue.tally.statements == before + 2


async def test_an_order_is_taken_by_its_node_once_and_answered(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    call = a_call(alice)
    first = an_order(call)
    second = replace(an_order(call), verb=Change(to=Phase.PAUSED, silent=True))
    for order in (first, second):
        await catalogue.give_order(order)
    assert list(await catalogue.take_orders("south", T0)) == []
    assert list(await catalogue.take_orders("north", T0)) == [first, second]
    assert list(await catalogue.take_orders("north", T0)) == []
    assert await catalogue.order_reply(first.id) is None
    done, not_done = Done(call=call, recordings=(an_id(),)), NotDone(fault="conflict", sentence="It is paused.")
    await catalogue.answer_order(first.id, done)
    await catalogue.answer_order(second.id, not_done)
    assert await catalogue.order_reply(first.id) == done
    assert await catalogue.order_reply(second.id) == not_done
    await catalogue.forget_order(first.id)
    assert await catalogue.order_reply(first.id) is None


async def test_an_order_is_taken_or_taken_back_and_never_both(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    call = a_call(alice)
    taken, back = an_order(call), an_order(call, "south")
    for order in (taken, back):
        await catalogue.give_order(order)
    assert list(await catalogue.take_orders("north", T0)) == [taken]
    assert not await catalogue.take_order_back(taken.id)
    assert await catalogue.take_order_back(back.id)
    assert list(await catalogue.take_orders("south", T0)) == []


async def test_whatever_the_interleaving_each_order_is_taken_or_taken_back(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    orders = [an_order(a_call(alice)) for _ in range(24)]
    for order in orders:
        await catalogue.give_order(order)

    async def taken(node: str) -> set[UUID]:
        return {order.id for order in await catalogue.take_orders(node, T0)}

    async def back(some: Sequence[Order]) -> set[UUID]:
        return {order.id for order in some if await catalogue.take_order_back(order.id)}

    found = await asyncio.gather(back(orders[:12]), taken("north"), back(orders[12:]), back(orders), taken("north"))
    assert sum(map(len, found)) == len(orders)
    assert set().union(*found) == {order.id for order in orders}


async def test_orders_that_nobody_comes_back_for_are_forgotten(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    old, new = an_order(a_call(alice)), an_order(a_call(alice))
    await catalogue.give_order(old)
    await catalogue.take_orders("north", T0)
    await catalogue.give_order(replace(new, made_at=T0 + timedelta(hours=2)))
    await catalogue.take_orders("north", T0 + timedelta(hours=2))
    await catalogue.answer_order(old.id, NotDone(fault="failed", sentence="Too late."))
    assert await catalogue.order_reply(old.id) is None


async def test_nobody_orders_for_an_account_that_is_not_there(catalogue: Verbs) -> None:
    with pytest.raises(NotFound):
        await catalogue.give_order(an_order(a_call(an_account("nobody"))))


async def test_waiting_for_orders_writes_nothing(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    await catalogue.keep_live([a_call(alice)])
    before = catalogue.tally.statements
    await catalogue.take_orders("north", T0)
    assert catalogue.tally.statements == before + 1


async def test_calls_that_keep_their_names_are_written_with_two_statements_each_and_one_for_the_node(
    catalogue: Verbs,
) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    call, other = a_call(alice), a_call(alice)
    await catalogue.keep_live([call, other])
    before = catalogue.tally.statements
    await catalogue.keep_live([replace(call, held=True), replace(other, held=True)])
    assert catalogue.tally.statements == before + 2 * 2 + 1
    await catalogue.keep_live([replace(call, sip_call_id="other@sbc")])
    assert await catalogue.live_call(alice.id, "sip@sbc") == replace(other, held=True)
    assert await catalogue.live_call(alice.id, "other@sbc") is not None
