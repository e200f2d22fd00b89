"""The emulator: what stands behind the doors instead of a vault, and begins a new vault at every reset.

A reset throws nothing out: it plays the seed file into an empty vault, and then puts that in the place of the old one,
which is closed once nobody is using it any more.  So nothing of a test can be left for the next.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from callvault.errors import CatalogueError
from callvault.model.actor import Actor, Claim
from callvault.server.emulator.clock import EmulatedClock
from callvault.server.emulator.errands import Advance, Clear, Errand, Look, Part, Plant, Reset, Scene
from callvault.server.emulator.faults import Faults
from callvault.server.emulator.originals import Original, make_ready
from callvault.server.emulator.play import Play
from callvault.server.emulator.seed import Seed
from callvault.server.emulator.stage import Stage
from callvault.vault.clear_rows import ClearRows
from callvault.vault.commands import Command
from callvault.vault.secrets import Secrets
from callvault.vault.settling import Settling
from callvault.vault.vault import Vault
from callvault.webhooks.courier import Courier

PREFIX = "callvault-emulator-"


class Emulator:
    """Everything that the server asks of a vault, answered by the vault of the present play.

    ``build``: makes a vault, not opened yet, that keeps everything in this folder; ``employ``: makes what delivers its
    webhooks, and None where nobody is told of anything.
    """

    def __init__(
        self,
        seed: Seed,
        clock: EmulatedClock,
        faults: Faults,
        build: Callable[[Path], Vault],
        employ: Callable[[Vault], Courier] | None = None,
    ) -> None:
        self.clock = clock
        self.faults = faults
        self._seed = seed
        self._build = build
        self._employ = employ
        self._first_start = clock.started_at
        self._plays = 0
        self._play: Play | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._originals: Mapping[tuple[str, str], Original] = {}
        self._turn = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def secrets(self) -> Secrets:
        """The same in every play."""
        return self._present.vault.secrets

    @property
    def settling(self) -> Settling:
        """Of the present play."""
        return self._present.vault.settling

    @property
    def clear_rows(self) -> ClearRows:
        """Nothing is older than an emulator, and nothing comes of it."""
        return self._present.vault.clear_rows

    async def open(self) -> None:
        """Make the audio, and begin the first play.

        Raises:
            CallvaultError: the cast cannot be put on the stage.
        """
        self._folder = tempfile.TemporaryDirectory(prefix=PREFIX)
        try:
            self._originals = await asyncio.to_thread(make_ready, self._seed, Path(self._folder.name) / "audio")
            self.clock.restart()
            self._first_start = self.clock.started_at
            self._play = await self._begin()
        except BaseException:
            self._folder.cleanup()
            raise

    async def close(self) -> None:
        """End every play, and leave nothing behind."""
        if self._play is not None:
            await self._play.stop()
            await self._play.end()
            self._play = None
        await asyncio.gather(*self._ending)
        if self._folder is not None:
            self._folder.cleanup()

    async def admit(self, claim: Claim, now: datetime) -> Actor:
        """Who it is.  Raises NotAuthenticated."""
        return await self._present.vault.admit(claim, now)

    async def perform(self, command: Command | Errand, actor: Actor | None, now: datetime) -> Any:  # noqa: ANN401 - by command
        """Carry out what is asked of the emulator, or hand on what is asked of a vault."""
        if not isinstance(command, Errand):
            return await self._present.perform(command, actor, now)
        async with self._turn:
            match command:
                case Advance():
                    self.clock.check(command.by)
                    await self._present.stage.catch_up(self.clock.now() + command.by)
                    self._present.hurry()
                case Reset():
                    await self._reset()
                case Plant():
                    self.faults.plant(*command.faults)
                case Clear():
                    self.faults.clear()
                case Look():
                    pass
            return await self._scene()

    async def _reset(self) -> None:
        old = self._present
        await old.stop()
        self.faults.clear()
        self.clock.restart()
        self._play = await self._begin()
        ending = asyncio.create_task(old.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _begin(self) -> Play:
        if self._folder is None:
            raise CatalogueError("The emulator is not open.")
        self._plays += 1
        folder = Path(self._folder.name) / f"play-{self._plays}"
        folder.mkdir()
        vault = self._build(folder)
        stage = Stage(vault, self._seed, self._originals, folder, self.clock, first_start=self._first_start)
        play = Play(vault, stage, folder, self._employ(vault) if self._employ else None)
        await play.begin()
        return play

    async def _scene(self) -> Scene:
        play = self._present
        parts = [
            Part(role=role, entry=await play.vault.catalogue.get(role.finished.id), next=play.stage.next_cue(role))
            for role in play.stage.roles
        ]
        return Scene(
            seed=self._seed,
            plays=self._plays,
            started_at=self.clock.started_at,
            now=self.clock.now(),
            accounts=play.stage.accounts,
            parts=tuple(parts),
            faults=self.faults.standing(),
        )

    @property
    def _present(self) -> Play:
        if self._play is None:
            raise CatalogueError("The emulator is not open.")
        return self._play
