"""A real server for tests: ``callvault serve`` in a process of its own, on a free port, stopped again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE_S = 30.0


@dataclass(kw_only=True)
class Running:
    """A server that answers, and the command line that shares its data."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str] = field(default_factory=dict)
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def callvault(self, *arguments: str) -> Any:
        """Run a command against the same data and parse its JSON."""
        done = run_callvault(self.data, *arguments, "--json", environment=self.environment)
        return json.loads(done.stdout)

    def kill(self) -> None:
        """SIGKILL, to everything that belongs to it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def run_callvault(
    data: Path, *arguments: str, environment: Mapping[str, str] | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """A command of the installed package, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "callvault", *arguments],
        env={**_clean_environment(), "CALLVAULT_DATA": str(data), **(environment or {})},
        capture_output=True,
        text=True,
        check=check,
        timeout=120,
    )


@contextmanager
def running(data: Path, *flags: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """``callvault serve`` with these flags, once it answers; stopped at the end."""
    port = free_port()
    base_url = f"{'https' if '--tls-cert' in flags else 'http'}://127.0.0.1:{port}"
    told = {"CALLVAULT_BASE_URL": base_url, **(environment or {})}
    log = (data.parent / f"{data.name}.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "callvault", "serve", "--port", str(port), *flags],
        env={**_clean_environment(), "CALLVAULT_DATA": str(data), **told},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    server = Running(data=data, port=port, process=process, environment=told, scheme=base_url.partition(":")[0])
    try:
        _wait_until_it_answers(server, Path(log.name))
        yield server
    finally:
        log.close()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()


def free_port() -> int:
    """A TCP port that nobody listens on at the moment."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CALLVAULT_")}


def _wait_until_it_answers(server: Running, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        try:
            httpx.get(f"{server.url}/callvault/v1/ping", verify=False, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server does not answer: {log.read_text()}")
