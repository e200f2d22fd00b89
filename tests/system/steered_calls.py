"""A server that records nothing until somebody asks, calls placed to it, and what they are to the vendors' clients.

What does not live here: what is asked of a call, and what has to come of it.
"""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import time
import wave
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import numpy.typing as npt

from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.sound import noise
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.model.policy import RECORD_NONE, SETTING, write_policy
from tests.ports import free_port
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold
from tests.system.departures import PACKET, RATE, edge, more_said
from tests.system.pieces import Piece, pieces
from tests.system.running import Running, run_callvault, running, wait_for

PATIENCE_S = 60.0
LONGEST_S = 240.0
"""Of a call; each is hung up when all has been asked."""
PORTS = "22000-23998"
UNKNOWN_SCHEME, UNKNOWN_HOST = "https", "not-known-yet.example"
"""What the account is told of a server that has not begun."""

RUTH = Voice(sound=noise(11, seconds=LONGEST_S))
OMAR = Voice(sound=noise(12, seconds=LONGEST_S), user="2001", host="pbx.example.net", name="Omar")

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When something was asked of a call, and when it was answered, in seconds since 1970."""

    asked_s: float
    answered_s: float


@dataclass(kw_only=True)
class LiveCall:
    """A call that is being placed."""

    house: SteeredHouse
    call: Call
    card: Mapping[str, Any]
    """As our own API listed it when everybody was there."""
    moments: dict[str, Moment] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The recordings that were asked for, in that order."""

    def name(self, vendor: str) -> str:
        """What a vendor's clients call it."""
        called: str = self.card["names"][vendor]
        return called

    async def hear(self, about: str, client: Client, dialect: str, statements: Sequence[Statement]) -> None:
        """Have a client say these while the call goes on."""
        asked_s = time.time()
        credentials = self.house.credentials(dialect)
        await asyncio.to_thread(hold, client, credentials, statements, self.house.authority)
        self.moments[about] = Moment(asked_s=asked_s, answered_s=time.time())

    def report(self) -> CallReport:
        """What was sent."""
        return self.call.report()

    def kept(self, channel: Samples, stream: int) -> list[Piece]:
        """What a channel is made of, of what this stream sent; but for bits of silence at the edges of stretches."""
        report = self.report()
        found, bit = pieces(channel, report.streams[stream].placed()), edge(report)
        return [piece for piece in found if piece.sent is not None or piece.size > bit]

    def at(self, about: str) -> int:
        """By when a verb was carried out, in samples from the first packet on: when it was answered, and a packet."""
        first = self.report().streams[0].first_sent_at
        assert first is not None
        return round((self.moments[about].answered_s - first.timestamp()) * RATE) + 2 * PACKET


@dataclass(frozen=True, kw_only=True)
class SteeredHouse:
    """The server, its account, and where it is called."""

    server: Running
    account: Mapping[str, Any]
    sip_port: int
    stream_port: int
    authority: Path | None

    def credentials(self, dialect: str) -> dict[str, Any]:
        """Of the account, for this dialect's clients."""
        return {**self.account["dialects"][dialect], "key": self.account["key"]["token"]}

    def ask(self, path: str, **parameters: str) -> Any:
        """Our own API."""
        return self._asked(path, parameters).json()

    def media(self, recording: str) -> bytes:
        """A recording as WAV."""
        return self._asked(f"/recordings/{recording}/media", {"format": "wav"}).content

    def live(self, card: Mapping[str, Any]) -> Any:
        """A call as it is now."""
        return self.ask(f"/calls/{card['take']}")

    def _asked(self, path: str, parameters: Mapping[str, str]) -> httpx.Response:
        token = self.account["key"]["token"]
        trust = True if self.authority is None else ssl.create_default_context(cafile=self.authority)
        return httpx.get(
            f"{self.server.url}/callvault/v1{path}",
            params=dict(parameters),
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            verify=trust,
        ).raise_for_status()

    @asynccontextmanager
    async def call(self, *voices: Voice, **more: Any) -> AsyncIterator[LiveCall]:
        """A call that lasts as long as the block; both sides are heard when it begins.  ``more``: of its plan."""
        uri = f"sip:recorder@127.0.0.1:{self.sip_port};transport=udp"
        plan = CallPlan(recorder=uri, voices=voices or (RUTH, OMAR), rtcp=False, **more)
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            try:
                card = await self.listed(call.recorded_call)
                await more_said(call, 0.3)
                yield LiveCall(house=self, call=call, card=card)
            finally:
                call.hang_up()
                await playing

    async def listed(self, name: str) -> Mapping[str, Any]:
        """A live call by its Call-ID, or by what some vendor calls it, once both sides are heard."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            listed = await asyncio.to_thread(self.ask, "/calls")
            for card in listed["calls"]:
                if "bridged_at" in card and name in {card.get("sip_call_id"), *card["names"].values()}:
                    found: Mapping[str, Any] = card
                    return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"the call {name} was not listed within {PATIENCE_S} s")

    async def finished(self, call: LiveCall, count: int) -> list[Mapping[str, Any]]:
        """The recordings of a call, oldest first, once all are finished."""
        return await self.finished_of(call.card, count)

    async def finished_of(self, card: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
        """The same for a call that was not placed here."""
        until = time.monotonic() + PATIENCE_S
        found: list[Mapping[str, Any]] = []
        while time.monotonic() < until:
            said = await asyncio.to_thread(self.ask, "/recordings", call_id=card["call_id"])
            found = sorted(said["recordings"], key=lambda each: str(each["id"]))
            if len(found) >= count and all(each["status"] in {"available", "failed"} for each in found):
                assert len(found) == count
                return found
            await asyncio.sleep(0.1)
        states = [each["status"] for each in found]
        raise AssertionError(f"{count} recordings were to be finished within {PATIENCE_S} s: {states}")


def channels_of(content: bytes) -> list[Samples]:
    """Of a WAV file of 16 bits."""
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getsampwidth(), file.getframerate()) == (2, RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)
        return list(np.ascontiguousarray(samples.reshape(-1, file.getnchannels()).T))


@contextmanager
def steered_house(folder: Path, certificates: Certificates, *, tls: bool = False) -> Iterator[SteeredHouse]:
    """A server that may call its neighbours on loopback."""
    data = folder / "data"
    unknown = {"CALLVAULT_BASE_URL": f"{UNKNOWN_SCHEME}://{UNKNOWN_HOST}"}
    added = run_callvault(data, "account", "add", "acme", "--json", environment=unknown).stdout
    run_callvault(data, "trunk", "add", "sbc", "--account", "acme", "--network", "127.0.0.1")
    asyncio.run(_record_none(data, UUID(json.loads(added)["account"]["id"])))
    sip_port, stream_port = free_port(), free_port()
    told = {
        "CALLVAULT_SIP_LISTEN": f"udp:127.0.0.1:{sip_port}",
        "CALLVAULT_STREAM_LISTEN": f"ws:127.0.0.1:{stream_port}",
        "CALLVAULT_MEDIA_PORTS": PORTS,
        "CALLVAULT_HOOK_NETWORKS": "127.0.0.0/8",
    }
    flags = ("--tls-cert", str(certificates.certificate), "--tls-key", str(certificates.key)) if tls else ()
    with running(data, *flags, environment=told) as server:
        wait_for(stream_port)
        where = f"127.0.0.1:{server.port}"
        known = added.replace(f"{UNKNOWN_SCHEME}://{UNKNOWN_HOST}", server.url).replace(UNKNOWN_HOST, where)
        yield SteeredHouse(
            server=server,
            account=json.loads(known),
            sip_port=sip_port,
            stream_port=stream_port,
            authority=certificates.authority if tls else None,
        )


async def _record_none(data: Path, account_id: UUID) -> None:
    """Before the server begins: one that runs hears of it within seconds."""
    catalogue = SqliteCatalogue(data / "catalogue.sqlite")
    await catalogue.open()
    try:
        await catalogue.change_account(account_id, {SETTING: write_policy(RECORD_NONE)})
    finally:
        await catalogue.close()
