"""Requests as fast as they are answered: wrk in a process of its own, so that the measured server has a core to itself.

What lives here: one run of wrk, and its figures as a value.  wrk is C and uses a tenth of what any server here uses for
the same request, so the server is what is measured.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.install import from_debian
from tests.services.need import provide

INSTALL_LINE = "as root: apt-get install wrk"

REPORT = """
done = function(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), wrong.status + wrong.connect + wrong.read + wrong.timeout))
end
"""
"""wrk's own report rounds; this line does not.  Times are microseconds."""


class WrongAnswers(Exception):
    """Something else than success was answered, so that the figures would mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one run came to."""

    requests_s: float
    bytes_s: float
    p50_ms: float
    p99_ms: float


def find() -> str | None:
    """Where wrk is."""
    return shutil.which("wrk")


def program() -> str:
    """wrk, installed where that is possible.  Raises ``Missing``."""
    return provide("wrk", find, INSTALL_LINE, lambda: from_debian("wrk"))


def press(url: str, headers: Mapping[str, str], *, seconds: float, connections: int) -> Figures:
    """Ask for one URL over so many connections at once, each asking again as soon as it is answered.

    Raises:
        WrongAnswers: an answer was not a success, or a connection broke.
    """
    with tempfile.TemporaryDirectory(prefix="callvault-wrk-") as folder:
        script = Path(folder) / "report.lua"
        script.write_text(REPORT)
        command = [program(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        command += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        done = subprocess.run([*command, url], check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("figures "))
    requests, duration_us, size, p50_us, p99_us, wrong = map(int, line.split()[1:])
    if wrong or not requests:
        raise WrongAnswers(f"{wrong} of {requests} answers of {url} were wrong")
    seconds_taken = duration_us / 1e6
    return Figures(
        requests_s=requests / seconds_taken, bytes_s=size / seconds_taken, p50_ms=p50_us / 1e3, p99_ms=p99_us / 1e3
    )
