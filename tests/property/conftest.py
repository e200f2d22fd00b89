"""What the property tests may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from callvault.catalogue import counters, queries
from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from tests.catalogues import ENGINES, an_account, number, open_catalogue

Result = TypeVar("Result")


@dataclass
class House:
    """A catalogue in a loop of its own, so that hypothesis can ask it from plain functions."""

    runner: asyncio.Runner
    catalogue: Verbs

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run it to its end."""
        return self.runner.run(work)

    def account(self) -> Account:
        """One that nobody has put anything into."""
        return self.do(self.catalogue.add_account(an_account(f"account {number()}")))


@pytest.fixture(scope="module", params=ENGINES)
def small_house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Here three recordings are a crowd, and two are few, so that small populations meet what large ones do."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setattr(counters, "CROWDED", 3)
        patch.setattr(queries, "FEW", 2)
        queries.probe.cache_clear()
        opening = open_catalogue(request.param, server)
        yield House(runner, runner.run(opening.__aenter__()))
        runner.run(opening.__aexit__(None, None, None))
    queries.probe.cache_clear()
