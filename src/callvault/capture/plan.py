"""The plan of a node's capture: what the supervisor is started with, as one word on its command line.

What does not live here: where the figures come from (``server.settings``).
"""

from __future__ import annotations

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
    environment: Mapping[str, str] = field(default_factory=dict)
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

    def argv(self) -> list[str]:
        """How to start the supervisor: it prints ``ready`` and a line feed when the gate is open."""
        said = orjson.dumps(asdict(self), default=str)
        return [sys.executable, "-m", "callvault.capture", said.decode()]


def read_plan(said: str) -> Plan:
    """The plan on a command line."""
    values = orjson.loads(said)
    values["commands"] = tuple(Command(**{**each, "argv": tuple(each["argv"])}) for each in values["commands"])
    values["caches"] = tuple(map(Path, values["caches"]))
    return Plan(**{**values, "spool": Path(values["spool"]), "run": Path(values["run"])})
