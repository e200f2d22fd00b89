"""Lists: nothing is lost, nothing comes twice, and a long catalogue costs no more than a short one, on every engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from callvault.model.party import Party
from callvault.model.query import Axis, Position, RecordingQuery, RecordingSlice, Span
from callvault.model.recording import Recording, Status
from tests.catalogues import MILLISECOND, T0, an_id, recording, seconds

MANY = 2501


async def pages_by_position(catalogue: Verbs, query: RecordingQuery) -> AsyncIterator[RecordingSlice]:
    page = await catalogue.find(query)
    yield page
    while page.next is not None:
        page = await catalogue.find(replace(query, at=page.next))
        yield page


async def pages_behind_the_last(catalogue: Verbs, query: RecordingQuery) -> AsyncIterator[RecordingSlice]:
    page = await catalogue.find(query)
    yield page
    while page.more:
        last = page.items[-1]
        page = await catalogue.find(replace(query, after=Position(at=last.created_at, id=last.id)))
        yield page


@pytest.mark.parametrize("pages", [pages_by_position, pages_behind_the_last])
@pytest.mark.parametrize("descending", [True, False])
async def test_thousands_of_one_moment_are_all_seen_once_while_others_come_in(
    catalogue: Verbs, alice: Account, pages: Callable[..., AsyncIterator[RecordingSlice]], descending: bool
) -> None:
    # new_id puts the time in front, so these ids lie between, before and behind each other in every way
    there = [recording(alice, id=uuid4(), created_at=T0) for _ in range(MANY)]
    await catalogue.add_all(there)
    come: list[Recording] = []
    seen: list[UUID] = []
    async for page in pages(catalogue, RecordingQuery(account_id=alice.id, limit=100, descending=descending)):
        seen += [entry.id for entry in page.items]
        more = [recording(alice, id=uuid4(), created_at=T0) for _ in range(3)]
        await asyncio.gather(*map(catalogue.add, more))
        come += more
    assert len(seen) == len(set(seen))
    assert {entry.id for entry in there} <= set(seen) <= {entry.id for entry in (*there, *come)}


async def test_numbered_pages_of_one_moment_are_all_seen_once(catalogue: Verbs, alice: Account) -> None:
    there = [recording(alice, id=uuid4(), created_at=T0, started_at=T0) for _ in range(MANY)]
    await catalogue.add_all(there)
    for axis in Axis:
        query = RecordingQuery(account_id=alice.id, limit=100, axis=axis, with_total=True)
        seen: list[UUID] = []
        for number in range(1, 28):
            page = await catalogue.find(replace(query, page=number))
            assert page.total == MANY
            assert page.more == (number < 26)
            seen += [entry.id for entry in page.items]
        assert sorted(seen) == sorted(entry.id for entry in there)


async def test_a_scan_sees_all_that_was_there_while_others_come_in(catalogue: Verbs, alice: Account) -> None:
    there = [recording(alice, id=uuid4(), created_at=T0) for _ in range(1700)]
    await catalogue.add_all(there)
    seen: list[UUID] = []
    async for entry in catalogue.scan(RecordingQuery(account_id=alice.id, descending=False, limit=7)):
        seen.append(entry.id)
        if len(seen) % 200 == 0:
            await catalogue.add(recording(alice, id=uuid4(), created_at=T0))
    assert len(seen) == len(set(seen))
    assert {entry.id for entry in there} <= set(seen)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(from_=T0), [0, 1, 2]),
        (Span(from_=T0 + MILLISECOND), [1, 2]),
        (Span(from_=T0 + timedelta(microseconds=1)), [1, 2]),
        (Span(before=T0 + 2 * MILLISECOND), [0, 1]),
        (Span(before=T0 + timedelta(microseconds=1)), [0]),
        (Span(through=T0 + 2 * MILLISECOND), [0, 1, 2]),
        (Span(through=T0 + timedelta(microseconds=1999)), [0, 1]),
        (Span(through=T0 + timedelta(microseconds=-1)), []),
        (Span(from_=T0, before=T0), []),
        (Span(from_=T0, through=T0), [0]),
        (Span(from_=T0 + 2 * MILLISECOND, through=T0), []),
        (Span(before=T0 + 2 * MILLISECOND, through=T0), [0]),
    ],
)
async def test_bounds_are_inclusive_or_not_as_their_names_say(
    catalogue: Verbs, alice: Account, span: Span, expected: list[int]
) -> None:
    entries = []
    for n in range(3):
        at = T0 + n * MILLISECOND
        entries.append(recording(alice, started_at=at, created_at=at, ended_at=at, updated_at=at))
    await catalogue.add_all(
        [*entries, recording(alice, ended_at=None, created_at=T0 + timedelta(days=1), status=Status.DELETED)]
    )
    wanted = [entries[n] for n in expected]
    for name in ("started", "created", "ended", "updated"):
        bounded: dict[str, Any] = {name: span}
        for axis in Axis:
            query = RecordingQuery(account_id=alice.id, axis=axis, descending=False, with_total=True, **bounded)
            found = await catalogue.find(query)
            assert (list(found.items), found.total) == (wanted, len(wanted)), (bounded, axis)


async def test_a_place_from_the_last_millisecond_of_all_leads_nowhere(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice, created_at=T0)
    await catalogue.add(entry)
    query = RecordingQuery(account_id=alice.id, descending=False)
    first, last = UUID(int=0), UUID(int=(1 << 128) - 1)
    assert (await catalogue.find(replace(query, after=Position(at=T0, id=last)))).items == ()
    assert (await catalogue.find(replace(query, after=Position(at=T0 - MILLISECOND, id=last)))).items == (entry,)
    assert (await catalogue.find(replace(query, descending=True, after=Position(at=T0, id=first)))).items == ()
    behind = Position(at=T0 + MILLISECOND, id=first)
    assert (await catalogue.find(replace(query, descending=True, after=behind))).items == (entry,)


async def test_what_no_recording_can_have_finds_none(catalogue: Verbs, alice: Account) -> None:
    await catalogue.add(recording(alice, caller=Party(number="+1")))
    for text in ("+1\0", "\ud800", "x" * 5000):
        for name in ("from_number", "either_number", "sip_call_id", "connection_id"):
            fields: dict[str, Any] = {name: text}
            found = await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True, **fields))
            assert (found.items, found.total) == ((), 0)


async def test_texts_are_matched_exactly(catalogue: Verbs, alice: Account) -> None:
    entries = [
        recording(alice, connection_id=text) for text in ("Trunk", "trunk", "trunk ", "", "tru%", "é", "e\u0301")
    ]
    await catalogue.add_all(entries)
    for entry in entries:
        found = await catalogue.find(RecordingQuery(account_id=alice.id, connection_id=entry.connection_id))
        assert found.items == (entry,)


async def test_a_page_may_be_longer_than_everything(catalogue: Verbs, alice: Account) -> None:
    entries = [recording(alice, created_at=at) for at in seconds(30)]
    await catalogue.add_all(entries)
    found = await catalogue.find(RecordingQuery(account_id=alice.id, limit=10**12, descending=False))
    assert (list(found.items), found.more, found.next, found.total) == (entries, False, None, None)
    beyond = await catalogue.find(RecordingQuery(account_id=alice.id, limit=1000, page=10**15, with_total=True))
    assert (beyond.items, beyond.more, beyond.total) == ((), False, 30)


async def test_an_account_that_is_not_there_has_an_empty_list(catalogue: Verbs) -> None:
    found = await catalogue.find(RecordingQuery(account_id=uuid4(), with_total=True, page=2))
    assert (found.items, found.more, found.total) == ((), False, 0)


# The same work, however large the catalogue is


def questions(account_id: UUID, call: UUID) -> dict[str, RecordingQuery]:
    """One of each kind that a dialect asks."""
    base = RecordingQuery(account_id=account_id)
    middle = T0 + timedelta(hours=5)
    return {
        "first page": base,
        "oldest first": replace(base, descending=False, axis=Axis.STARTED),
        "deep page": replace(base, at=Position(at=middle, id=an_id())),
        "first page and total": replace(base, with_total=True),
        "numbered page": replace(base, page=5),
        "numbered page and total": replace(base, page=7, with_total=True),
        "a stretch of time and its total": replace(base, created=Span(from_=middle), with_total=True, page=2),
        "by number": replace(base, from_number="+15550007"),
        "by number and total": replace(base, from_number="+15550007", with_total=True, page=2, limit=5),
        "either number": replace(base, either_number="+15550007"),
        "of a call": replace(base, call_id=call),
        "calls alone": replace(base, source=recording(account_id).source),
        "only what is available": replace(base, statuses=frozenset({Status.AVAILABLE}), with_total=True, page=3),
        "by number and end": replace(base, from_number="+15550007", ended=Span(from_=middle)),
    }


async def cost(catalogue: Verbs, query: RecordingQuery) -> tuple[int, int]:
    """Statements and rows of one request."""
    await catalogue.find(query)
    before = replace(catalogue.tally)
    await catalogue.find(query)
    return catalogue.tally.statements - before.statements, catalogue.tally.rows - before.rows


async def test_a_request_asks_for_as_much_of_a_small_catalogue_as_of_a_large_one(
    catalogue: Verbs, alice: Account
) -> None:
    call = an_id()
    half_a_day = timedelta(hours=12)

    def population(count: int) -> list[Recording]:
        """The same half day, more or less densely; a number and a call have 20 recordings in either."""
        step = half_a_day / count
        marked = range(0, count, count // 20)
        return [
            recording(
                alice,
                started_at=T0 + n * step,
                created_at=T0 + n * step,
                caller=Party(number="+15550007" if n in marked else f"+1{n:09}"),
                call_id=call if n in marked else an_id(),
            )
            for n in range(count)
        ]

    small = population(300)
    await catalogue.add_all(small)
    at_small = {name: await cost(catalogue, query) for name, query in questions(alice.id, call).items()}
    for entry in small:
        await catalogue.change(replace(entry, status=Status.DELETED), expected=1)
    await catalogue.add_all(population(9000))
    at_large = {name: await cost(catalogue, query) for name, query in questions(alice.id, call).items()}
    assert at_large == at_small
    assert max(statements for statements, _ in at_large.values()) <= 8
