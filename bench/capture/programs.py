"""The two C programs: compiled where they are needed, and run.

``compiled()`` gives their paths; ``sending()`` and ``receiving()`` are context managers round a run, on cores that the
caller names.  What does not live here: what the packets hold (``streams``), what is made of the figures.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.need import Missing

HERE = Path(__file__).parent
NAMES = ("sender", "receiver")
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")


@dataclass(frozen=True, kw_only=True, slots=True)
class Programs:
    """Where the compiled programs lie."""

    sender: Path
    receiver: Path


def compiled(folder: Path) -> Programs:
    """Both programs, compiled into a folder, once.

    Raises:
        Missing: there is no C compiler.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing("A C compiler is not installed here: apt-get install gcc libc6-dev")
    for name in NAMES:
        if not (folder / name).exists():
            subprocess.run([compiler, *FLAGS, "-o", folder / name, HERE / f"{name}.c"], check=True)
    return Programs(sender=folder / "sender", receiver=folder / "receiver")


class Running:
    """A program that was started; its report is there when it has ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.ports: Sequence[int] = ()
        """Where the receiver listens, by stream."""
        self._report: dict[str, Any] | None = None

    def report(self) -> dict[str, Any]:
        """What it says at its end: the receiver is told that this is now, the sender is waited for."""
        if self._report is None:
            said, _ = self.process.communicate()
            if self.process.returncode != 0:
                raise RuntimeError(f"{self.process.args!r} ended with {self.process.returncode}")
            self._report = json.loads(said)
        return self._report


@contextmanager
def _started(command: Sequence[str | Path], cores: Sequence[int] | None) -> Iterator[Running]:
    process = subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if cores is not None:
        os.sched_setaffinity(process.pid, cores)
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def receiving(
    programs: Programs,
    file: Path,
    *,
    streams: int,
    host: str = "127.0.0.1",
    tick_ms: int = 200,
    packet_bytes: int = 172,
    cores: Sequence[int] | None = None,
) -> Iterator[Running]:
    """The bare receiver, listening on ``ports``, until its ``report`` is asked for."""
    command: list[str | Path] = [programs.receiver, host, str(streams), file, str(tick_ms), str(packet_bytes)]
    with _started(command, cores) as running:
        if running.process.stdout is None:
            raise RuntimeError("the receiver has no output")
        running.ports = [int(line) for line in iter(running.process.stdout.readline, "\n") if line]
        yield running


@contextmanager
def sending(
    programs: Programs,
    folder: Path,
    *,
    ports: Sequence[int],
    packets: int,
    seed: int,
    host: str = "127.0.0.1",
    payload_bytes: int = 160,
    interval_us: int = 20_000,
    together: int = 1,
    cores: Sequence[int] | None = None,
) -> Iterator[Running]:
    """The sender, at work; its ``report`` waits for the last packet.  ``packets``: of each stream,
    of which so many leave ``together``."""
    listed = folder / "ports.txt"
    listed.write_text("".join(f"{port}\n" for port in ports))
    command: list[str | Path] = [
        programs.sender,
        host,
        listed,
        str(packets),
        str(seed),
        str(payload_bytes),
        str(interval_us),
        str(together),
    ]
    with _started(command, cores) as running:
        yield running


def dropped_by_kernel() -> int:
    """Datagrams that found their socket's buffer full, since the machine started (``RcvbufErrors``, both families)."""
    four = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Udp:")]
    drops = int(dict(zip(*four, strict=True))["RcvbufErrors"])
    for line in Path("/proc/net/snmp6").read_text().splitlines():
        if line.startswith("Udp6RcvbufErrors"):
            drops += int(line.split()[1])
    return drops
