"""A data folder, and commands that are run on it as people run them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from callvault.cli.main import main
from callvault.model.trunk import Digests, Trunk
from callvault.server.build import build_vault
from callvault.server.settings import resolve
from callvault.vault.trunks import digests_of


class House:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, typed: str = "") -> Result:
        environment = {"CALLVAULT_DATA": str(self.folder)}
        return CliRunner().invoke(main, list(arguments), input=typed, env=environment, catch_exceptions=False)

    def json(self, *arguments: str, typed: str = "") -> Any:
        done = self.run(*arguments, "--json", typed=typed)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def kept(self) -> tuple[list[Trunk], list[Digests | None]]:
        vault = build_vault(resolve({"data": str(self.folder)}, {}))

        async def read() -> list[Trunk]:
            await vault.open()
            try:
                return list(await vault.catalogue.trunks())
            finally:
                await vault.close()

        trunks = asyncio.run(read())
        return trunks, [digests_of(trunk, vault.secrets) for trunk in trunks]
