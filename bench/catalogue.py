"""What a list costs as the catalogue grows: the same questions to catalogues of 10^4, 10^5, 10^6 and more recordings.

Everything is asked of the catalogue itself, in one process, and the answer is complete: twenty recordings of the model.
The ratios to the smallest catalogue are taken within a round.  ``--recordings 10000000`` adds a catalogue of ten
million on SQLite (some 10 GB in ``TMPDIR``, and some ten minutes).
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any
from uuid import UUID

from tests.services import install, postgres
from tests.services.guarded import private_folder
from tests.services.need import provide

from bench.filling import OTHERS, caller_of, fill_postgres, fill_sqlite
from bench.population import FIRST, STEP
from bench.rounds import ratio
from bench.tables import Budget, Cell, Table, Wish
from callvault.catalogue.postgres import PostgresCatalogue
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from callvault.model.ids import new_id
from callvault.model.query import Axis, Position, RecordingQuery, Span

SIZES = (10_000, 100_000, 1_000_000)
MOST_ON_POSTGRES = 1_000_000
ROUNDS = 7
ASKED = 60
"""Questions of one kind in one round."""
MOST = 2.5
PAGE = 20


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One catalogue and what has to be known of it."""

    catalogue: Verbs
    account: Account
    count: int
    own: int
    """Recordings of the account that is asked for."""


Question = Callable[[Filled, random.Random], RecordingQuery]


def _base(filled: Filled, _: random.Random) -> RecordingQuery:
    return RecordingQuery(account_id=filled.account.id, limit=PAGE)


def _deep(filled: Filled, chance: random.Random) -> RecordingQuery:
    at = FIRST + STEP * chance.randrange(filled.count)
    return replace(_base(filled, chance), at=Position(at=at, id=new_id(at, bytes(10))))


def _numbered(share: float | None) -> Question:
    def ask(filled: Filled, chance: random.Random) -> RecordingQuery:
        pages = filled.own // PAGE
        page = chance.randrange(1, pages) if share is None else max(1, int(pages * share))
        return replace(_base(filled, chance), page=page, with_total=True)

    return ask


def _total(filled: Filled, chance: random.Random) -> RecordingQuery:
    return replace(_base(filled, chance), limit=1, with_total=True)


def _total_in_span(filled: Filled, chance: random.Random) -> RecordingQuery:
    start = FIRST + STEP * chance.randrange(filled.count)
    span = Span(from_=start, before=start + timedelta(days=chance.randrange(1, 60)))
    return replace(_base(filled, chance), axis=Axis.STARTED, limit=1, with_total=True, started=span)


def _page_in_span(filled: Filled, chance: random.Random) -> RecordingQuery:
    query = _total_in_span(filled, chance)
    return replace(query, limit=PAGE, page=2)


def _by_number(filled: Filled, chance: random.Random) -> RecordingQuery:
    number = caller_of(chance.randrange(filled.count))
    return replace(_base(filled, chance), from_number=number)


def _by_number_with_total(filled: Filled, chance: random.Random) -> RecordingQuery:
    return replace(_by_number(filled, chance), with_total=True)


def _either_number(filled: Filled, chance: random.Random) -> RecordingQuery:
    return replace(_base(filled, chance), either_number=caller_of(chance.randrange(filled.count)))


def _of_user(filled: Filled, chance: random.Random) -> RecordingQuery:
    return replace(_base(filled, chance), user_id=UUID(int=chance.randrange(200)))


QUESTIONS: Mapping[str, Question] = {
    "first page": _base,
    "deep page, by position": _deep,
    "page 1 % and total": _numbered(0.01),
    "page 50 % and total": _numbered(0.50),
    "page 99 % and total": _numbered(0.99),
    "any page and total": _numbered(None),
    "total": _total,
    "total in a range of dates": _total_in_span,
    "page 2 and total in a range of dates": _page_in_span,
    "filter by number": _by_number,
    "filter by number, with total": _by_number_with_total,
    "filter by either number": _either_number,
    "filter by user": _of_user,
}
BUDGETED = tuple(QUESTIONS)[:9]
"""What has to cost the same however many there are; a filter costs what matches."""


def tables(wish: Wish) -> Iterator[Table]:
    """One table an engine."""
    most = wish.recordings or SIZES[-1]
    sizes = sorted({*(size for size in SIZES if size <= most), most})
    yield asyncio.run(_measured("SQLite", sizes, wish.rounds or ROUNDS))
    sizes = [size for size in sizes if size <= MOST_ON_POSTGRES]
    yield asyncio.run(_measured("PostgreSQL", sizes, wish.rounds or ROUNDS))


async def _measured(engine: str, sizes: list[int], rounds: int) -> Table:
    async with AsyncExitStack() as stack:
        place = _sqlite if engine == "SQLite" else _postgres
        address = stack.enter_context(place())
        filled = [await stack.enter_async_context(_filled(address, size)) for size in sizes]
        return _table(engine, filled, await _rounds(filled, rounds), rounds)


def _sqlite() -> Any:
    return private_folder("bench-catalogue")


def _postgres() -> Any:
    found = provide(postgres.WHAT, postgres.find, postgres.INSTALL_LINE, install.install_postgres)
    return postgres.running(found, durable=True)


@asynccontextmanager
async def _filled(address: Any, count: int) -> Any:
    print(f"catalogue: filling one with {count:,} recordings", file=sys.stderr)
    start: Callable[[], Verbs]
    fill: Callable[[list[Account]], Awaitable[None]]
    if isinstance(address, Path):
        path = address / f"{count}.sqlite"
        start, fill = (lambda: SqliteCatalogue(path)), (lambda people: fill_sqlite(path, people, count))
    else:
        dsn = address.fresh_database()
        start, fill = (lambda: PostgresCatalogue(dsn)), (lambda people: fill_postgres(dsn, people, count))
    catalogue = start()
    await catalogue.open()
    people = [
        await catalogue.add_account(
            Account(id=new_id(FIRST, number.to_bytes(10, "big")), serial=0, name=f"bench {number}", created_at=FIRST)
        )
        for number in range(1 + OTHERS)
    ]
    await catalogue.close()
    await fill(people)
    catalogue = start()
    await catalogue.open()
    try:
        own = (await catalogue.find(RecordingQuery(account_id=people[0].id, with_total=True))).total
        assert own is not None
        yield Filled(catalogue=catalogue, account=people[0], count=count, own=own)
    finally:
        await catalogue.close()


async def _rounds(filled: list[Filled], rounds: int) -> dict[str, list[list[float]]]:
    """Of each question and each catalogue, the median time in microseconds of every round."""
    found: dict[str, list[list[float]]] = {name: [[] for _ in filled] for name in QUESTIONS}
    for turn in range(-1, rounds):  # the first round only warms up
        chance = random.Random(turn)
        for name, question in QUESTIONS.items():
            order = list(enumerate(filled))
            for at, each in order[turn % len(order) :] + order[: turn % len(order)]:
                took = await _asked(each, [question(each, chance) for _ in range(ASKED)])
                if turn >= 0:
                    found[name][at].append(took)
    return found


async def _asked(filled: Filled, queries: list[RecordingQuery]) -> float:
    took = []
    for query in queries:
        begun = perf_counter_ns()
        await filled.catalogue.find(query)
        took.append((perf_counter_ns() - begun) / 1000)
    return median(took)


def _table(engine: str, filled: list[Filled], found: dict[str, list[list[float]]], rounds: int) -> Table:
    rows: list[list[Cell]] = []
    budgets = []
    for name, by_size in found.items():
        ratios = [ratio(times, by_size[0]) for times in by_size]
        row: list[Cell] = [name, median(by_size[0])]
        for times, against in list(zip(by_size, ratios, strict=True))[1:]:
            row += [median(times), against]
        rows.append(row)
        if name in BUDGETED:
            what = f"{engine}, {name}: {filled[-1].count:,} against {filled[0].count:,}"
            budgets.append(Budget(what=what, measured=ratios[-1], at_most=MOST))
    columns = ["question", f"{filled[0].count:,}, µs"]
    for each in filled[1:]:
        columns += [f"{each.count:,}, µs", "times the first"]
    return Table(
        title=f"Lists as the catalogue grows, {engine}",
        about=(
            f"Medians of {rounds} alternating rounds of {ASKED} questions each, asked of the catalogue in one process.",
            f"Every answer is a page of {PAGE} recordings, ready for a dialect, except for the bare totals.",
            "Seven of ten recordings in the table belong to the account that is asked for.",
        ),
        columns=tuple(columns),
        rows=rows,
        budgets=tuple(budgets),
    )
