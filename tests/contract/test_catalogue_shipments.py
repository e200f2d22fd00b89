"""Files on their way, on every engine: kept once, had by one at a time, told of in their recordings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import NotFound
from callvault.model.actor import Account
from callvault.model.events import EventKind
from callvault.model.hook import Hook
from callvault.model.recording import Recording, Status
from callvault.model.shipment import Shipment, ShipmentState, shipment_told, told
from callvault.model.wish import Push
from tests.catalogues import T0, an_account, an_id, recording

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def a_recording(catalogue: Verbs, account: Account) -> Recording:
    return (await catalogue.add(recording(account, extras={"kazoo": {"a": 1}}))).recording


def a_shipment(entry: Recording, due_s: int = 0) -> Shipment:
    return Shipment(
        recording_id=entry.id,
        account_id=entry.account_id,
        push=Push(url="https://keep.example.org/calls?token=tea", method="POST"),
        due_at=T0 + due_s * SECOND,
        made_at=T0,
        moved_at=T0,
    )


async def test_a_recording_has_one_and_tells_of_it(catalogue: Verbs) -> None:
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    entry = await a_recording(catalogue, alice)
    shipment = a_shipment(entry)
    assert await catalogue.shipment(alice.id, entry.id) is None
    assert await catalogue.add_shipment(shipment)
    assert not await catalogue.add_shipment(replace(shipment, push=Push(url="https://elsewhere.example.org/")))
    assert await catalogue.shipment(alice.id, entry.id) == shipment
    assert await catalogue.shipment(bob.id, entry.id) is None
    now = await catalogue.get(entry.id)
    assert now is not None
    assert now.extras == {"kazoo": {"a": 1}, "callvault": {"push": told(shipment)}}
    assert now.revision == entry.revision + 1


async def test_what_is_not_there_goes_nowhere(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    entry = await a_recording(catalogue, alice)
    with pytest.raises(NotFound):
        await catalogue.add_shipment(replace(a_shipment(entry), recording_id=an_id()))
    await catalogue.change(replace(entry, status=Status.DELETED), expected=entry.revision)
    with pytest.raises(NotFound):
        await catalogue.add_shipment(a_shipment(entry))
    assert await catalogue.take_shipments(T0, T0 + MINUTE, most=9) == ()


async def test_those_that_are_due_are_had_by_one_at_a_time(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    entries = [await a_recording(catalogue, alice) for _ in range(3)]
    for place, entry in enumerate(entries):
        await catalogue.add_shipment(a_shipment(entry, due_s=2 - place))
    now = T0 + SECOND
    first, second = await catalogue.take_shipments(now, now + MINUTE, most=9)
    assert [each.shipment.recording_id for each in (first, second)] == [entries[2].id, entries[1].id]
    assert await catalogue.take_shipments(now, now + MINUTE, most=9) == ()
    (third,) = await catalogue.take_shipments(now + SECOND, now + MINUTE, most=9)
    assert third.shipment.recording_id == entries[0].id
    assert await catalogue.hold_shipment(first, now + 3 * MINUTE)
    over = await catalogue.take_shipments(now + 2 * MINUTE, now + 3 * MINUTE, most=1)
    assert [each.shipment.recording_id for each in over] == [entries[1].id]
    assert over[0].number == second.number + 1


async def test_what_came_of_a_try_is_told_by_whoever_has_it(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    entry = await a_recording(catalogue, alice)
    await catalogue.add_shipment(a_shipment(entry))
    (lost,) = await catalogue.take_shipments(T0, T0 + SECOND, most=1)
    (taken,) = await catalogue.take_shipments(T0 + SECOND, T0 + MINUTE, most=1)
    after = replace(
        taken.shipment,
        tries=1,
        due_at=T0 + MINUTE,
        moved_at=T0 + SECOND,
        status=503,
        error="It was answered\0 with 503.",
    )
    assert not await catalogue.settle_shipment(lost, replace(after, error="late"))
    assert not await catalogue.hold_shipment(lost, T0 + MINUTE)
    assert await catalogue.settle_shipment(taken, after)
    kept = await catalogue.shipment(alice.id, entry.id)
    assert kept == replace(after, error="It was answered with 503.")
    assert await catalogue.take_shipments(T0 + 2 * SECOND, T0 + MINUTE, most=1) == ()
    (again,) = await catalogue.take_shipments(T0 + MINUTE, T0 + 2 * MINUTE, most=1)
    done = replace(after, state=ShipmentState.DONE, tries=2, status=200, error=None)
    assert await catalogue.settle_shipment(again, done)
    assert await catalogue.take_shipments(T0 + 9 * MINUTE, T0 + 10 * MINUTE, most=1) == ()
    now = await catalogue.get(entry.id)
    assert now is not None
    assert shipment_told(now) == told(done)


async def test_hooks_are_told_how_it_ended(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    events = frozenset({EventKind.CHANGED})
    hook = Hook(
        id=an_id(), account_id=alice.id, dialect="kazoo", url="https://a.example/", events=events, created_at=T0
    )
    await catalogue.add_hook(hook)
    entry = await a_recording(catalogue, alice)
    await catalogue.add_shipment(a_shipment(entry))
    (taken,) = await catalogue.take_shipments(T0, T0 + SECOND, most=1)
    await catalogue.settle_shipment(taken, replace(taken.shipment, tries=1, error="No.", due_at=T0))
    assert list(await catalogue.due_hooks(T0 + MINUTE)) == []
    (taken,) = await catalogue.take_shipments(T0 + SECOND, T0 + MINUTE, most=1)
    await catalogue.settle_shipment(taken, replace(taken.shipment, tries=2, state=ShipmentState.GIVEN_UP))
    assert list(await catalogue.due_hooks(T0 + MINUTE)) == [hook.id]


async def test_with_the_recording_it_is_gone(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    entry = await a_recording(catalogue, alice)
    await catalogue.add_shipment(a_shipment(entry))
    (taken,) = await catalogue.take_shipments(T0, T0 + SECOND, most=1)
    now = await catalogue.get(entry.id)
    assert now is not None
    await catalogue.change(replace(now, status=Status.DELETED), expected=now.revision)
    assert await catalogue.shipment(alice.id, entry.id) is None
    assert not await catalogue.settle_shipment(taken, replace(taken.shipment, state=ShipmentState.DONE))
