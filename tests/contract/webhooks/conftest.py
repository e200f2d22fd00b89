"""A vault that tells, on every engine, and a real receiver."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.verbs import Verbs
from callvault.dialects import registry
from callvault.model.actor import Account
from callvault.model.ids import new_id
from callvault.server.clock import wall_clock
from callvault.vault.secrets import make_key
from tests.catalogues import ENGINES, emptied
from tests.contract.webhooks.telling import LOOPBACK, House
from tests.receiver import Receiver, receiving
from tests.world import open_world


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    catalogue: Verbs = SqliteCatalogue(None if request.param == "memory" else tmp_path / "catalogue.sqlite")
    if request.param == "postgres":
        catalogue = await emptied(request.getfixturevalue("shared_dsn"))
    async with open_world(tmp_path, catalogue, hook_networks=LOOPBACK) as world:
        now = wall_clock()
        account = await world.account(
            Account(id=new_id(now, os.urandom(10)), serial=0, name="alice", created_at=now), token="a" * 64
        )
        first = make_key(account.id, label="", now=now, entropy=os.urandom(44), seal_with=world.vault.secrets)
        await world.vault.catalogue.add_key(first.key)
        yield House(vault=world.vault, account=account, dialects=registry.load())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running
