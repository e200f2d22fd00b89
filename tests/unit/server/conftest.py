"""A vault with one account, and the application in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callvault.dialects import registry
from callvault.model.actor import Account
from callvault.model.ids import new_id
from callvault.server.http import App
from callvault.server.routing import Router
from tests.world import BASE_URL, NOW, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        await opened.account(
            Account(id=new_id(NOW, b"a" * 10), serial=0, name="alice", created_at=NOW),
        )
        yield opened


@pytest.fixture
def app(world: World) -> App:
    dialects = registry.load()
    return App(world.vault, Router(dialects), dialects[-1], {"base_url": BASE_URL}, lambda: NOW)
