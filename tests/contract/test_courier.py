"""The courier, on every engine, in front of a real receiver: everything arrives, in order, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.verbs import Verbs
from callvault.dialects import registry
from callvault.dialects.contract import Dialect
from callvault.errors import CatalogueError, OperatorError
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.destination import read_networks
from callvault.model.events import EventKind
from callvault.model.hook import Attempt, Delivery, DeliveryQuery, DeliveryState, Failure, Hook
from callvault.model.ids import new_id
from callvault.model.recording import Recording
from callvault.server.clock import wall_clock
from callvault.server.speaking import Speech
from callvault.vault.commands import ChangeRecording, DeleteRecording, Ref, TakeIn
from callvault.vault.hook_commands import AddHook, GetDelivery, ReplayDelivery
from callvault.vault.secrets import make_key
from callvault.vault.vault import Vault
from callvault.webhooks.courier import Courier
from callvault.webhooks.guard import Guard, Names
from callvault.webhooks.sender import Sender, tls_context
from tests.catalogues import ENGINES, emptied
from tests.receiver import Answer, Received, Receiver, receiving
from tests.world import open_world, tone_of_silence

LOOPBACK = read_networks("127.0.0.0/8")
AUDIO = tone_of_silence(1, 100)
QUICK = {"retries_ms": "50,50"}
"""Telnyx's hooks may say their own pauses."""


@dataclass
class House:
    """A vault with an account, and as many couriers as a test wants."""

    vault: Vault
    account: Account
    dialects: tuple[Dialect, ...]

    async def hook(self, receiver: Receiver, dialect: str = "callvault", **fields: Any) -> Hook:
        url = fields.pop("url", None) or receiver.url(fields.pop("path", "/hook"))
        command = AddHook(account_id=self.account.id, dialect=dialect, url=url, **fields)
        return await self.vault.notifying.add(command, wall_clock())

    async def record(self, **said: Any) -> Recording:
        async def content() -> AsyncIterator[bytes]:
            yield AUDIO

        command = TakeIn(account_id=self.account.id, card=Card(**said), content=content(), key=os.urandom(8).hex())
        return (await self.vault.intake.take_in(command, wall_clock())).recording

    async def label(self, recording: Recording, label: str) -> None:
        card = Card(label=label)
        command = ChangeRecording(account_id=self.account.id, recording=ref(recording), card=card)
        await self.vault.changing.change(command, wall_clock())

    def courier(self, **options: Any) -> Courier:
        sender = Sender(Guard(LOOPBACK, Names()), connections=64, agent="test", tls=tls_context(), clock=wall_clock)
        speech = Speech(
            options.pop("dialects", self.dialects),
            self.vault.notifying,
            self.vault.secrets,
            base_url="https://vault.example.net",
            settings={},
        )
        outbox = options.pop("outbox", self.vault.catalogue)
        return Courier(outbox, speech, sender, clock=wall_clock, dice=lambda: 0.0, **options)

    async def deliveries(self, **terms: Any) -> Sequence[Delivery]:
        query = DeliveryQuery(account_id=self.account.id, limit=1000, **terms)
        return (await self.vault.catalogue.find_deliveries(query)).items

    async def attempts(self, delivery: Delivery) -> Sequence[Attempt]:
        command = GetDelivery(account_id=self.account.id, delivery_id=delivery.id)
        return (await self.vault.notifying.delivery(command)).attempts

    async def settled(self) -> Sequence[Delivery]:
        """Wait until nothing is waiting any more."""
        for _ in range(2000):
            if not await self.deliveries(state=DeliveryState.WAITING):
                return await self.deliveries()
            await asyncio.sleep(0.01)
        raise AssertionError(await self.deliveries(state=DeliveryState.WAITING))


def ref(recording: Recording) -> Ref:
    return Ref(dialect="callvault", kind="recording", text=str(recording.id), computed=recording.id)


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    catalogue: Verbs = SqliteCatalogue(None if request.param == "memory" else tmp_path / "catalogue.sqlite")
    if request.param == "postgres":
        catalogue = await emptied(request.getfixturevalue("shared_dsn"))
    async with open_world(tmp_path, catalogue, hook_networks=LOOPBACK) as world:
        now = wall_clock()
        account = await world.account(
            Account(id=new_id(now, os.urandom(10)), serial=0, name="alice", created_at=now), token="a" * 64
        )
        first = make_key(account.id, label="", now=now, entropy=os.urandom(44), seal_with=world.vault.secrets)
        await world.vault.catalogue.add_key(first.key)
        yield House(vault=world.vault, account=account, dialects=registry.load())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@asynccontextmanager
async def working(*couriers: Courier) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(courier.run()) for courier in couriers]
    try:
        yield
    finally:
        await asyncio.gather(*(courier.stop() for courier in couriers))
        await asyncio.gather(*tasks)


def said(request: Received) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(request.body)
    return document


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


async def test_a_server_that_is_slow_keeps_nobody_else_waiting(house: House, receiver: Receiver) -> None:
    with receiving(lambda _: Answer(after_s=30)) as slow:
        await house.hook(slow, events=frozenset({EventKind.AVAILABLE}))
        await house.hook(receiver, events=frozenset({EventKind.AVAILABLE}))
        courier = house.courier(slots=8)
        task = asyncio.create_task(courier.run())
        for _ in range(30):
            await house.record()
        await asyncio.to_thread(receiver.wait_for, 30)
        await courier.stop(grace_s=0)
        await task
        assert slow.most_at_once == 2, "a quarter of the slots, and no more"


async def test_so_many_are_sent_at_once_and_no_more(house: House, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(after_s=0.01)
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
    now = wall_clock()
    lost = await house.vault.catalogue.claim(hook.id, now=now, until=now + timedelta(seconds=0.6), most=1)
    assert lost is not None
    async with working(house.courier()):
        await asyncio.sleep(0.3)
        assert receiver.requests == [], "its lease keeps others off"
        (delivery,) = await house.settled()
    assert len(receiver.requests) == 1
    assert delivery.state is DeliveryState.DELIVERED


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


def replace_rules(dialects: Sequence[Dialect], name: str, **changes: Any) -> tuple[Dialect, ...]:
    def changed(dialect: Dialect) -> Dialect:
        rules = dialect.hooks.rules
        return replace(dialect, hooks=replace(dialect.hooks, rules=lambda hook: replace(rules(hook), **changes)))

    return tuple(changed(dialect) if dialect.name == name else dialect for dialect in dialects)
