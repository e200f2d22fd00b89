"""Database work without a database: generators that ask, and are told the rows.

Every verb of the catalogue is written once, as a generator that yields an ``Ask`` and gets back the rows that it
brought.  An engine is what drives it: SQLite in a plain loop, PostgreSQL with an ``await`` in the same place.  So there
is one text of each query and one of each rule, and an engine knows nothing but its driver.

SQL is written in PostgreSQL's way, with ``$1``; ``/*+ name */`` behind a table names the index that the statement was
written for, which SQLite is made to use (``INDEXED BY``) and PostgreSQL passes over as a comment; ``/*pg words */`` is
for PostgreSQL alone.  ``clock_ms()`` is the time by the database's own clock, in milliseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

Result = TypeVar("Result")
Row: TypeAlias = Sequence[Any]
Rows: TypeAlias = Sequence[Row]


class Ask(NamedTuple):
    """One statement."""

    sql: str
    values: Sequence[Any] = ()
    many: Sequence[Sequence[Any]] | None = None
    """Run once with each of these instead; the answer is the rows of all, in order."""


Steps: TypeAlias = Generator[Ask, Rows, Result]


def ask_all(sql: str, *values: Any) -> Steps[Rows]:  # noqa: ANN401 - what the columns take
    """All rows of a statement."""
    return (yield Ask(sql, values))


def ask_one(sql: str, *values: Any) -> Steps[Row | None]:  # noqa: ANN401
    """The first row of a statement, if any."""
    found = yield Ask(sql, values)
    return found[0] if found else None


def ask_each(sql: str, many: Sequence[Sequence[Any]]) -> Steps[Rows]:
    """A statement for each of the rows of values."""
    if not many:
        return ()
    return (yield Ask(sql, (), many))


@dataclass
class Tally:
    """What was asked of the database so far; a request costs the same however large the catalogue is, and tests count
    it here."""

    statements: int = 0
    rows: int = 0

    def count(self, ask: Ask, found: Rows) -> None:
        """One more."""
        self.statements += 1 if ask.many is None else len(ask.many)
        self.rows += len(found)
