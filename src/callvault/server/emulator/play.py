"""One play: a vault of its own with a stage in it, from the set-up to the end."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from callvault.model.actor import Actor
from callvault.server.emulator.stage import Stage
from callvault.vault.commands import Command
from callvault.vault.vault import Vault
from callvault.webhooks.courier import Courier

GRACE_S = 5.0
"""How long a vault that was replaced waits for those who still ask it something."""


class Play:
    """``begin`` comes first, ``stop`` and ``end`` last."""

    def __init__(self, vault: Vault, stage: Stage, folder: Path, courier: Courier | None = None) -> None:
        """``courier``: None where nobody is told of anything."""
        self.vault = vault
        self.stage = stage
        self._folder = folder
        self._courier = courier
        self._guests = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._moving: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Open the vault, set the stage, and let it play.

        Raises:
            CallvaultError: it cannot be played; nothing of it is left open.
        """
        await self.vault.open()
        try:
            await self.stage.set_up()
        except BaseException:
            await self.vault.close()
            raise
        self._moving = asyncio.create_task(self.stage.play())
        if self._courier is not None:
            self._telling = asyncio.create_task(self._courier.run())

    def hurry(self) -> None:
        """The clock was put on, so webhooks may be due."""
        if self._courier is not None:
            self._courier.wake()

    async def stop(self) -> None:
        """Nothing moves any more, and nobody is told of anything."""
        if self._courier is not None and self._telling is not None:
            await self._courier.stop(grace_s=0)
            await self._telling
        if self._moving is not None:
            self._moving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._moving

    async def end(self) -> None:
        """Close, once everybody has what they asked for, or has had the time for it; then nothing is left of it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self._empty.wait()
        await self.vault.close()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def perform(self, command: Command, actor: Actor | None, now: datetime) -> Any:  # noqa: ANN401 - by command
        """As the vault does."""
        self._guests += 1
        self._empty.clear()
        try:
            return await self.vault.perform(command, actor, now)
        finally:
            self._guests -= 1
            if not self._guests:
                self._empty.set()
