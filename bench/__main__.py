"""``python -m bench [NAME...] [--json] [--rounds N] [--recordings N]``: measure, and print the tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module

from tests.services.need import Missing

from bench.tables import Table, Wish

NAMES = (
    "lists",
    "catalogue",
    "media",
    "transcode",
    "memory",
    "webhooks",
    "receiving",
    "streams",
    "calling",
    "finishing",
    "listening",
)
"""Each a module of this package."""


def measured(name: str, wish: Wish) -> Iterator[Table]:
    """One benchmark's tables, or none where something that it needs is not installed."""
    try:
        yield from import_module(f"bench.{name}").tables(wish)
    except Missing as missing:
        print(f"{name} was not measured: {missing}", file=sys.stderr)


def surroundings() -> str:
    """What the figures were measured on."""
    cores, python = os.cpu_count(), platform.python_version()
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {cores} cores, {platform.machine()}, Python {python}"


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, and print the tables.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; all unless some are named"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.add_argument("--rounds", type=int, help="how often everything is measured in turn")
    parser.add_argument("--recordings", type=int, help="how many recordings the catalogue of the lists holds")
    told = parser.parse_args()
    unknown = sorted(set(told.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    wish = Wish(rounds=told.rounds, recordings=told.recordings)
    document: dict[str, object] = {"measured": surroundings()}
    if not told.json:
        print(f"Measured {surroundings()}.\n")
    kept = promised = 0
    for name in told.names or NAMES:
        tables = []
        for table in measured(name, wish):
            promised += len(table.budgets)
            kept += sum(budget.kept for budget in table.budgets)
            tables.append(table.plain())
            if not told.json:
                print(table.markdown(), flush=True)
        document[name] = tables
    if told.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(f"{kept} of {promised} budgets are kept.")


if __name__ == "__main__":
    main()
