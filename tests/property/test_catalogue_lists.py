"""Whatever is asked of a list, the engines answer what it means: every filter, bound, order and way of paging."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callvault.catalogue.verbs import Verbs
from callvault.model.life import LISTED
from callvault.model.party import Party
from callvault.model.query import Axis, Position, RecordingQuery, Span
from callvault.model.recording import Direction, MediaState, Recording, Source, Status
from tests.catalogues import MILLISECOND, T0, an_id, answer, place, recording
from tests.property.conftest import House

IDS = [UUID(int=1 + n) for n in range(3)]
NUMBERS = ["+15550001", "+15550002", "1000"]
WORDS = ["trunk-a", "trunk-b"]


def moments() -> st.SearchStrategy[datetime]:
    """Few distinct ones near each other, some far off: ties and edges of the counters' stretches come often."""
    near = st.integers(0, 4).map(lambda n: T0 + n * MILLISECOND)
    far = st.sampled_from([T0 - timedelta(days=400), T0 + timedelta(hours=1), T0 + timedelta(days=51)])
    ancient = st.sampled_from([datetime(1969, 12, 31, tzinfo=T0.tzinfo), datetime(2200, 1, 1, tzinfo=T0.tzinfo)])
    return st.one_of(near, near, far, ancient)


@st.composite
def populations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What is known of some recordings."""
    some = st.none() | st.sampled_from(IDS)
    entry = st.fixed_dictionaries(
        {
            "status": st.sampled_from([Status.AVAILABLE, Status.AVAILABLE, *Status]),
            "started_at": moments(),
            "created_at": moments(),
            "ended_at": st.none() | moments(),
            "updated_at": moments(),
            "user_id": some,
            "call_id": st.sampled_from(IDS),
            "call_session_id": st.sampled_from(IDS),
            "conference_id": some,
            "connection_id": st.none() | st.sampled_from(WORDS),
            "sip_call_id": st.none() | st.sampled_from(WORDS),
            "source": st.sampled_from(Source),
            "direction": st.sampled_from(Direction),
            "media_state": st.sampled_from(MediaState),
            "caller": st.builds(Party, number=st.none() | st.sampled_from(NUMBERS)),
            "callee": st.builds(Party, number=st.none() | st.sampled_from(NUMBERS)),
        }
    )
    return draw(st.lists(entry, max_size=40))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Bounds between milliseconds too."""
    bound = st.none() | st.builds(
        lambda at, us: at + timedelta(microseconds=us), moments(), st.sampled_from([-1, 0, 1])
    )
    return Span(from_=draw(bound), before=draw(bound), through=draw(bound))


def sometimes(values: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), st.none(), st.sampled_from(values))


@st.composite
def queries(draw: st.DrawFn, account_id: UUID = IDS[0]) -> RecordingQuery:
    unbounded = st.just(Span())
    statuses = st.sampled_from([LISTED, frozenset({Status.AVAILABLE}), frozenset(Status)])
    return RecordingQuery(
        account_id=account_id,
        statuses=draw(statuses | st.frozensets(st.sampled_from(Status))),
        user_id=draw(sometimes(IDS)),
        call_id=draw(sometimes(IDS)),
        call_session_id=draw(sometimes(IDS)),
        conference_id=draw(sometimes(IDS)),
        connection_id=draw(sometimes(WORDS)),
        sip_call_id=draw(sometimes(WORDS)),
        source=draw(sometimes(list(Source))),
        direction=draw(sometimes(list(Direction))),
        from_number=draw(sometimes(NUMBERS)),
        to_number=draw(sometimes(NUMBERS)),
        either_number=draw(sometimes(NUMBERS)),
        silent=draw(sometimes([True, False])),
        started=draw(unbounded | unbounded | spans()),
        created=draw(unbounded | unbounded | spans()),
        ended=draw(unbounded | unbounded | unbounded | spans()),
        updated=draw(unbounded | unbounded | unbounded | spans()),
        axis=draw(st.sampled_from(Axis)),
        descending=draw(st.booleans()),
        limit=draw(st.integers(1, 7)),
        with_total=draw(st.booleans()),
    )


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@quick
@given(known=populations(), asked=st.lists(queries(), min_size=3, max_size=12))
def test_every_way_of_paging_shows_what_the_query_means(
    small_house: House, known: list[dict[str, Any]], asked: list[RecordingQuery]
) -> None:
    account = small_house.account()
    entries = [recording(account, **about) for about in known]
    small_house.do(small_house.catalogue.add_all(entries))
    for query in asked:
        small_house.do(check(small_house.catalogue, replace(query, account_id=account.id), entries))


async def check(catalogue: Verbs, query: RecordingQuery, entries: list[Recording]) -> None:
    expected = answer(query, entries)
    assert [entry async for entry in by_position(catalogue, query)] == expected
    assert [entry async for entry in by_last_seen(catalogue, query)] == expected
    assert [entry async for entry in by_number(catalogue, query, len(expected))] == expected
    assert [entry async for entry in catalogue.scan(query)] == expected
    beyond = await catalogue.find(replace(query, page=len(expected) // query.limit + 2, with_total=True))
    assert (beyond.items, beyond.more, beyond.total) == ((), False, len(expected))


async def by_position(catalogue: Verbs, query: RecordingQuery) -> AsyncIterator[Recording]:
    """On from the place that each page names as the next one's first."""
    while True:
        page = await catalogue.find(query)
        assert page.more == (page.next is not None)
        for entry in page.items:
            yield entry
        if page.next is None:
            return
        query = replace(query, at=page.next)


async def by_last_seen(catalogue: Verbs, query: RecordingQuery) -> AsyncIterator[Recording]:
    """On behind the last recording of each page."""
    while True:
        page = await catalogue.find(query)
        for entry in page.items:
            yield entry
        if not page.more:
            return
        at, id_ = place(query, page.items[-1])
        query = replace(query, after=Position(at=at, id=UUID(int=id_)))


async def by_number(catalogue: Verbs, query: RecordingQuery, total: int) -> AsyncIterator[Recording]:
    """Page 1, page 2, ..."""
    for page in range(1, (total + query.limit - 1) // query.limit + 1):
        found = await catalogue.find(replace(query, page=page))
        assert found.total == (total if query.with_total else None)
        for entry in found.items:
            yield entry


@quick
@given(known=populations(), query=queries(), at=moments(), microseconds=st.sampled_from([-1, 0, 1, 500]))
def test_a_place_where_nothing_lies_is_a_place_too(
    small_house: House, known: list[dict[str, Any]], query: RecordingQuery, at: datetime, microseconds: int
) -> None:
    account = small_house.account()
    entries = [recording(account, **about) for about in known]
    small_house.do(small_house.catalogue.add_all(entries))
    position = Position(at=at + timedelta(microseconds=microseconds), id=an_id())
    query = replace(query, account_id=account.id, limit=100)
    everything = answer(query, entries)
    mark = (position.at, position.id.int)
    behind = [entry for entry in everything if (place(query, entry) > mark) != query.descending]
    for asked in (replace(query, after=position), replace(query, at=position)):
        assert list(small_house.do(small_house.catalogue.find(asked)).items) == behind
