"""Calls are taken while the catalogue is away: trunks come from what was known of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callvault.capture.siprec.door import Door
from callvault.capture.siprec.places import Place
from callvault.capture.spools import Spools
from callvault.errors import CatalogueError
from callvault.model.trunk import Trunk
from callvault.server.capture import trunks as kept
from callvault.server.capture.signalling import Surroundings, answering
from callvault.server.settings import resolve
from tests.system.offers import SDP, offer
from tests.system.sip_client import a_client, status
from tests.system.siprec_house import CONVERSE, MASTER, CountingGate, a_trunk


class Rows:
    """A catalogue's trunks; away, or silent, where the test says so."""

    def __init__(self, trunks: Sequence[Trunk]) -> None:
        self.rows = trunks
        self.away = False
        self.silent = False

    async def trunks(self) -> Sequence[Trunk]:
        if self.silent:
            await asyncio.Event().wait()
        if self.away:
            raise CatalogueError("The database cannot be reached.")
        return self.rows


@asynccontextmanager
async def calls_taken(folder: Path, rows: Rows) -> AsyncIterator[tuple[Door, Place]]:
    gate = CountingGate()
    environment = {**os.environ, "CALLVAULT_SIP_LISTEN": "udp:127.0.0.1:0"}
    around = Surroundings(
        settings=resolve({"data": str(folder)}, environment),
        spools=Spools(folder / "spool"),
        gate=gate,
        trunks=rows,
        secrets=MASTER,
        converse=CONVERSE,
    )
    try:
        async with answering(around) as (door, places):
            yield door, places[0]
            await door.end_all()
    finally:
        gate.close()


async def call(place: Place, name: str) -> int:
    async with a_client("udp", "127.0.0.1", place.port, call=name) as client:
        return status(await client.invite(*SDP, body=offer("1")))


@pytest.mark.parametrize("trouble", ["away", "silent"])
async def test_a_start_without_the_catalogue_admits_whom_it_knew(
    tmp_path: Path, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "CATALOGUE_S", 0.05)
    rows = Rows([a_trunk()])
    async with calls_taken(tmp_path, rows) as (_, place):
        assert await call(place, "before") == 200
    setattr(rows, trouble, True)
    async with calls_taken(tmp_path, rows) as (_, place):
        assert await call(place, "meanwhile") == 200


async def test_a_trunk_that_is_made_is_known_soon_and_one_that_is_removed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "REFRESH_S", 0.01)
    rows = Rows([])
    async with calls_taken(tmp_path, rows) as (_, place):
        assert await call(place, "early") == 403
        for trunks, expected in (([a_trunk()], 200), ([], 403)):
            rows.rows = trunks
            async with asyncio.timeout(10):
                number = 0
                while await call(place, f"again-{expected}-{number}") != expected:
                    number += 1
