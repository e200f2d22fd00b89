"""Paging to the end shows each recording once, though all began together and others come and go meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from callvault.model.actor import Actor
from callvault.model.recording import MediaState, Recording, Status
from callvault.vault.commands import DeleteRecording, Ref
from tests.contract.neighbours import MIDNIGHT, Neighbours, neighbourhood
from tests.contract.tongues import TONGUES, Tongue
from tests.contract.tongues.tongue import MILLISECOND
from tests.world import complete

MANY = 240
ON_A_PAGE = 17

paged = [tongue for tongue in TONGUES if tongue.unpaged is None]
every_paged_tongue = pytest.mark.parametrize("tongue", paged, ids=lambda tongue: tongue.name)
forgetful = [tongue for tongue in paged if tongue.numbered]
leading_back = [tongue for tongue in paged if type(tongue).previous_page is not Tongue.previous_page]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Neighbours]:
    async with neighbourhood(tmp_path) as opened:
        yield opened


async def many(street: Neighbours, number: int = MANY) -> list[Recording]:
    """Recordings that all began, ended and were written down in the same millisecond."""
    known = {"status": Status.AVAILABLE, "media_state": MediaState.ABSENT, "taken_in_at": MIDNIGHT}
    recordings = [
        complete(street.card(**known, created_at=MIDNIGHT), street.alice.account_id, MIDNIGHT) for _ in range(number)
    ]
    assert await street.world.vault.catalogue.add_all(recordings) == number
    return recordings


async def walk(
    street: Neighbours,
    tongue: Tongue,
    meanwhile: Callable[[list[UUID], list[UUID]], Awaitable[None]] | None = None,
    size: int = ON_A_PAGE,
) -> tuple[list[UUID], str]:
    """The calls that all pages show, in order, and the target of the last page.

    ``meanwhile`` is called after each page, with what has been seen and what was on that page.
    """
    seen: list[UUID] = []
    target: str | None = tongue.recordings(street.alice, size=size)
    last = ""
    for _ in range(10 * MANY):
        if target is None:
            return seen, last
        answer = await street.get(tongue, target)
        assert answer.status == 200, answer.body
        document = answer.json()
        page = [tongue.call_of(item) for item in tongue.items(document)]
        assert len(page) <= size
        seen += page
        last, target = target, tongue.next_page(target, document)
        assert target is None or page, "a page that promises another has something on it"
        if meanwhile is not None:
            await meanwhile(seen, page)
    raise AssertionError("the pages do not end")


@every_paged_tongue
@pytest.mark.parametrize("size", [1, ON_A_PAGE, 80, 99])
async def test_pages_show_every_recording_once(street: Neighbours, tongue: Tongue, size: int) -> None:
    recordings = await many(street, 23 if size == 1 else MANY)
    seen, _ = await walk(street, tongue, size=size)
    assert len(seen) == len(recordings)
    assert set(seen) == {recording.call_id for recording in recordings}


@every_paged_tongue
async def test_a_last_page_that_is_full_promises_no_other(street: Neighbours, tongue: Tongue) -> None:
    await many(street, 2 * ON_A_PAGE)
    pages = 0

    async def count(_: list[UUID], page: list[UUID]) -> None:
        nonlocal pages
        pages += 1
        assert len(page) == ON_A_PAGE

    await walk(street, tongue, count)
    assert pages == 2


@pytest.mark.parametrize("tongue", [each for each in paged if each not in forgetful], ids=lambda tongue: tongue.name)
async def test_pages_show_each_once_while_others_are_added_and_deleted(street: Neighbours, tongue: Tongue) -> None:
    recordings = {recording.call_id: recording for recording in await many(street)}
    deleted: set[UUID] = set()
    chance = random.Random(f"{tongue.name} pages")

    async def bustle(seen: list[UUID], page: list[UUID]) -> None:
        for at in (MIDNIGHT, MIDNIGHT - MILLISECOND, MIDNIGHT + MILLISECOND, MIDNIGHT + timedelta(days=1)):
            await street.silent(started_at=at, created_at=at, ended_at=at)
        unseen = sorted(set(recordings) - set(seen) - deleted)
        going = {page[-1], page[0], *chance.sample(unseen, min(2, len(unseen)))} & set(recordings)
        for call in going - deleted:
            await delete(street, recordings[call])
            deleted.add(call)

    seen, _ = await walk(street, tongue, bustle)
    times = Counter(seen)
    assert set(times.values()) == {1}, "none is shown twice, whether it was there from the beginning or not"
    assert set(recordings) - deleted <= set(times), "none that was there all the time is passed over"
    assert len(deleted) > 20


@every_paged_tongue
async def test_additions_hide_nothing_even_where_pages_are_numbers(street: Neighbours, tongue: Tongue) -> None:
    recordings = await many(street)

    async def arrive(_: list[UUID], __: list[UUID]) -> None:
        for at in (MIDNIGHT, MIDNIGHT + MILLISECOND, MIDNIGHT + timedelta(days=1)):
            await street.silent(started_at=at, created_at=at, ended_at=at)

    seen, _ = await walk(street, tongue, arrive)
    assert {recording.call_id for recording in recordings} <= set(seen)


@pytest.mark.parametrize("tongue", leading_back, ids=lambda tongue: tongue.name)
async def test_pages_lead_back_to_the_beginning(street: Neighbours, tongue: Tongue) -> None:
    recordings = await many(street)
    forth, target = await walk(street, tongue)
    document = (await street.get(tongue, target)).json()
    back: list[list[UUID]] = []
    while True:
        back.append([tongue.call_of(item) for item in tongue.items(document)])
        before = tongue.previous_page(target, document)
        if before is None:
            break
        at = MIDNIGHT + timedelta(days=len(back))
        await street.silent(started_at=at, created_at=at, ended_at=at)  # newer ones come, and displace nothing
        target = before
        document = (await street.get(tongue, target)).json()
    again = [call for page in reversed(back) for call in page]
    assert again[-len(recordings) :] == forth


@every_paged_tongue
async def test_a_place_that_was_never_given_is_refused(street: Neighbours, tongue: Tongue) -> None:
    await many(street, 40)
    first = tongue.recordings(street.alice, size=ON_A_PAGE)
    answer = await street.get(tongue, first)
    following = tongue.next_page(first, answer.json())
    assert following is not None
    for damaged in (following[:-1] + "*", following[:-2], following + "AAAA"):
        answer = await street.get(tongue, damaged)
        assert answer.status in {200, 400, 404, 422}
        if answer.status != 200:
            assert tongue.is_refusal(answer.status, *answer.parsed()), answer.body


@pytest.mark.parametrize("tongue", [tongue for tongue in TONGUES if tongue.unpaged], ids=lambda tongue: tongue.name)
async def test_where_there_are_no_pages_all_is_shown_at_once(street: Neighbours, tongue: Tongue) -> None:
    assert tongue.unpaged
    recordings = await many(street)
    items = await street.listed(tongue)
    assert len(items) == MANY
    assert {tongue.call_of(item) for item in items} == {recording.call_id for recording in recordings}


async def delete(street: Neighbours, recording: Recording) -> None:
    account = await street.world.vault.catalogue.account(street.alice.account_id)
    assert account is not None
    ref = Ref(dialect="callvault", kind="recording", text=str(recording.id), computed=recording.id)
    command = DeleteRecording(account_id=account.id, recording=ref)
    await street.world.vault.perform(command, Actor(account=account, key_id=None), street.world.now)
