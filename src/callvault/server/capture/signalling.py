"""The signalling process: SIP in front, the media gate behind, and the trunks of the catalogue beside it.

What does not live here: what a call becomes (``capture.siprec``).  The process may be killed at any moment: its
successor reads the journals and goes on.  Told to stop, it hangs up on everybody.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets as randomness
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from callvault.capture.cards import moment
from callvault.capture.gate import Gate
from callvault.capture.remote_gate import RemoteGate
from callvault.capture.siprec.admission import Admission, TrunkSource
from callvault.capture.siprec.clock import now_ns
from callvault.capture.siprec.door import Converse, Door
from callvault.capture.siprec.live_call import House
from callvault.capture.siprec.places import Place, read_places
from callvault.capture.siprec.refusals import Refusals
from callvault.capture.siprec.sessions import recording_sessions
from callvault.capture.siprec.signalling import Signalling
from callvault.capture.siprec.tls import Identity
from callvault.capture.siprec.trunk_file import read_trunks, write_trunks
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import Board, Bridge, NoBoard
from callvault.catalogue.store import Catalogue
from callvault.errors import CallvaultError, OperatorError
from callvault.model.ids import new_id
from callvault.model.trunk import Trunk
from callvault.protocols.sip.agent import UserAgentServer
from callvault.protocols.sip.terms import Limits, Terms
from callvault.server.build import build_catalogue, master_key
from callvault.server.capture.places import gate_socket, node_name, spool_folder
from callvault.server.settings import Settings, resolve
from callvault.vault.live_calls import CarryOut, LiveCalls
from callvault.vault.media_keys import seal_media_key
from callvault.vault.secrets import Secrets
from callvault.vault.trunks import digests_of

log = logging.getLogger("callvault.siprec")

PROCESS = "siprec"
REFRESH_S = 5.0
"""How often the trunks are read: how long a new one waits at most."""
CATALOGUE_S = 3.0
"""How long the catalogue is waited for; calls are not kept waiting for it."""
TRANSACTIONS_FOR_A_CALL = 4
TOKEN_BYTES = 12
FAREWELL_S = 5.0
"""How long hanging up on everybody may take."""
LINGER_S = 0.3
"""For the last messages to leave."""


def main() -> None:
    """Take calls until SIGTERM; settings come from the environment."""
    settings = resolve({}, os.environ)
    logging.basicConfig(
        level=settings["log_level"].upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    try:
        asyncio.run(answer_until_told(settings))
    except OperatorError as error:
        sys.exit(str(error))


async def answer_until_told(settings: Settings) -> None:
    """Take calls until SIGTERM or SIGINT, then end them.

    Raises:
        OperatorError: nothing can be listened for, or the settings contradict themselves.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    folder = settings.path("data")
    secrets = Secrets(master_key(settings, folder))
    catalogue = build_catalogue(settings, folder)
    gate, trunks = RemoteGate(gate_socket(settings)), LateTrunks(catalogue)
    live = LiveCalls(catalogue, node_name(settings, PROCESS), clock=lambda: datetime.now(UTC))
    around = Surroundings(
        settings=settings,
        spools=Spools(spool_folder(settings)),
        gate=gate,
        trunks=trunks,
        secrets=secrets,
        converse=recording_sessions(
            media_host=settings["media_host"],
            seal=lambda key: seal_media_key(secrets, key.suite, key.secret, randomness.token_bytes(TOKEN_BYTES)),
            entropy=randomness.token_bytes,
        ),
        board=live,
    )
    try:
        async with answering(around) as (door, places), steering(live, trunks, door.carry_out):
            log.info("taking calls at %s", " ".join(map(str, places)))
            await stop.wait()
            async with asyncio.timeout(FAREWELL_S):
                await door.end_all()
            await asyncio.sleep(LINGER_S)
    finally:
        await gate.close()
        await trunks.close()


@asynccontextmanager
async def steering(live: LiveCalls, trunks: LateTrunks, carry_out: CarryOut) -> AsyncIterator[None]:
    """Others know of the calls, and steer them, while the block runs; at its end they know which are over."""

    async def run() -> None:
        await trunks.opened.wait()
        await live.run(carry_out)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if trunks.opened.is_set():
            try:
                async with asyncio.timeout(CATALOGUE_S):
                    await live.flush()
            except (CallvaultError, TimeoutError) as error:
                log.warning("calls that are over may be listed as live for a while: %r", error)


class LateTrunks:
    """A catalogue's trunks; it is opened when it can be, which may be later than this process."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.opened = asyncio.Event()

    async def trunks(self) -> Sequence[Trunk]:
        """All of them.

        Raises:
            CatalogueError: it is away.
        """
        if not self.opened.is_set():
            await self._catalogue.open()
            self.opened.set()
        return await self._catalogue.trunks()

    async def close(self) -> None:
        """Let go of it."""
        if self.opened.is_set():
            await self._catalogue.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the process is put into."""

    settings: Settings
    spools: Spools
    gate: Gate
    trunks: TrunkSource
    secrets: Secrets
    converse: Converse
    board: Board = field(default_factory=NoBoard)


@asynccontextmanager
async def answering(around: Surroundings) -> AsyncIterator[tuple[Door, tuple[Place, ...]]]:
    """Calls are taken while the block runs; when it is left, they stay as they are, for a successor.

    Raises:
        OperatorError: nothing can be listened for.
    """
    settings, spools, secrets = around.settings, around.spools, around.secrets
    most_calls: int = settings["most_calls"]
    agent = UserAgentServer(
        Terms(
            key=randomness.token_bytes(32),
            limits=Limits(dialogs=most_calls, transactions=TRANSACTIONS_FOR_A_CALL * most_calls),
        ),
        lambda: randomness.token_hex(TOKEN_BYTES),
    )
    signalling = Signalling(agent, lambda event: door.handle(event), identity=identity_of(settings))  # noqa: PLW0108 - made below
    admission = Admission(lambda trunk: digests_of(trunk, secrets), secrets.signalling_key)
    door = Door(
        House(signalling=signalling, bridge=_bridge(around), spools=spools),
        admission,
        around.converse,
        Refusals(spools.folder / "refusals.jsonl"),
        new_take=lambda: new_id(datetime.now(UTC), randomness.token_bytes(10)),
        silence_s=settings["silence_s"],
    )
    admission.take_over(read_trunks(spools.folder / "trunks.json"))
    await refresh(admission, around)
    resumed = door.resume()
    if resumed:
        log.warning("%d calls go on that a signalling process before this one had", resumed)
    places = await signalling.listen(read_places(settings["sip_listen"]))
    tasks = [asyncio.create_task(door.watch()), asyncio.create_task(keep_fresh(admission, around))]
    try:
        yield door, places
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await signalling.close()


def _bridge(around: Surroundings) -> Bridge:
    return Bridge(
        gate=around.gate,
        now_ns=now_ns,
        new_id=lambda at_ns: new_id(moment(at_ns), randomness.token_bytes(10)),
        finish_early=around.spools.cut,
        node=node_name(around.settings, PROCESS),
        board=around.board,
    )


async def keep_fresh(admission: Admission, around: Surroundings) -> None:
    """Read the trunks again and again."""
    while True:
        await asyncio.sleep(REFRESH_S)
        try:
            await refresh(admission, around)
        except Exception:
            log.exception("the trunks cannot be read")


async def refresh(admission: Admission, around: Surroundings) -> None:
    """Read the trunks, and keep them for a start without the catalogue; what is known stays while that is away."""
    try:
        async with asyncio.timeout(CATALOGUE_S):
            said = await admission.refresh(around.trunks)
    except TimeoutError:
        log.warning("the trunks that are known stay in force, since the catalogue says nothing")
        return
    if said:
        write_trunks(around.spools.folder / "trunks.json", admission.trunks)


def identity_of(settings: Settings) -> Identity | None:
    """What is shown over TLS; None where nothing is.

    Raises:
        OperatorError: half of it is missing.
    """
    certificate, key, authorities = (settings[name] for name in ("sip_tls_cert", "sip_tls_key", "sip_tls_ca"))
    if bool(certificate) != bool(key):
        raise OperatorError("sip_tls_cert and sip_tls_key go together: one is set and the other is not.")
    if not certificate:
        return None
    return Identity(
        certificate=settings.path("sip_tls_cert"),
        key=settings.path("sip_tls_key"),
        authorities=settings.path("sip_tls_ca") if authorities else None,
    )


if __name__ == "__main__":
    main()
