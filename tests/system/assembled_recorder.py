"""Everything between a client and a finished sound file, put together in one process, but for the media workers.

Signalling, gate, media workers, spools and finishing are the real ones; trunks are told by hand, and what is finished
goes into a folder instead of an archive.  What does not live here: `callvault serve`, which does all that by itself.
"""

from __future__ import annotations

import asyncio
import os
import secrets as randomness
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt

from callvault.audio.decode import open_samples
from callvault.audio.probe import probe
from callvault.capture.cards import captured_of, card_of
from callvault.capture.finished import FinishedAudio, Missed
from callvault.capture.finishing.spool_files import finish_files
from callvault.capture.journals import read_journal
from callvault.capture.siprec.congestion import Congestion
from callvault.capture.siprec.door import Door
from callvault.capture.siprec.sessions import recording_sessions
from callvault.model.capture import Capture, Captured, StreamQuality
from callvault.model.card import Card
from callvault.model.order import Order, Reply, Verb
from callvault.model.trunk import Trunk
from callvault.protocols.spool.journal import Journal
from callvault.server.capture.signalling import Surroundings, answering
from callvault.server.settings import resolve
from callvault.vault.media_keys import seal_media_keys, unseal_media_keys
from tests.ports import free_port
from tests.system.authority import Certificates
from tests.system.leaks import snapshot
from tests.system.media_node import Node, gate_of, running_node
from tests.system.siprec_house import ACCOUNT, MASTER, PATIENT_S, a_trunk

PATIENCE_S = 60.0

Samples = npt.NDArray[np.int16]


class ToldTrunks:
    """What the catalogue would say."""

    def __init__(self, *trunks: Trunk) -> None:
        self._trunks = trunks

    async def trunks(self, account_id: UUID | None = None) -> Sequence[Trunk]:
        return self._trunks

    async def keep_trunk(self, trunk: Trunk) -> None:
        raise NotImplementedError

    async def remove_trunk(self, trunk_id: UUID) -> bool:
        raise NotImplementedError

    async def capture_of(self, account_id: UUID, recording_id: UUID) -> Captured | None:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One sound file, and what is said of it."""

    card: Card
    capture: Capture
    messages: tuple[str, ...]
    rate: int
    samples: Samples
    """Shape (n, channels)."""
    recording: UUID | None
    """None: the take's own."""
    began_ns: int

    @property
    def sentences(self) -> list[str]:
        """What was odd."""
        return [oddity.sentence for oddity in self.capture.oddities]

    def stream(self, label: str) -> StreamQuality:
        """By its label in the session description."""
        return next(stream for stream in self.capture.streams if stream.label == label)

    def channel(self, label: str) -> Samples:
        """A stream's column."""
        channel = self.stream(label).channel
        assert channel is not None
        return np.ascontiguousarray(self.samples[:, channel - 1])


class AssembledRecorder:
    """It listens for calls."""

    def __init__(self, node: Node, door: Door, ports: dict[str, int], authority: Path, folder: Path) -> None:
        self._node, self._door, self._folder = node, door, folder
        self.ports, self.authority = ports, authority
        self._known: set[UUID] = set()
        self.missed: tuple[Missed, ...] = ()
        """Of the last call: recordings of which nothing is kept."""

    def uri(self, transport: str = "udp", host: str = "127.0.0.1") -> str:
        """Where a client calls."""
        shown = f"[{host}]" if ":" in host else host
        return f"sip:recorder@{shown}:{self.ports[transport]};transport={transport}"

    async def settled(self) -> None:
        """When the door has done all that it had begun."""
        await self._door.settled()

    async def steer(self, verb: Verb) -> Reply:
        """A verb for the call that is under way."""
        (call,) = self._door.calls
        made_at = datetime.now(UTC)
        order = Order(id=uuid4(), account_id=ACCOUNT, take=call.take, node="here", verb=verb, made_at=made_at)
        return await self._door.carry_out(order)

    def cuts(self) -> list[UUID]:
        """Recordings that may be finished while their call goes on."""
        return [recording for _, recording, _ in self._node.spools.cuts()]

    def files(self) -> dict[str, bytes]:
        """Everything in the spool as it is now."""
        return snapshot(self._node.plan.spool)

    async def kill_worker(self) -> None:
        """Whoever drains the call's sockets; when this returns, a successor has them."""
        (worker,) = self._node.workers_with_sockets()
        os.kill(worker, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE_S):
            while self._node.workers_with_sockets() in ([], [worker]):  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(0.02)

    async def kill_supervisor(self) -> None:
        """When this returns, a successor has taken the workers over."""
        self._node.kill_supervisor()
        await asyncio.to_thread(self._node.start)

    def under_way(self) -> Sequence[UUID]:
        """Takes that have not ended."""
        return self._node.spools.live_takes()

    async def made(self) -> list[Recorded]:
        """What the call that has ended since became; the mix first, where there is one."""
        until = time.monotonic() + PATIENCE_S
        while not (ended := set(self._node.spools.ended_takes()) - self._known):
            assert time.monotonic() < until, "the call has not ended"
            await asyncio.sleep(0.02)
        (take,) = ended
        self._known |= ended
        paths = self._node.spools.ended(take)
        folder = self._folder / str(take)
        folder.mkdir()
        finished = await asyncio.to_thread(finish_files, paths, folder, lambda text: unseal_media_keys(MASTER, text))
        journal = read_journal(paths.journal)
        assert journal.spoilt == 0
        self.missed = finished.missed
        return [_recorded(journal, audio) for audio in finished.files]


def _recorded(journal: Journal, audio: FinishedAudio) -> Recorded:
    begun = journal.begun
    assert begun is not None
    facts = probe(audio.path)
    return Recorded(
        card=card_of(journal, begun, audio),
        capture=audio.capture,
        messages=tuple(message.text for message in captured_of(journal, audio.capture, audio.began_ns).exchange),
        rate=audio.sample_rate,
        samples=np.concatenate(list(open_samples(audio.path, facts))),
        recording=audio.recording,
        began_ns=audio.began_ns,
    )


@asynccontextmanager
async def an_assembled_recorder(
    certificates: Certificates, folder: Path, trunk: Trunk | None = None, **changes: int
) -> AsyncIterator[AssembledRecorder]:
    """Listening over UDP, TCP and TLS, on IPv4 and IPv6."""
    udp, tcp, tls = free_port(), free_port(), free_port()
    settings = resolve(
        {
            "data": str(folder / "data"),
            "sip_listen": " ".join(
                [f"udp:127.0.0.1:{udp} udp:[::1]:{udp}", f"tcp:127.0.0.1:{tcp} tcp:[::1]:{tcp}", f"tls:127.0.0.1:{tls}"]
            ),
            "sip_tls_cert": str(certificates.certificate),
            "sip_tls_key": str(certificates.key),
            **changes,
        },
        {},
    )
    converse = recording_sessions(
        media_host="",
        seal=lambda keys: seal_media_keys(MASTER, keys, randomness.token_bytes(12)),
        entropy=randomness.token_bytes,
    )
    with running_node() as node, gate_of(node) as gate:
        around = Surroundings(
            settings=settings, spools=node.spools, gate=gate, trunks=ToldTrunks(trunk or a_trunk()), secrets=MASTER,
            converse=converse,
        )  # fmt: skip
        async with answering(around) as (door, _):
            door._house.signalling.congestion = Congestion(too_old_s=PATIENT_S)
            yield AssembledRecorder(node, door, {"udp": udp, "tcp": tcp, "tls": tls}, certificates.authority, folder)
            await door.settled()
        await gate.close()
