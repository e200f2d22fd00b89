"""Hooks and what waits for them, on every engine: who is told, in which order, and by whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import BadRequest, Conflict, NotFound
from callvault.model.actor import Account
from callvault.model.events import Event, EventKind, events_between
from callvault.model.hook import DeliveryQuery, DeliveryState
from callvault.model.party import Party
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from tests.catalogues import T0, an_id, recording
from tests.contract.webhooks.claims import (
    LATER,
    LEASE,
    an_attempt,
    changed,
    claimed,
    delivered,
    drain,
    failed,
    hooked,
    kinds,
    taken_in,
)


async def test_a_hook_comes_back_as_it_was_kept(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    plain = await hooked(catalogue, alice)
    full = await hooked(
        catalogue,
        alice,
        dialect="telnyx",
        url="https://hooks.example.org/é?a=b#rt=5",
        failover_url="https://b.example.org/",
        method="GET",
        events=frozenset({EventKind.AVAILABLE, EventKind.TRANSCRIPTION_FAILED}),
        recording_id=an_id(),
        username="ruth",
        sealed_password=b"\x00\x01sealed",
        options={"client_state": "dGVh"},
        created_at=T0 + timedelta(seconds=1),
    )
    assert await catalogue.hooks(alice.id) == [plain]
    assert await catalogue.hooks(alice.id, full.recording_id) == [full]
    assert await catalogue.hook(alice.id, full.id) == full
    assert await catalogue.hooks(charlie.id) == []
    assert await catalogue.hooks(charlie.id, full.recording_id) == []
    assert await catalogue.hook(charlie.id, full.id) is None
    with pytest.raises(Conflict):
        await catalogue.add_hook(plain)
    with pytest.raises(NotFound):
        await catalogue.add_hook(replace(plain, id=an_id(), account_id=an_id()))
    with pytest.raises(BadRequest):
        await catalogue.add_hook(replace(plain, id=an_id(), url="https://a.example.org/\0"))


async def test_a_delivery_is_there_once_the_change_is_and_not_before(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    entry = recording(alice)
    stranger = replace(entry, account_id=an_id())
    with pytest.raises(NotFound):
        await catalogue.add(stranger, events=events_between(None, stranger))
    assert await catalogue.due_hooks(LATER) == []
    await catalogue.add(entry, intake_key="a", events=events_between(None, entry))
    again = recording(alice)
    assert not (await catalogue.add(again, intake_key="a", events=events_between(None, again))).fresh
    with pytest.raises(Conflict):
        await catalogue.change(
            entry, expected=7, events=events_between(entry, replace(entry, label="lost", revision=7))
        )
    assert await drain(catalogue, hook) == ["recording.ended", "recording.available"]


async def test_who_asks_for_it_is_told(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    everything = await hooked(catalogue, alice)
    available = await hooked(catalogue, alice, events=frozenset({EventKind.AVAILABLE}))
    his = await hooked(catalogue, charlie)
    entry = recording(alice)
    of_one = await hooked(catalogue, alice, recording_id=entry.id)
    of_another = await hooked(catalogue, alice, recording_id=an_id())
    await catalogue.add(entry, events=events_between(None, entry))
    assert await drain(catalogue, everything) == ["recording.ended", "recording.available"]
    assert await drain(catalogue, available) == ["recording.available"]
    assert await drain(catalogue, of_one) == ["recording.ended", "recording.available"]
    for silent in (his, of_another):
        assert await drain(catalogue, silent) == []


async def test_what_is_told_is_what_was(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    entry = recording(
        alice,
        caller=Party(number="+12025550143", name="Ruth"),
        foreign={"telnyx": {"recording": "4bb1a6f0-0000-4000-8000-000000000001"}},
        extras={"kazoo": {"a": [1, {"b": None}]}},
        transcription=Transcription(
            id=an_id(),
            status=TranscriptionStatus.AVAILABLE,
            created_at=T0,
            updated_at=T0,
            transcripts=(Transcript(text="Tea \N{HOT BEVERAGE}", confidence=0.5),),
        ),
    )
    kept = (await catalogue.add(entry, events=events_between(None, entry))).recording
    gone = await changed(catalogue, kept, status=Status.DELETED, media_state=MediaState.DELETED, transcription=None)
    (first, *_) = await claimed(catalogue, hook)
    assert first.delivery.recording == kept
    assert first.delivery.event == events_between(None, entry)[0]
    found = await catalogue.find_deliveries(DeliveryQuery(account_id=alice.id, limit=1))
    assert found.items[0].recording == gone
    assert found.items[0].event.kind is EventKind.DELETED


async def test_events_of_a_recording_go_out_in_their_order_whatever_happens(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    entry = await taken_in(catalogue, alice)
    entry = await changed(catalogue, entry, label="Tea")
    (first,) = await claimed(catalogue, hook)
    assert kinds([first]) == ["recording.ended"], "only the first of a recording at a time"
    assert await claimed(catalogue, hook) == [], "and nothing overtakes it while it is on its way"
    until = LATER + timedelta(minutes=5)
    assert await catalogue.settle(first, failed(first.delivery, until), an_attempt(status=503))
    entry = await changed(catalogue, entry, label="More tea")
    assert await claimed(catalogue, hook, LATER + timedelta(minutes=1)) == []
    assert await catalogue.due_hooks(LATER + timedelta(minutes=1)) == [], "nobody looks in vain"
    (again,) = await claimed(catalogue, hook, until)
    assert again.delivery.attempts == 1
    assert await catalogue.settle(again, delivered(again.delivery, until), an_attempt())
    told = []
    while claims := await claimed(catalogue, hook, until):
        assert len(claims) == 1
        told += kinds(claims)
        assert await catalogue.settle(claims[0], delivered(claims[0].delivery, until), an_attempt())
    assert told == ["recording.available", "recording.changed", "recording.changed"]


async def test_one_recording_does_not_wait_for_another_nor_one_hook(catalogue: Verbs, alice: Account) -> None:
    first, second = await hooked(catalogue, alice), await hooked(catalogue, alice)
    for _ in range(3):
        await taken_in(catalogue, alice)
    stuck = (await claimed(catalogue, first))[0]
    await catalogue.settle(stuck, failed(stuck.delivery, LATER + timedelta(days=1)), an_attempt(status=500))
    others = await claimed(catalogue, first, LATER + LEASE)
    assert len(others) == 2
    assert stuck.delivery.event.recording_id not in {claim.delivery.event.recording_id for claim in others}
    assert len(await claimed(catalogue, second)) == 3


async def test_a_lease_keeps_others_off_until_it_ends(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    await taken_in(catalogue, alice)
    (lost,) = await claimed(catalogue, hook)
    assert await claimed(catalogue, hook, LATER + LEASE - timedelta(milliseconds=1)) == []
    assert await catalogue.due_hooks(LATER + LEASE) == [hook.id]
    (mine,) = await claimed(catalogue, hook, LATER + LEASE)
    assert mine.delivery == lost.delivery
    assert mine.number > lost.number
    assert not await catalogue.settle(lost, delivered(lost.delivery), an_attempt(status=200)), "too late to count"
    assert await catalogue.settle(mine, failed(mine.delivery, LATER), an_attempt(status=500))
    found = await catalogue.delivery(alice.id, mine.delivery.id)
    assert found is not None
    assert found[0].state is DeliveryState.WAITING
    assert [attempt.status for attempt in found[1]] == [200, 500], "but both attempts were made"


async def test_what_is_let_go_can_be_taken_at_once(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice)
    await taken_in(catalogue, alice)
    await catalogue.let_go(await claimed(catalogue, hook))
    assert len(await claimed(catalogue, hook)) == 1


async def test_several_couriers_never_have_the_same(catalogue: Verbs, alice: Account) -> None:
    hook = await hooked(catalogue, alice, events=frozenset({EventKind.AVAILABLE}))
    for _ in range(60):
        await taken_in(catalogue, alice)
    taken: list[UUID] = []

    async def courier() -> None:
        while claims := await claimed(catalogue, hook, most=4):
            taken.extend(claim.delivery.id for claim in claims)
            for claim in claims:
                assert await catalogue.settle(claim, delivered(claim.delivery), an_attempt())

    await asyncio.gather(*(courier() for _ in range(6)))
    assert len(taken) == len(set(taken)) == 60


async def test_no_event_is_lost_between_couriers_and_changes(catalogue: Verbs, alice: Account) -> None:
    """Changes go on while deliveries fail, are retried and succeed; in the end all of them went out, in order."""
    hook = await hooked(catalogue, alice)
    entries = [await taken_in(catalogue, alice) for _ in range(4)]
    told: dict[UUID, list[UUID]] = {entry.id: [] for entry in entries}
    made: dict[UUID, list[UUID]] = {entry.id: [event.id for event in events_between(None, entry)] for entry in entries}
    changing = True

    async def change(entry: Recording) -> None:
        for turn in range(8):
            after = replace(entry, label=str(turn), updated_at=entry.updated_at + timedelta(seconds=1))
            events = events_between(entry, after)
            made[entry.id] += [event.id for event in events]
            entry = await catalogue.change(after, expected=entry.revision, events=events)
            await asyncio.sleep(0)

    async def courier(number: int) -> None:
        idle = 0
        while changing or idle < 3:
            claims = await claimed(catalogue, hook, most=2)
            idle = 0 if claims else idle + 1
            for claim in claims:
                delivery = claim.delivery
                if delivery.attempts < number % 2:
                    await catalogue.settle(claim, failed(delivery, LATER), an_attempt(status=500))
                else:
                    told[delivery.event.recording_id].append(delivery.event.id)
                    assert await catalogue.settle(claim, delivered(delivery), an_attempt())
            await asyncio.sleep(0)

    couriers = [asyncio.create_task(courier(number)) for number in range(3)]
    await asyncio.gather(*(change(entry) for entry in entries))
    changing = False
    await asyncio.gather(*couriers)
    assert told == made


async def test_hooks_are_served_the_longest_due_first(catalogue: Verbs, alice: Account) -> None:
    first, second = await hooked(catalogue, alice), await hooked(catalogue, alice)
    one = recording(alice, updated_at=T0 + timedelta(seconds=9))
    two = recording(alice, updated_at=T0)
    for entry, hook in ((one, first), (two, second)):
        event = Event(
            id=an_id(), account_id=alice.id, recording_id=entry.id, kind=EventKind.AVAILABLE, at=entry.updated_at
        )
        await catalogue.add_hook(replace(hook, id=an_id(), recording_id=entry.id))
        await catalogue.add(entry, events=(event,))
    due = await catalogue.due_hooks(T0 + timedelta(seconds=5))
    assert set(due) >= {first.id, second.id}
    assert await catalogue.due_hooks(T0 - timedelta(seconds=1)) == []


async def test_due_hooks_cost_the_same_however_much_waits(catalogue: Verbs, alice: Account) -> None:
    for _ in range(3):
        await hooked(catalogue, alice)
    costs = []
    for _ in range(2):
        for _ in range(20):
            await taken_in(catalogue, alice)
        before = replace(catalogue.tally)
        assert len(await catalogue.due_hooks(LATER)) == 3
        costs.append((catalogue.tally.statements - before.statements, catalogue.tally.rows - before.rows))
    assert costs[0] == costs[1]
    assert costs[0][0] == 1
