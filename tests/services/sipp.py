"""SIPp, somebody else's SIP client, playing scenarios at a server.

What lives here: `find` and `play`.  What does not: the scenarios, which lie with the tests that play them.
SIPp 3.6 as Debian has it speaks UDP and TCP, and no TLS.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WHAT = "SIPp"
INSTALL_LINE = "as root: apt-get install sip-tester"
PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Played:
    """How a scenario went."""

    succeeded: bool
    """Every call of it came to its end as the scenario has it."""
    report: str
    """SIPp's last words and its error log."""


def find() -> Path | None:
    found = shutil.which("sipp")
    return Path(found) if found else None


async def play(
    scenario: Path,
    *,
    program: Path,
    folder: Path,
    port: int,
    transport: str = "udp",
    calls: int = 1,
    rate: int = 50,
    keys: Mapping[str, str] | None = None,
) -> Played:
    """Play a scenario at 127.0.0.1, some calls a second; files of SIPp's own are written to the folder."""
    errors = folder / f"{scenario.stem}-errors.log"
    command = [
        *(str(program), f"127.0.0.1:{port}", "-sf", str(scenario), "-t", {"udp": "u1", "tcp": "t1"}[transport]),
        *("-m", str(calls), "-r", str(rate), "-i", "127.0.0.1", "-nostdin", "-nd", "-max_retrans", "6"),
        *("-timeout", str(int(PATIENCE_S)), "-timeout_error", "-trace_err", "-error_file", str(errors)),
    ]
    for name, value in (keys or {}).items():
        command += ["-key", name, value]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S + 10):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return Played(succeeded=False, report="SIPp did not come to an end.")
    log = errors.read_text(errors="replace") if errors.exists() else ""
    return Played(succeeded=process.returncode == 0, report=said.decode(errors="replace")[-2000:] + log[-4000:])
