"""Catalogue or object store go away in mid-call: recording goes on, and what is due is there when they are back."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from callvault.caller.call import Call, Refused
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.sound import noise
from callvault.capture.spools import Spools
from tests.ports import free_port
from tests.sameness import differences
from tests.services.postgres import PostgresServer
from tests.services.s3 import S3Server
from tests.system.cut_wire import CutWire
from tests.system.recording_server import RecordingServer
from tests.system.running import run_callvault, running

SECONDS = 3.0
PATIENCE_S = 60.0
AGAIN_S = 1.0
RUTH = Voice(sound=noise(1, seconds=SECONDS))
OMAR = Voice(sound=noise(2, seconds=SECONDS), user="2001", host="pbx.example.net", name="Omar")


async def placed(plan: CallPlan, stands: asyncio.Event) -> CallReport:
    """A call that was accepted; whoever is answered 503, since the machine has too much to do, calls again."""
    while True:
        call = Call(plan)
        try:
            async with call:
                stands.set()
                await call.play()
        except Refused:
            assert call.report().status == 503
            await asyncio.sleep(AGAIN_S)
        else:
            return call.report()


@pytest.mark.slow
@pytest.mark.parametrize("away", ["catalogue", "store"])
async def test_what_is_away_in_mid_call_costs_nothing_but_time(
    postgres_server: PostgresServer, s3_server: S3Server, tmp_path: Path, away: str
) -> None:
    dsn, store = urlsplit(postgres_server.fresh_database()), urlsplit(s3_server.endpoint)
    assert dsn.port
    assert store.port
    with CutWire(dsn.hostname or "127.0.0.1", dsn.port) as database, CutWire("127.0.0.1", store.port) as bucket:
        user = dsn.netloc.rpartition("@")[0]
        environment = {
            "CALLVAULT_DATABASE": dsn._replace(netloc=f"{user}@127.0.0.1:{database.port}").geturl(),
            "CALLVAULT_STORE": f"s3://{s3_server.fresh_bucket()}/archive",
            "CALLVAULT_STORE_ENDPOINT": f"http://127.0.0.1:{bucket.port}",
            "CALLVAULT_STORE_REGION": s3_server.region,
            "CALLVAULT_STORE_ACCESS_KEY": s3_server.access_key,
            "CALLVAULT_STORE_SECRET_KEY": s3_server.secret_key,
        }
        udp = free_port()
        told = environment | {"CALLVAULT_SIP_LISTEN": f"udp:127.0.0.1:{udp}", "CALLVAULT_MEDIA_PORTS": "22000-22998"}
        data = tmp_path / "data"
        made = run_callvault(data, "account", "add", "acme", "--json", environment=environment).stdout
        run_callvault(
            data, "trunk", "add", "sbc", "--account", "acme", "--network", "127.0.0.1", environment=environment
        )
        wire = {"catalogue": database, "store": bucket}[away]
        with running(data, environment=told) as server:
            recorder = RecordingServer(
                server=server, ports={"udp": udp}, token=json.loads(made)["key"]["token"], authority=tmp_path
            )
            while not (data / "spool" / "trunks.json").exists():  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.1)
            stands = asyncio.Event()
            call = asyncio.create_task(placed(CallPlan(recorder=recorder.uri(), voices=(RUTH, OMAR)), stands))
            await asyncio.wait_for(stands.wait(), PATIENCE_S)
            await asyncio.sleep(SECONDS / 2)
            wire.cut()
            report = await call
            assert (report.status, report.notes) == (200, ())
            spools = Spools(data / "spool")
            await asyncio.sleep(2.0)  # time enough to be finished, if anybody could
            assert len(spools.ended_takes()) == 1
            wire.mend()
            until = time.monotonic() + PATIENCE_S
            while spools.ended_takes() and time.monotonic() < until:  # noqa: ASYNC110 - another process empties it
                await asyncio.sleep(0.2)
            (recorded,) = await recorder.made(set())
            for stream in report.streams:
                assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
            print(f"{away} away in mid-call: no sample lost of {len(recorded.samples)}")
            assert recorded.card["media_state"] == "whole"
            assert [path.name for path in (data / "spool" / "ended").iterdir()] == []
