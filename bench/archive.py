"""An archive full of made-up recordings, and a server on it, for as long as a benchmark runs."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from tests.services.guarded import private_folder
from tests.system.running import Running, run_callvault, running

from bench.pages import Owner
from bench.population import recordings
from callvault.model.recording import Recording
from callvault.server.build import build_vault
from callvault.server.settings import resolve

BATCH = 5_000
"""Recordings in one transaction."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A data folder with one account in it."""

    data: Path
    owner: Owner


@contextmanager
def archive(name: str, *, count: int = 0) -> Iterator[Archive]:
    """A new data folder whose one account has so many recordings, removed afterwards."""
    with private_folder(name) as folder:
        data = folder / "data"
        added = json.loads(run_callvault(data, "account", "add", "bench", "--json").stdout)
        account = added["account"]
        owner = Owner(account_id=UUID(account["id"]), serial=account["serial"], token=added["key"]["token"])
        if count:
            print(f"{name}: adding {count:,} recordings", file=sys.stderr)
            asyncio.run(_fill(data, recordings(owner.account_id, count)))
        yield Archive(data=data, owner=owner)


@contextmanager
def served(place: Archive) -> Iterator[Running]:
    """``callvault serve`` on it."""
    with running(place.data) as server:
        yield server


async def _fill(data: Path, made: Iterator[Recording]) -> None:
    vault = build_vault(resolve({"data": str(data)}, {}))
    await vault.catalogue.open()
    try:
        while batch := list(islice(made, BATCH)):
            await vault.catalogue.add_all(batch)
    finally:
        await vault.catalogue.close()
