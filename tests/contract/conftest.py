"""What the contract suites may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callvault.catalogue.verbs import Verbs
from tests.catalogues import ENGINES, open_catalogue


@pytest.fixture(params=ENGINES)
async def catalogue(request: pytest.FixtureRequest) -> AsyncIterator[Verbs]:
    """An empty catalogue, on one engine after the other."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    async with open_catalogue(request.param, server) as opened:
        yield opened
