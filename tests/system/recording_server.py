"""A server that records calls, and what a test wants to know of a recording: its audio, its capture, its messages."""

from __future__ import annotations

import asyncio
import io
import json
import time
import wave
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt

from tests.ports import free_port
from tests.system.authority import Certificates
from tests.system.running import Running, run_callvault, running, wait_for

PATIENCE_S = 60.0
PORTS = "20000-21998"

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A recording, as our own API tells of it."""

    card: dict[str, Any]
    capture: dict[str, Any]
    exchange: list[dict[str, Any]]
    rate: int
    samples: Samples
    """Shape (n, channels); of no length where there is no audio."""

    @property
    def sentences(self) -> list[str]:
        """What was odd."""
        return [oddity["sentence"] for oddity in self.capture["oddities"]]

    def stream(self, label: str) -> dict[str, Any]:
        """The quality of a stream, by its label in the session description."""
        return next(stream for stream in self.capture["streams"] if stream["label"] == label)

    def channel(self, label: str) -> Samples:
        """A stream's column."""
        return np.ascontiguousarray(self.samples[:, self.stream(label)["channel"] - 1])


@dataclass(frozen=True, kw_only=True)
class RecordingServer:
    """One that listens for calls."""

    server: Running
    ports: dict[str, int]
    """By transport."""
    token: str
    authority: Path

    def uri(self, transport: str = "udp", host: str = "127.0.0.1") -> str:
        """Where a client calls."""
        shown = f"[{host}]" if ":" in host else host
        return f"sip:recorder@{shown}:{self.ports[transport]};transport={transport}"

    def ask(self, path: str, **parameters: str) -> httpx.Response:
        """Our own API."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.server.url}/callvault/v1{path}", params=parameters, headers=headers, timeout=30)

    def ids(self) -> set[str]:
        """All recordings that are there."""
        return {entry["id"] for entry in self.ask("/recordings", limit="1000").raise_for_status().json()["recordings"]}

    async def made(self, known: set[str], count: int = 1) -> list[Recorded]:
        """The recordings that have come since, once they can be heard; the mix first, where there is one."""
        until = time.monotonic() + PATIENCE_S
        fresh: list[str] = []
        while time.monotonic() < until:
            fresh = sorted(self.ids() - known)
            settled = [self.ask(f"/recordings/{name}").json()["status"] in {"available", "failed"} for name in fresh]
            if len(fresh) >= count and all(settled):
                return sorted((self.recorded(name) for name in fresh), key=lambda each: -len(each.capture["streams"]))
            await asyncio.sleep(0.1)
        raise AssertionError(f"{len(fresh)} of {count} recordings came in {PATIENCE_S} s")

    def recorded(self, name: str) -> Recorded:
        """One of them."""
        card = self.ask(f"/recordings/{name}").raise_for_status().json()
        heard = self.ask(f"/recordings/{name}/media", format="wav")
        rate, samples = _samples(heard.content) if heard.status_code == 200 else (8_000, np.zeros((0, 1), np.int16))
        return Recorded(
            card=card,
            capture=self.ask(f"/recordings/{name}/capture").raise_for_status().json(),
            exchange=self.ask(f"/recordings/{name}/exchange").raise_for_status().json()["messages"],
            rate=rate,
            samples=samples,
        )


def _samples(content: bytes) -> tuple[int, Samples]:
    with wave.open(io.BytesIO(content)) as file:
        assert file.getsampwidth() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return file.getframerate(), samples.reshape(-1, file.getnchannels()).astype(np.int16)


@contextmanager
def recording_server(
    folder: Path, certificates: Certificates, *flags: str, environment: Mapping[str, str] | None = None
) -> Iterator[RecordingServer]:
    """Listening for calls over UDP, TCP and TLS, on both families where there is one; with a trunk for this machine."""
    udp, tcp, tls = free_port(), free_port(), free_port()
    listen = f"udp:127.0.0.1:{udp} udp:[::1]:{udp} tcp:127.0.0.1:{tcp} tcp:[::1]:{tcp} tls:127.0.0.1:{tls}"
    told = {
        "CALLVAULT_SIP_LISTEN": listen,
        "CALLVAULT_SIP_TLS_CERT": str(certificates.certificate),
        "CALLVAULT_SIP_TLS_KEY": str(certificates.key),
        "CALLVAULT_MEDIA_PORTS": PORTS,
        **(environment or {}),
    }
    data = folder / "data"
    token = json.loads(run_callvault(data, "account", "add", "acme", "--json", environment=environment).stdout)["key"][
        "token"
    ]
    networks = ("--network", "127.0.0.1", "--network", "::1")
    run_callvault(data, "trunk", "add", "sbc", "--account", "acme", *networks, environment=environment)
    with running(data, *flags, environment=told) as server:
        wait_for(tcp)
        yield RecordingServer(
            server=server, ports={"udp": udp, "tcp": tcp, "tls": tls}, token=token, authority=certificates.authority
        )
