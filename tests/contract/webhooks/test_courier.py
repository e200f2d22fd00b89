"""The courier, on every engine, in front of a real receiver: everything arrives, in order, and is kept as sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from callvault.errors import OperatorError
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryState
from callvault.server.clock import wall_clock
from callvault.vault.commands import DeleteRecording
from callvault.vault.hook_commands import ReplayDelivery
from tests.contract.webhooks.telling import House, ref, said, working
from tests.receiver import Answer, Receiver


async def test_every_event_arrives_once_and_in_the_order_of_its_recording(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda request: Answer(status=204, after_s=0.02 if int(request.body[-3]) % 2 else 0.0)
    hook = await house.hook(receiver)
    async with working(house.courier(), house.courier()):
        recordings = [await house.record() for _ in range(6)]
        for turn in range(3):
            for recording in recordings:
                await house.label(recording, str(turn))
        for recording in recordings:
            await house.vault.erasing.delete(
                DeleteRecording(account_id=house.account.id, recording=ref(recording)), wall_clock()
            )
        deliveries = await house.settled()
    told: dict[str, list[Any]] = defaultdict(list)
    for request in receiver.requests:
        told[said(request)["data"]["id"]].append((said(request)["type"], said(request)["data"].get("label")))
    expected = [
        ("recording.ended", None),
        ("recording.available", None),
        ("recording.changed", "0"),
        ("recording.changed", "1"),
        ("recording.changed", "2"),
        ("recording.deleted", "2"),
    ]
    assert told == {str(recording.id): expected for recording in recordings}
    assert {delivery.state for delivery in deliveries} == {DeliveryState.DELIVERED}
    assert {delivery.hook_id for delivery in deliveries} == {hook.id}


async def test_what_this_process_posts_goes_out_at_once(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the next look: the commit wakes the courier, and so does a replay."""
    monkeypatch.setattr("callvault.webhooks.courier.POLL_S", 3600.0)
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE, EventKind.CHANGED}))
    async with working(house.courier()):
        await asyncio.sleep(0)  # it has looked, found nothing, and rests
        recording = await house.record()
        await asyncio.to_thread(receiver.wait_for, 1)
        await house.label(recording, "tea")
        await asyncio.to_thread(receiver.wait_for, 2)
        delivery = (await house.settled())[0]
        await house.vault.notifying.replay(
            ReplayDelivery(account_id=house.account.id, delivery_id=delivery.id), wall_clock()
        )
        await asyncio.to_thread(receiver.wait_for, 3)


async def test_what_is_told_of_can_be_fetched_at_that_moment(house: House, receiver: Receiver) -> None:
    """The row is committed and its audio is durable before anybody hears of it."""
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    async with working(house.courier()):
        recording = await house.record()
        await house.settled()
    assert recording.media is not None
    told = said(receiver.requests[0])["data"]
    assert told["links"]["media"].endswith(f"/recordings/{recording.id}/media")
    assert receiver.requests[0].headers["webhook-id"]


async def test_the_log_has_the_very_bytes(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(status=200, body=b"thank you")
    await house.hook(receiver, "bandwidth", username="ruth", password="tea: two")
    async with working(house.courier()):
        await house.record()
        (delivery,) = await house.settled()
    (attempt,) = await house.attempts(delivery)
    (request,) = receiver.requests
    assert (attempt.body, attempt.method, attempt.status, attempt.answer) == (request.body, "POST", 200, b"thank you")
    assert request.headers["authorization"] == "Basic cnV0aDp0ZWE6IHR3bw=="
    assert ("Authorization", "Basic *") in attempt.headers
    sent = [pair for pair in request.header_list if pair[0] != "Authorization"]
    assert [pair for pair in attempt.headers if pair[0] != "Authorization"] == sent


async def test_a_replayed_delivery_is_the_same_event_signed_anew(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(status=404)
    await house.hook(receiver, "telnyx")
    async with working(house.courier()):
        await house.record()
        (delivery,) = await house.settled()
        assert delivery.state is DeliveryState.GIVEN_UP
        receiver.answer = lambda _: Answer()
        await house.vault.notifying.replay(
            ReplayDelivery(account_id=house.account.id, delivery_id=delivery.id), wall_clock()
        )
        (again,) = await house.settled()
    assert again.state is DeliveryState.DELIVERED
    first, second = receiver.requests
    assert said(first)["data"]["id"] == said(second)["data"]["id"]
    assert len(await house.attempts(again)) == 2


async def test_a_password_under_another_master_key_is_no_crash(house: House, receiver: Receiver) -> None:
    hook = await house.hook(receiver, "bandwidth", username="ruth", password="tea")
    with pytest.raises(OperatorError):
        house.vault.notifying.password(replace(hook, sealed_password=b"0" * 40))


async def test_old_deliveries_are_tidied_away(house: House, receiver: Receiver) -> None:
    await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
    async with working(house.courier()):
        await house.record()
        await house.settled()
    async with working(house.courier(keep_days=0)):
        for _ in range(500):
            if not await house.deliveries():
                break
            await asyncio.sleep(0.01)
    assert await house.deliveries() == ()
