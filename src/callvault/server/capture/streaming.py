"""The process for media streams: WebSockets in front, the spool behind, and the trunks of the catalogue beside it.

What does not live here: what a stream becomes (``capture.streams``).  Connections cannot outlive the process: killed,
it is followed by one that waits a while for the calls to come again.  Told to stop, it ends every stream.
"""

from __future__ import annotations

import asyncio
import logging
import secrets as randomness
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from callvault.capture.cards import moment
from callvault.capture.clock import now_ns
from callvault.capture.media.syncing import Syncing
from callvault.capture.room import Room
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import Board, Bridge
from callvault.capture.streams.admission import Admission
from callvault.capture.streams.connection import Connection
from callvault.capture.streams.door import Door, Patience
from callvault.capture.streams.gate import StreamGate
from callvault.capture.streams.places import Place, read_places
from callvault.capture.streams.takes import Takes
from callvault.capture.trunks.table import TrunkSource
from callvault.errors import OperatorError
from callvault.model.ids import new_id
from callvault.server.build import build_catalogue, master_key
from callvault.server.capture.places import node_name, spool_folder
from callvault.server.capture.process import run, stay
from callvault.server.capture.steering import steering
from callvault.server.capture.trunks import KeptTrunks, LateTrunks
from callvault.server.settings import Settings
from callvault.vault.live_calls import LiveCalls
from callvault.vault.secrets import Secrets
from callvault.vault.trunks import digests_of

log = logging.getLogger("callvault.streams")

PROCESS = "streams"
LOOK_S = 0.5
BACKLOG = 1024


def main() -> None:
    """Take streams until SIGTERM; settings come from the environment."""
    run(listen_until_told)


async def listen_until_told(settings: Settings, told: asyncio.Event) -> None:
    """Take streams until told to stop, then end them.

    Raises:
        OperatorError: nothing can be listened for, or the settings contradict themselves.
    """
    catalogue = build_catalogue(settings, settings.path("data"))
    trunks = LateTrunks(catalogue)
    live = LiveCalls(catalogue, node_name(settings, PROCESS), clock=lambda: datetime.now(UTC))
    try:
        async with streaming(settings, trunks, live) as (door, places), steering(live, trunks, door.carry_out):
            log.info("taking media streams at %s", " ".join(map(str, places)))
            await stay(told, door.end_all)
    finally:
        await trunks.close()


@asynccontextmanager
async def streaming(
    settings: Settings, trunks: TrunkSource, board: Board
) -> AsyncIterator[tuple[Door, tuple[Place, ...]]]:
    """Streams are taken while the block runs; when it is left, takes stay as they are, for a successor.

    Raises:
        OperatorError: nothing can be listened for.
    """
    spools = Spools(spool_folder(settings))
    secrets = Secrets(master_key(settings, settings.path("data")))
    known = KeptTrunks(trunks, spools, lambda trunk: digests_of(trunk, secrets))
    syncing, gate = Syncing(spools.folder, whole=False), StreamGate()
    bridge = Bridge(
        gate=gate,
        now_ns=now_ns,
        new_id=lambda at_ns: new_id(moment(at_ns), randomness.token_bytes(10)),
        finish_early=spools.cut,
        node=node_name(settings, PROCESS),
        board=board,
    )
    door = Door(
        Takes(spools, syncing, gate, bridge),
        Admission(known.table),
        Room(spools.folder, floor_bytes=settings["spool_floor_bytes"], caches=()),
        now_ns=now_ns,
        new_take=lambda: new_id(datetime.now(UTC), randomness.token_bytes(10)),
        patience=Patience(silence_s=settings["silence_s"], resume_s=settings["stream_resume_s"]),
        most_calls=settings["most_calls"],
    )
    loop = asyncio.get_running_loop()
    loop.add_reader(syncing.bell, syncing.settle)
    servers: list[asyncio.Server] = []
    tasks: list[asyncio.Task[None]] = []
    try:
        await known.begin()
        resumed = door.resume()
        if resumed:
            log.warning("%d streams were under way, and are waited for", resumed)
        places = []
        for place in read_places(settings["stream_listen"]):
            server, bound = await _listen(place, door, settings)
            servers.append(server)
            places.append(bound)
        tasks = [
            asyncio.create_task(work)
            for work in (
                _again(settings["media_tick_ms"] / 1000, door.tick),
                _again(LOOK_S, door.look),
                _catch_up(door),
                known.keep_fresh(),
            )
        ]
        yield door, tuple(places)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in servers:
            server.close()
        door.tick()
        loop.remove_reader(syncing.bell)
        syncing.stop()


async def _listen(place: Place, door: Door, settings: Settings) -> tuple[asyncio.Server, Place]:
    context = _tls(settings) if place.secure else None
    try:
        server = await asyncio.get_running_loop().create_server(
            lambda: Connection(door, now_ns, place.scheme), place.host, place.port, ssl=context, backlog=BACKLOG
        )
    except OSError as error:
        raise OperatorError(f"Nothing can be listened for at {place}: {error.strerror or error}.") from error
    return server, replace(place, port=server.sockets[0].getsockname()[1])


def _tls(settings: Settings) -> ssl.SSLContext:
    if not settings["tls_cert"] or not settings["tls_key"]:
        raise OperatorError("stream_listen has a wss: place; it needs tls_cert and tls_key.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.path("tls_cert"), settings.path("tls_key"))
    except OSError as error:  # ssl.SSLError is one
        raise OperatorError(f"The certificate {settings.path('tls_cert')} cannot be used: {error}.") from error
    return context


async def _again(every_s: float, work: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            work()
        except Exception:  # one call's trouble must not stop those of the others
            log.exception("something could not be done")


async def _catch_up(door: Door) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            await door.catch_up()
        except Exception:
            log.exception("something could not be caught up with")


if __name__ == "__main__":
    main()
