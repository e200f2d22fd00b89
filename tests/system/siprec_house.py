"""SIPREC's door with real signalling sockets, a real spool folder, and a gate whose sockets are counted.

What lives here: putting it together for tests, and the gate.  What does not: media that is written down.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.capture.aim import Aim
from callvault.capture.cards import moment
from callvault.capture.clock import now_ns
from callvault.capture.gate import OPEN_VEIL, Heard, KeyTypes, Opened, Opening, Veil
from callvault.capture.journals import read_journal
from callvault.capture.siprec.admission import Admission
from callvault.capture.siprec.congestion import Congestion
from callvault.capture.siprec.door import Converse, Door
from callvault.capture.siprec.live_call import House
from callvault.capture.siprec.places import Place, read_places
from callvault.capture.siprec.refusals import Refusals
from callvault.capture.siprec.sessions import recording_sessions
from callvault.capture.siprec.signalling import Signalling
from callvault.capture.siprec.tls import Identity
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import Bridge
from callvault.capture.trunks.table import TrunkTable
from callvault.errors import MediaError, TooMany
from callvault.model.ids import new_id
from callvault.model.trunk import Trunk
from callvault.protocols.sip.agent import UserAgentServer
from callvault.protocols.sip.terms import Terms
from callvault.protocols.spool.journal import Journal
from callvault.vault.media_keys import seal_media_keys
from callvault.vault.secrets import Secrets
from callvault.vault.trunks import digests_of, make_trunk

MASTER = Secrets(b"t" * 32)
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT = UUID(int=7)
PATIENT_S = 60.0
"""Before a door in a test's own process refuses calls as overloaded: what the test itself computes holds it up."""


CONVERSE = recording_sessions(
    media_host="",
    seal=lambda keys: seal_media_keys(MASTER, keys, secrets.token_bytes(12)),
    entropy=secrets.token_bytes,
)


class CountingGate:
    """Opens real sockets, writes nothing down, and keeps what is asked of it."""

    def __init__(self) -> None:
        self.sockets: dict[tuple[UUID, int], socket.socket] = {}
        self.full = False
        self.silent = False
        self.veils: dict[UUID, list[Veil]] = {}
        """Each that was asked for, the last one in force."""
        self.heard_at: dict[UUID, int] = {}
        self.aims: list[tuple[int, Aim | None]] = []
        self.key_types: dict[int, KeyTypes] = {}
        self.free = asyncio.Event()
        """Unset, nothing is opened."""
        self.free.set()

    async def open(self, take: UUID, openings: Sequence[Opening], *, veil: Veil = OPEN_VEIL) -> Sequence[Opened]:
        await self.free.wait()
        self.veils.setdefault(take, []).append(veil)
        if self.full:
            raise TooMany("No media port is left.", after_s=10)
        opened = []
        for opening in openings:
            family = socket.AF_INET6 if ":" in opening.host else socket.AF_INET
            one = socket.socket(family, socket.SOCK_DGRAM)
            one.bind((opening.host, 0))
            self.sockets[take, opening.stream] = one
            port = one.getsockname()[1]
            opened.append(Opened(stream=opening.stream, port=port, rtcp_port=port))
        return opened

    async def veil(self, take: UUID, veil: Veil) -> int:
        if self.silent:
            raise MediaError("Nobody answers at the gate.")
        self.veils.setdefault(take, []).append(veil)
        return time.time_ns()

    async def aim(self, take: UUID, stream: int, aim: Aim | None) -> None:
        self.aims.append((stream, aim))

    async def look_for_keys(self, take: UUID, stream: int, types: KeyTypes) -> None:
        self.key_types[stream] = types

    async def heard(self, take: UUID) -> Mapping[int, Heard]:
        last_ns = self.heard_at.get(take)
        return {} if last_ns is None else {0: Heard(packets=1, last_ns=last_ns, source=("127.0.0.1", 1))}

    async def shut(self, take: UUID, streams: Sequence[int] | None = None) -> None:
        for key in [key for key in self.sockets if key[0] == take and (streams is None or key[1] in streams)]:
            self.sockets.pop(key).close()

    def close(self) -> None:
        for one in self.sockets.values():
            one.close()


def a_trunk(name: str = "sbc", **proofs: Any) -> Trunk:
    """By default whoever comes from this machine."""
    proofs = proofs or {"networks": ["127.0.0.0/8", "::1"]}
    return make_trunk(ACCOUNT, name, secrets=MASTER, now=MOMENT, entropy=name.encode().ljust(22, b"-"), **proofs)


class TestHouse:
    """Everything, and what the tests look at."""

    __test__ = False

    def __init__(
        self,
        folder: Path,
        converse: Converse = CONVERSE,
        trunks: Sequence[Trunk] = (),
        identity: Identity | None = None,
        silence_s: float = 120,
    ) -> None:
        self.spools = Spools(folder)
        self.gate = CountingGate()
        agent = UserAgentServer(Terms(key=b"of these tests alone"), lambda: secrets.token_hex(10))
        self.signalling = Signalling(
            agent,
            lambda event: self.door.handle(event),  # noqa: PLW0108 - made below
            identity=identity,
            congestion=Congestion(too_old_s=PATIENT_S),
        )
        self.now_ns = now_ns
        self.ahead_ns = 0
        """By how much the door's clock is ahead of the world's."""
        table = TrunkTable(lambda trunk: digests_of(trunk, MASTER))
        table.take_over(trunks)
        self.refusals = Refusals(folder / "refusals.jsonl")
        bridge = Bridge(
            gate=self.gate,
            now_ns=lambda: time.time_ns() + self.ahead_ns,
            new_id=lambda at_ns: new_id(moment(at_ns), secrets.token_bytes(10)),
            finish_early=self.spools.cut,
            node="here",
        )
        self.door = Door(
            House(signalling=self.signalling, bridge=bridge, spools=self.spools),
            Admission(table, b"of these tests alone"),
            converse,
            self.refusals,
            new_take=lambda: new_id(datetime.now(UTC), secrets.token_bytes(10)),
            silence_s=silence_s,
        )
        self.places: tuple[Place, ...] = ()

    def port(self, transport: str) -> int:
        return next(place.port for place in self.places if place.transport == transport)

    def take(self) -> UUID:
        """The one that is under way."""
        (call,) = self.door.calls
        return call.take

    def journal(self, take: UUID) -> Journal:
        """As it is, under way or ended."""
        live = self.spools.live(take).journal
        return read_journal(live if live.exists() else self.spools.ended(take).journal)


@asynccontextmanager
async def a_siprec_house(
    folder: Path,
    converse: Converse = CONVERSE,
    *,
    listen: str = "udp:127.0.0.1:0 tcp:127.0.0.1:0",
    trunks: Sequence[Trunk] = (a_trunk(),),
    identity: Identity | None = None,
    silence_s: float = 120,
) -> AsyncIterator[TestHouse]:
    """Running; when it is left nothing is hung up, as after a crash."""
    house = TestHouse(folder, converse, trunks, identity, silence_s)
    house.door.resume()
    house.places = await house.signalling.listen(read_places(listen))
    try:
        yield house
        await house.door.settled()
    finally:
        await house.signalling.close()
        house.gate.close()
