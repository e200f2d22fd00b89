"""The schema and how it comes to be: plain SQL files, applied in order, each in a transaction of its own.

What does not live here: who sends the statements (the engines), and the lock that lets two processes start at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from callvault.catalogue.steps import Steps, ask_all
from callvault.errors import OperatorError

SQLITE_WORDS: Mapping[str, str] = {
    "integer": "INTEGER",
    "small": "INTEGER",
    "bytes": "BLOB",
    "text": "TEXT",
    "table": " STRICT",
    "clustered": " STRICT, WITHOUT ROWID",
}
POSTGRES_WORDS: Mapping[str, str] = {
    "integer": "BIGINT",
    "small": "SMALLINT",
    "bytes": "BYTEA",
    "text": 'TEXT COLLATE "C"',  # compared octet by octet, as SQLite does
    "table": "",
    "clustered": "",
}

LEDGER = "CREATE TABLE IF NOT EXISTS migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
"""The table of the migrations that were applied; it comes before the first."""

_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    text: str
    """SQL with placeholders; ``spelled`` fills them in."""


@cache
def migrations() -> tuple[Migration, ...]:
    """All of them, in order."""
    found = []
    for file in files("callvault.catalogue").joinpath("migrations").iterdir():
        if match := _FILE.fullmatch(file.name):
            text = file.read_text("utf-8")
            found.append(Migration(number=int(match["number"]), name=match["name"], text=text))
    return tuple(sorted(found, key=lambda migration: migration.number))


def spelled(text: str, words: Mapping[str, str]) -> str:
    """The SQL in one engine's words."""
    return re.sub(r"\{(\w+)\}", lambda match: words[match[1]], text)


def next_migration() -> Steps[Migration | None]:
    """The first that was not applied, whichever came after it; None where the schema is up to date.

    Raises:
        OperatorError: the database is of a newer callvault.
    """
    known = migrations()
    applied = {number for (number,) in (yield from ask_all("SELECT number FROM migrations"))}
    latest = max(applied, default=0)
    if latest > known[-1].number:
        raise OperatorError(
            f"The catalogue's database is of a newer callvault (its schema has number {latest}, this one knows"
            f" {known[-1].number}): start the newer callvault, or name another database."
        )
    return next((migration for migration in known if migration.number not in applied), None)


def note_migration(migration: Migration) -> Steps[None]:
    """Write down that it was applied."""
    yield from ask_all("INSERT INTO migrations (number, name) VALUES ($1, $2)", migration.number, migration.name)
