"""What the courier makes of what goes wrong: tried again, given up, told why; nothing overtakes what is tried again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from callvault.dialects.contract import Dialect
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryState, Failure
from callvault.model.ids import new_id
from callvault.server.clock import wall_clock
from callvault.webhooks.sender import Sender
from tests.contract.webhooks.telling import House, said, working
from tests.receiver import Answer, Received, Receiver

QUICK = {"retries_ms": "50,50"}
"""Telnyx's hooks may say their own pauses."""


async def test_a_failure_is_tried_again_and_then_succeeds(house: House, receiver: Receiver) -> None:
    answers = iter([Answer(status=503, close=True), Answer(hang_up=True), Answer(status=204)])
    receiver.answer = lambda _: next(answers)
    await house.hook(receiver, "telnyx", options=QUICK)
    async with working(house.courier()):
        await house.record()
        (delivery,) = await house.settled()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 3)
    attempts = await house.attempts(delivery)
    assert [(attempt.status, attempt.failure) for attempt in attempts] == [
        (503, None),
        (None, Failure.SILENT),
        (204, None),
    ]
    assert [said(request)["meta"]["attempt"] for request in receiver.requests] == [1, 2, 3]
    assert len({said(request)["data"]["id"] for request in receiver.requests}) == 1


async def test_what_comes_later_waits_for_what_is_tried_again(house: House, receiver: Receiver) -> None:
    failures = {"recording.ended": 2}

    def answer(request: Received) -> Answer:
        kind = said(request)["type"]
        failures[kind] = failures.get(kind, 0) - 1
        return Answer(status=503, headers=(("Retry-After", "0"),)) if failures[kind] >= 0 else Answer()

    receiver.answer = answer
    quick = replace_rules(house.dialects, "callvault", pauses_s=(0.05,) * 5)
    await house.hook(receiver)
    async with working(house.courier(dialects=quick)):
        await house.record()
        await house.settled()
    assert [said(request)["type"] for request in receiver.requests] == ["recording.ended"] * 3 + ["recording.available"]


async def test_it_is_given_up_at_the_end_at_both_urls(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(status=500)
    await house.hook(receiver, "telnyx", options={"retries_ms": "20"}, failover_url=receiver.url("/failover"))
    async with working(house.courier()):
        await house.record()
        (delivery,) = await house.settled()
    assert (delivery.state, delivery.attempts) == (DeliveryState.GIVEN_UP, 4)
    assert [request.path for request in receiver.requests] == ["/hook", "/hook", "/failover", "/failover"]
    assert said(receiver.requests[2])["meta"]["delivered_to"].endswith("/failover")


async def test_a_hook_that_is_answered_with_gone_is_removed(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(status=410)
    hook = await house.hook(receiver)
    async with working(house.courier()):
        await house.record()
        deliveries = await house.settled()
        await asyncio.sleep(0.1)
    assert {delivery.state for delivery in deliveries} == {DeliveryState.GIVEN_UP}
    assert len(receiver.requests) == 1
    assert await house.vault.catalogue.hooks(house.account.id) == []
    kept = await house.vault.catalogue.hook(house.account.id, hook.id)
    assert kept is not None
    assert kept.removed_at is not None


async def test_what_cannot_be_said_is_given_up_and_says_why(house: House, receiver: Receiver) -> None:
    await house.hook(receiver, "signalwire")
    for key in await house.vault.catalogue.keys(house.account.id):
        await house.vault.catalogue.revoke_key(key.id, wall_clock())
    async with working(house.courier()):
        await house.record()
        (delivery,) = await house.settled()
    (attempt,) = await house.attempts(delivery)
    assert delivery.state is DeliveryState.GIVEN_UP
    assert attempt.failure is Failure.UNSPOKEN
    assert "no key" in (attempt.error or "")
    assert receiver.requests == []


async def test_a_fault_of_ours_is_not_sent_for_ever(
    house: House, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> Any:
        raise ZeroDivisionError

    dialects = tuple(
        replace(dialect, hooks=replace(dialect.hooks, phrase=broken)) if dialect.name == "bandwidth" else dialect
        for dialect in house.dialects
    )
    await house.hook(receiver, "bandwidth")
    async with working(house.courier(dialects=dialects)):
        await house.record()
        (delivery,) = await house.settled()
    assert delivery.state is DeliveryState.GIVEN_UP
    assert "ZeroDivisionError" in caplog.text


async def test_a_fault_of_ours_while_sending_is_an_attempt_that_failed(
    house: House, receiver: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Sender, "send", broken)
    await house.hook(receiver, "telnyx", options=QUICK)
    async with working(house.courier()):
        await house.record()
        (delivery,) = await house.settled()
    assert (delivery.state, delivery.attempts) == (DeliveryState.GIVEN_UP, 3)
    assert "ZeroDivisionError" in caplog.text


async def test_a_forbidden_destination_is_never_called(house: House, receiver: Receiver) -> None:
    await house.hook(receiver, url=f"http://localhost:{receiver.port}/")  # leads to ::1 as well, which is not allowed
    await house.vault.catalogue.add_hook(
        replace(
            (await house.vault.catalogue.hooks(house.account.id))[0],
            id=new_id(wall_clock(), os.urandom(10)),
            url="http://169.254.169.254/latest/meta-data",
            dialect="bandwidth",
            events=frozenset({EventKind.AVAILABLE}),
        )
    )
    async with working(house.courier()):
        await house.record()
        deliveries = await house.settled()
    (refused,) = [delivery for delivery in deliveries if delivery.state is DeliveryState.GIVEN_UP]
    (attempt,) = await house.attempts(refused)
    assert attempt.failure is Failure.FORBIDDEN
    assert {request.headers["host"] for request in receiver.requests} == {f"localhost:{receiver.port}"}


def replace_rules(dialects: Sequence[Dialect], name: str, **changes: Any) -> tuple[Dialect, ...]:
    def changed(dialect: Dialect) -> Dialect:
        rules = dialect.hooks.rules
        return replace(dialect, hooks=replace(dialect.hooks, rules=lambda hook: replace(rules(hook), **changes)))

    return tuple(changed(dialect) if dialect.name == name else dialect for dialect in dialects)
