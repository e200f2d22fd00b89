"""A real server for tests: ``callvault serve`` in a process of its own, on a free port, stopped again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

PATIENCE_S = 90.0
ATTEMPTS = 5


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
    """A command of the installed package, in a process of its own; ``check``: it has to succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "callvault", *arguments],
        env={**_clean_environment(), "CALLVAULT_DATA": str(data), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0 or not check, f"callvault {' '.join(arguments)}: {done.stderr}"
    return done


@contextmanager
def running(data: Path, *flags: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """``callvault serve`` with these flags, once it answers; stopped at the end."""
    server = _started(data, flags, environment or {})
    try:
        yield server
    finally:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGTERM)
            try:
                server.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()


def _started(data: Path, flags: Sequence[str], environment: Mapping[str, str]) -> Running:
    """On another port, if somebody was quicker to take the first."""
    scheme = "https" if "--tls-cert" in flags else "http"
    log = data.parent / f"{data.name}.log"
    for _ in range(ATTEMPTS):
        port = free_port()
        told = {"CALLVAULT_BASE_URL": f"{scheme}://127.0.0.1:{port}", **environment}
        seen = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "callvault", "serve", "--port", str(port), *flags],
                env={**_clean_environment(), "CALLVAULT_DATA": str(data), **told},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        server = Running(data=data, port=port, process=process, environment=told, scheme=scheme)
        if _answers(server, log, seen):
            return server
        said = log.read_text()[seen:]
        if process.poll() is None:
            server.kill()
        if "Cannot listen" not in said:
            break
    raise AssertionError(f"the server does not answer: {said}")


def wait_for(port: int) -> None:
    """Until somebody listens there: those who take calls begin after HTTP."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert time.monotonic() < until, f"nobody listens on {port}"
            time.sleep(0.05)
        else:
            return


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CALLVAULT_")}


def _answers(server: Running, log: Path, seen: int) -> bool:
    """Once it says that it listens, so that nobody else on that port answers for it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.process.poll() is None:
        if b"listens on" not in log.read_bytes()[seen:]:
            time.sleep(0.05)
            continue
        try:
            httpx.get(f"{server.url}/callvault/v1/ping", verify=False, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return True
    return False
