"""Deliveries on every engine: what is kept of them, who sees it, when it begins anew and when it is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import Conflict, NotFound
from callvault.model.actor import Account
from callvault.model.events import EventKind
from callvault.model.hook import Delivery, DeliveryQuery, DeliveryState, Failure
from tests.catalogues import T0
from tests.contract.webhooks.claims import LATER, an_attempt, claimed, delivered, drain, failed, hooked, taken_in


async def test_the_log_keeps_the_exact_bytes(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    await taken_in(catalogue, alice)
    (claim,) = await claimed(catalogue, hook)
    lost = an_attempt(status=None, answer=b"", failure=Failure.UNREACHABLE, error="No route: \0x", at=LATER)
    await catalogue.settle(claim, failed(claim.delivery, LATER), lost)
    (again,) = await claimed(catalogue, hook)
    await catalogue.settle(again, delivered(again.delivery), an_attempt())
    found = await catalogue.delivery(alice.id, claim.delivery.id)
    assert found is not None
    assert found[1] == [replace(lost, error="No route: x"), an_attempt()]
    assert found[0] == delivered(again.delivery)


async def test_deliveries_are_listed_newest_first_to_their_account_alone(
    catalogue: Verbs, alice: Account, charlie: Account
) -> None:
    hook = await hooked(catalogue, alice)
    other = await hooked(catalogue, alice, events=frozenset({EventKind.AVAILABLE}))
    entries = [await taken_in(catalogue, alice, updated_at=T0 + timedelta(seconds=second)) for second in range(3)]
    (claim,) = await claimed(catalogue, other, most=1)
    await catalogue.settle(claim, delivered(claim.delivery), an_attempt())
    query = DeliveryQuery(account_id=alice.id, limit=4)
    listed: list[Delivery] = []
    while True:
        page = await catalogue.find_deliveries(query)
        listed += page.items
        if not page.more:
            break
        query = replace(query, before=page.items[-1].id)
    assert len({delivery.id for delivery in listed}) == len(listed) == 9
    assert [delivery.event.at for delivery in listed] == sorted(
        (delivery.event.at for delivery in listed), reverse=True
    )

    async def count(**terms: Any) -> int:
        return len((await catalogue.find_deliveries(DeliveryQuery(account_id=alice.id, **terms))).items)

    assert await count(hook_id=hook.id) == 6
    assert await count(hook_id=other.id, state=DeliveryState.DELIVERED) == 1
    assert await count(state=DeliveryState.WAITING) == 8
    assert await count(recording_id=entries[0].id) == 3
    assert (await catalogue.find_deliveries(DeliveryQuery(account_id=charlie.id))).items == ()
    assert await catalogue.delivery(charlie.id, listed[0].id) is None


async def test_a_replayed_delivery_begins_anew(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    hook = await hooked(catalogue, alice)
    await taken_in(catalogue, alice)
    assert await drain(catalogue, hook) == ["recording.ended", "recording.available"]
    ended = (await catalogue.find_deliveries(DeliveryQuery(account_id=alice.id))).items[-1]
    with pytest.raises(NotFound):
        await catalogue.replay(charlie.id, ended.id, LATER)
    anew = await catalogue.replay(alice.id, ended.id, LATER)
    assert (anew.state, anew.attempts, anew.due_at) == (DeliveryState.WAITING, 0, LATER)
    assert anew.event == ended.event
    assert len(await drain(catalogue, hook)) == 1
    found = await catalogue.delivery(alice.id, ended.id)
    assert found is not None
    assert len(found[1]) == 2, "what was sent before is still to be seen"


async def test_a_replay_takes_a_delivery_from_whoever_has_it(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    await taken_in(catalogue, alice)
    (claim,) = await claimed(catalogue, hook)
    await catalogue.replay(alice.id, claim.delivery.id, LATER)
    assert not await catalogue.settle(claim, delivered(claim.delivery), an_attempt())
    assert len(await claimed(catalogue, hook)) == 1


async def test_a_removed_hook_is_told_nothing_more(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    hook = await hooked(catalogue, alice)
    await taken_in(catalogue, alice)
    waiting = (await catalogue.find_deliveries(DeliveryQuery(account_id=alice.id))).items
    with pytest.raises(NotFound):
        await catalogue.remove_hook(charlie.id, hook.id, LATER)
    removed = await catalogue.remove_hook(alice.id, hook.id, LATER)
    assert removed == replace(hook, removed_at=LATER)
    assert await catalogue.hooks(alice.id) == []
    assert await catalogue.hook(alice.id, hook.id) == removed
    await taken_in(catalogue, alice)
    assert await catalogue.due_hooks(LATER) == []
    listed = (await catalogue.find_deliveries(DeliveryQuery(account_id=alice.id))).items
    assert [delivery.id for delivery in listed] == [delivery.id for delivery in waiting]
    assert {delivery.state for delivery in listed} == {DeliveryState.GIVEN_UP}
    with pytest.raises(Conflict):
        await catalogue.replay(alice.id, listed[0].id, LATER)
    with pytest.raises(NotFound):
        await catalogue.remove_hook(alice.id, hook.id, LATER)


async def test_old_settled_deliveries_are_forgotten_with_their_attempts(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice, events=frozenset({EventKind.AVAILABLE}))
    for day in range(4):
        await taken_in(catalogue, alice, updated_at=T0 + timedelta(days=day))
    waiting = await taken_in(catalogue, alice, updated_at=T0)
    for claim in await claimed(catalogue, hook, T0 + timedelta(days=9)):
        if claim.delivery.event.recording_id != waiting.id:
            await catalogue.settle(claim, delivered(claim.delivery), an_attempt())
    assert await catalogue.forget_deliveries(T0 + timedelta(days=2), most=1) == 1
    assert await catalogue.forget_deliveries(T0 + timedelta(days=2), most=10) == 1
    assert await catalogue.forget_deliveries(T0 + timedelta(days=2), most=10) == 0
    listed = (await catalogue.find_deliveries(DeliveryQuery(account_id=alice.id))).items
    assert len(listed) == 3
    assert {delivery.state for delivery in listed} == {DeliveryState.DELIVERED, DeliveryState.WAITING}
