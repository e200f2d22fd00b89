"""The application with a golden case in its catalogue, made again whenever a request has changed something."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from callvault.dialects import registry
from callvault.server.http import App
from tests.asgi import Answer, ask
from tests.fuzz.seeds import GOLDEN, Seed
from tests.world import World, load_case, open_world

LONGEST_MS = 2000
"""Audio is cut so short, since it is asked for thousands of times."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HANG_S = 20.0
"""What takes so long does not end; nothing here takes a hundredth of it."""


class House:
    """One event loop, and a world for each case that was asked for."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._worlds: dict[str, tuple[World, AsyncExitStack]] = {}

    def ask(self, seed: Seed) -> tuple[Answer, str]:
        """Send a request to the application.  The answer, and whose path it was, which a change may have moved."""
        return self._runner.run(asyncio.wait_for(self._ask(seed), HANG_S))

    def close(self) -> None:
        """Take everything down."""
        for case in list(self._worlds):
            self._runner.run(self._leave(case))
        self._runner.close()

    async def _ask(self, seed: Seed) -> tuple[Answer, str]:
        world = await self._world(seed.case)
        (fallback,) = [dialect for dialect in registry.load() if dialect.name == "callvault"]
        app = App(world.vault, world.router, fallback, seed.settings)
        answer = await ask(app, seed.method, seed.target, seed.headers, seed.body)
        if seed.method not in READING and answer.status < 300:
            await self._leave(seed.case)
        owner = world.router.match(seed.method, seed.target.decode().partition("?")[0]).dialect or fallback
        return answer, owner.name

    async def _world(self, case: str) -> World:
        if case not in self._worlds:
            stack = AsyncExitStack()
            folder = Path(stack.enter_context(TemporaryDirectory()))
            world = await stack.enter_async_context(open_world(folder))
            core = json.loads((GOLDEN / case / "core.json").read_text())
            for card in core["recordings"]:
                card["duration_ms"] = min(card.get("duration_ms", 0), LONGEST_MS)
            await load_case(world, core)
            self._worlds[case] = world, stack
        return self._worlds[case][0]

    async def _leave(self, case: str) -> None:
        _, stack = self._worlds.pop(case)
        await stack.aclose()
