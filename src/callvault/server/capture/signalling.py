"""The signalling process: SIP in front, the media gate behind, and the trunks of the catalogue beside it.

What does not live here: what a call becomes (``capture.siprec``).  The process may be killed at any moment: its
successor reads the journals and goes on.  Told to stop, it hangs up on everybody.
"""

from __future__ import annotations

import asyncio
import logging
import secrets as randomness
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from callvault.capture.cards import moment
from callvault.capture.clock import now_ns
from callvault.capture.gate import Gate
from callvault.capture.remote_gate import RemoteGate
from callvault.capture.siprec.admission import Admission
from callvault.capture.siprec.door import Converse, Door
from callvault.capture.siprec.live_call import House
from callvault.capture.siprec.places import Place, read_places
from callvault.capture.siprec.refusals import Refusals
from callvault.capture.siprec.sessions import recording_sessions
from callvault.capture.siprec.signalling import Signalling
from callvault.capture.siprec.tls import Identity
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import Board, Bridge, NoBoard
from callvault.capture.trunks.table import TrunkSource
from callvault.errors import OperatorError
from callvault.model.ids import new_id
from callvault.protocols.sip.agent import UserAgentServer
from callvault.protocols.sip.terms import Limits, Terms
from callvault.server.build import build_catalogue, master_key
from callvault.server.capture.places import gate_socket, node_name, spool_folder
from callvault.server.capture.process import run, stay
from callvault.server.capture.steering import steering
from callvault.server.capture.trunks import KeptTrunks, LateTrunks
from callvault.server.settings import Settings
from callvault.vault.live_calls import LiveCalls
from callvault.vault.media_keys import seal_media_keys
from callvault.vault.secrets import Secrets
from callvault.vault.trunks import digests_of

log = logging.getLogger("callvault.siprec")

PROCESS = "siprec"
TRANSACTIONS_FOR_A_CALL = 4
TOKEN_BYTES = 12


def main() -> None:
    """Take calls until SIGTERM; settings come from the environment."""
    run(answer_until_told)


async def answer_until_told(settings: Settings, told: asyncio.Event) -> None:
    """Take calls until told to stop, then end them.

    Raises:
        OperatorError: nothing can be listened for, or the settings contradict themselves.
    """
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
            seal=lambda keys: seal_media_keys(secrets, keys, randomness.token_bytes(TOKEN_BYTES)),
            entropy=randomness.token_bytes,
        ),
        board=live,
    )
    try:
        async with answering(around) as (door, places), steering(live, trunks, door.carry_out):
            log.info("taking calls at %s", " ".join(map(str, places)))
            await stay(told, door.end_all)
    finally:
        await gate.close()
        await trunks.close()


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
    trunks = KeptTrunks(around.trunks, spools, lambda trunk: digests_of(trunk, secrets))
    door = Door(
        House(signalling=signalling, bridge=_bridge(around), spools=spools),
        Admission(trunks.table, secrets.signalling_key),
        around.converse,
        Refusals(spools.folder / "refusals.jsonl"),
        new_take=lambda: new_id(datetime.now(UTC), randomness.token_bytes(10)),
        silence_s=settings["silence_s"],
    )
    await trunks.begin()
    resumed = door.resume()
    if resumed:
        log.warning("%d calls go on that a signalling process before this one had", resumed)
    places = await signalling.listen(read_places(settings["sip_listen"]))
    tasks = [asyncio.create_task(door.watch()), asyncio.create_task(trunks.keep_fresh())]
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
