"""The plan of a node's capture: what the supervisor is handed through its standard input.

Never on its command line, which every user of the machine can read: the environment in it holds what is secret.

What does not live here: where the figures come from (``server.settings``).
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """Another process of the capture, which the supervisor keeps alive."""

    name: str
    argv: tuple[str, ...]
    nice: int = 0
    """0 to 19: how far it stands back behind others."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Besides the supervisor's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a supervisor has to keep alive."""

    spool: Path
    run: Path
    """A folder for sockets; its path has at most 80 bytes, since the kernel allows 107 for a socket's."""
    first_port: int = 10_000
    last_port: int = 32_000
    workers: int = 1
    tick_ms: int = 200
    """100 to 400."""
    floor_bytes: int = 512 << 20
    """New takes are refused when the spool's disk has less room than this; it is left to those under way."""
    caches: tuple[Path, ...] = ()
    """Folders of folders of files that may go when room is needed, the oldest first."""
    commands: tuple[Command, ...] = ()
    log_level: str = "warning"

    @property
    def gate(self) -> Path:
        """The socket where the gate is answered."""
        return self.run / "gate.socket"

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the supervisor: it prints ``ready`` and a line feed when the gate is open."""
        process = subprocess.Popen(
            [sys.executable, "-m", "callvault.capture"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(BrokenPipeError), process.stdin:  # it ended already, and its status says so
            process.stdin.write(write_plan(self))
        process.stdin = None  # whoever waits for it must not flush what is closed
        return process


def write_plan(plan: Plan) -> bytes:
    """The JSON document."""
    return orjson.dumps(asdict(plan), default=str)


def read_plan(said: bytes) -> Plan:
    """Turn ``write_plan`` back."""
    values = orjson.loads(said)
    values["commands"] = tuple(Command(**{**each, "argv": tuple(each["argv"])}) for each in values["commands"])
    values["caches"] = tuple(map(Path, values["caches"]))
    return Plan(**{**values, "spool": Path(values["spool"]), "run": Path(values["run"])})
