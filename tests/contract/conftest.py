"""What the contract suites may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from tests.catalogues import ENGINES, an_account, emptied, open_catalogue, opened
from tests.services.postgres import PostgresServer


@pytest.fixture(params=ENGINES)
async def catalogue(request: pytest.FixtureRequest) -> AsyncIterator[Verbs]:
    """An empty catalogue, on one engine after the other."""
    troubles: list[dict[str, Any]] = []

    def note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # asyncpg tells the server on a connection of its own to stop a query whose asker was cancelled, and forgets
        # to look whether the server was quicker to hang up (0.32).
        if not isinstance(context.get("exception"), ConnectionError):
            troubles.append(context)

    asyncio.get_running_loop().set_exception_handler(note)
    if request.param == "postgres":
        async with opened(await emptied(request.getfixturevalue("shared_dsn"))) as catalogue:
            yield catalogue
    else:
        async with open_catalogue(request.param, None) as catalogue:
            yield catalogue
    assert troubles == [], "nothing was left for the loop to complain of"


@pytest.fixture(scope="session")
def shared_dsn(postgres_server: PostgresServer) -> Iterator[str]:
    """One database for all tests that ask for an empty one: emptying is quicker than making."""
    dsn = postgres_server.fresh_database()
    yield dsn
    postgres_server.drop_database(dsn)


@pytest.fixture
async def alice(catalogue: Verbs) -> Account:
    """She owns."""
    return await catalogue.add_account(an_account("alice"))


@pytest.fixture
async def charlie(catalogue: Verbs) -> Account:
    """He sees nothing of hers."""
    return await catalogue.add_account(an_account("charlie"))
