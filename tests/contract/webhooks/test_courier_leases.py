"""Couriers side by side, stopped, killed or without a catalogue: nothing is lost, and nobody is kept waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from callvault.errors import CatalogueError
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryState
from callvault.server.clock import wall_clock
from tests.contract.webhooks.telling import House, said, working
from tests.receiver import Answer, Receiver, receiving, until


async def test_a_server_that_is_slow_keeps_nobody_else_waiting(house: House, receiver: Receiver) -> None:
    with receiving(lambda _: Answer(after_s=30)) as slow:
        await house.hook(slow, events=frozenset({EventKind.AVAILABLE}))
        await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
        courier = house.courier(slots=8)
        task = asyncio.create_task(courier.run())
        for _ in range(30):
            await house.record()
        await asyncio.to_thread(receiver.wait_for, 30)
        await asyncio.to_thread(until, lambda: slow.most_at_once >= 2)
        await courier.stop(grace_s=0)
        await task
        assert slow.most_at_once == 2, "a quarter of the slots, and no more"


async def test_so_many_are_sent_at_once_and_no_more(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(after_s=0.05)
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    for _ in range(40):
        await house.record()
    async with working(house.courier(slots=12)):
        await house.settled()
    assert len(receiver.requests) == 40
    assert 1 < receiver.most_at_once <= 3


async def test_what_a_stopped_courier_had_not_sent_goes_out_from_another_at_once(
    house: House, receiver: Receiver
) -> None:
    receiver.answer = lambda _: Answer(after_s=30)
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    for _ in range(6):
        await house.record()
    courier = house.courier(slots=4)
    task = asyncio.create_task(courier.run())
    await asyncio.to_thread(receiver.wait_for, 1)
    await courier.stop(grace_s=0)
    await task
    receiver.answer = lambda _: Answer()
    sent = len(receiver.requests)
    async with working(house.courier()):
        await house.settled()
    told = {said(request)["data"]["id"] for request in receiver.requests[sent:]}
    assert len(told) == 6, "those under way when it was stopped too: at least once"


async def test_one_that_is_being_sent_may_come_to_its_end(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(after_s=0.3)
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    await house.record()
    async with working(house.courier()):
        await asyncio.to_thread(receiver.wait_for, 1)
    (delivery,) = await house.deliveries()
    assert delivery.state is DeliveryState.DELIVERED


async def test_what_a_killed_courier_held_goes_out_when_its_lease_is_over(house: House, receiver: Receiver) -> None:
    hook = await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    await house.record()
    now, begun = wall_clock(), time.monotonic()
    lost = await house.vault.catalogue.claim(hook.id, now=now, until=now + timedelta(seconds=0.6), most=1)
    assert lost is not None
    async with working(house.courier()):
        (delivery,) = await house.settled()
    (request,) = receiver.requests
    assert request.at - begun > 0.59, "its lease keeps others off"
    assert delivery.state is DeliveryState.DELIVERED


class Flaky:
    """An outbox whose database goes away now and then."""

    def __init__(self, outbox: Any, failing: Iterator[bool]) -> None:
        self._outbox = outbox
        self._failing = failing

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._outbox, name)
        if name == "listen":
            return verb

        async def tried(*arguments: Any, **named: Any) -> Any:
            if next(self._failing):
                raise CatalogueError("The database is away.")
            return await verb(*arguments, **named)

        return tried


async def test_a_catalogue_that_is_away_for_a_while_loses_nothing(house: House, receiver: Receiver) -> None:
    turns = iter(range(1_000_000))
    flaky = Flaky(house.vault.catalogue, (turn % 3 == 0 for turn in turns))
    await house.hook(receiver)
    async with working(house.courier(outbox=flaky)):
        await house.record()
        deliveries = await house.settled()
    assert {delivery.state for delivery in deliveries} == {DeliveryState.DELIVERED}
    assert {said(request)["type"] for request in receiver.requests} == {"recording.ended", "recording.available"}


async def test_what_was_claimed_and_settled_elsewhere_is_left_alone(house: House, receiver: Receiver) -> None:
    """Two couriers whose leases are far too short send some twice, and lose none."""
    receiver.answer = lambda _: Answer(after_s=0.05)
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    recordings = [await house.record() for _ in range(10)]
    async with working(house.courier(lease_s=0.04, slots=4), house.courier(lease_s=0.04, slots=4)):
        deliveries = await house.settled()
    assert len(deliveries) == 10
    assert {delivery.state for delivery in deliveries} == {DeliveryState.DELIVERED}
    told = {UUID(said(request)["data"]["id"]) for request in receiver.requests}
    assert told == {recording.id for recording in recordings}
