"""The migrations, one after the other, lead to the schema that people read in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable

import apsw

from callvault.catalogue.schema import SQLITE_WORDS, migrations, spelled, whole_schema


def made_of(texts: Iterable[str]) -> dict[str, str]:
    """Every table and index of a database that these texts make, with what it is, as SQLite wrote it down."""
    connection = apsw.Connection(":memory:")
    for text in texts:
        connection.execute(spelled(text, SQLITE_WORDS))
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {str(name): re.sub(r"\s+", " ", str(sql)) for name, sql in found}


def test_the_whole_schema_is_what_all_migrations_lead_to() -> None:
    by_steps = made_of(migration.text for migration in migrations())
    assert "recordings" in by_steps
    assert made_of([whole_schema()]) == by_steps


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))
