"""Calls a second that are set up and taken down, and how long a recording takes from its BYE into the archive.

SIPp calls, as fast as it is answered, so many calls at a time; what limits it is shown by SIPp answering itself.  The
server is the whole of `callvault serve`: each call of the first table is journalled, has sockets opened and shut, and
is finished into an entry without audio beside it.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.ports import free_port
from tests.services import install, sipp
from tests.services.need import provide
from tests.system.authority import certify
from tests.system.recording_server import RecordingServer, recording_server

from bench.rounds import alternate
from bench.tables import Table, Wish
from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise

SCENARIO = Path(__file__).parents[1] / "tests" / "system" / "sipp" / "plain.xml"
CALLS = 500
AT_ONCE = 32
SPOKEN_S = 5.0
FINISHED = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run came to."""

    calls_s: float
    cpu_ms: float
    """Of whoever answers, a call."""


def tables(wish: Wish) -> Iterator[Table]:
    """Two tables: the time to the archive, and calls a second."""
    program = provide(sipp.WHAT, sipp.find, sipp.INSTALL_LINE, install.install_sipp)
    with tempfile.TemporaryDirectory(prefix="callvault-bench-") as name:
        folder = Path(name)
        certificates = certify(folder / "certificates")
        with recording_server(folder / "calm", certificates) as server:
            yield archived(server)
        with recording_server(folder / "busy", certificates) as server:
            yield set_up(program, folder, server, wish.rounds or 3)


def set_up(program: Path, folder: Path, server: RecordingServer, rounds: int) -> Table:
    """Calls a second."""
    steps = re.sub(r"  <nop>.*?</nop>\n|  <pause .*?/>\n", "", SCENARIO.read_text())
    scenario = folder / "set_up.xml"
    scenario.write_text(steps)
    found = alternate(
        rounds,
        {
            "SIPp answers itself": partial(answered_by_sipp, program, scenario, folder),
            "callvault, UDP": partial(answered_by_us, program, scenario, folder, server, "udp"),
            "callvault, TCP": partial(answered_by_us, program, scenario, folder, server, "tcp"),
        },
    )
    return Table(
        title="Calls set up and taken down",
        about=(
            f"{CALLS:,} calls a round, {AT_ONCE} at a time, {rounds} rounds in turns.",
            "INVITE with two streams and their metadata, ACK, BYE.",
            "SIPp, the server and the kernel share the machine's cores; the finisher works beside.",
        ),
        columns=("who answers", "calls a second", "ms of CPU a call"),
        rows=[
            (what, statistics.median(run.calls_s for run in runs), statistics.median(run.cpu_ms for run in runs))
            for what, runs in found.items()
        ],
    )


def answered_by_us(program: Path, scenario: Path, folder: Path, server: RecordingServer, transport: str) -> Run:
    """The signalling process."""
    pid = process_of(server, "callvault.server.capture.signalling")
    before_s = cpu_of(pid)
    calls_s = called(program, scenario, folder, server.ports[transport], transport)
    return Run(calls_s=calls_s, cpu_ms=1_000 * (cpu_of(pid) - before_s) / CALLS)


def answered_by_sipp(program: Path, scenario: Path, folder: Path) -> Run:
    """SIPp's built-in server, which journals nothing and opens no socket."""
    port = free_port()
    with started([program, "-sn", "uas", "-i", "127.0.0.1", "-p", port, "-nostdin"], folder) as uas:
        time.sleep(0.5)
        calls_s = called(program, scenario, folder, port, "udp")
        return Run(calls_s=calls_s, cpu_ms=1_000 * cpu_of(uas.pid) / CALLS)


def called(program: Path, scenario: Path, folder: Path, port: int, transport: str) -> float:
    """Calls a second."""
    command = [
        *(
            program,
            f"127.0.0.1:{port}",
            "-sf",
            scenario,
            "-t",
            {"udp": "u1", "tcp": "t1"}[transport],
            "-i",
            "127.0.0.1",
        ),
        *("-m", CALLS, "-l", AT_ONCE, "-r", 5_000, "-nostdin", "-nd", "-timeout", 300, "-timeout_error"),
        *("-key", "recorded", "bench@192.0.2.44"),
    ]
    begun = time.monotonic()
    with started(command, folder) as client:
        client.wait()
        lasted = time.monotonic() - begun
        if client.returncode != 0:
            raise RuntimeError(f"SIPp ended with {client.returncode}")
    return CALLS / lasted


@contextmanager
def started(command: list[object], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process, until the end of the block."""
    process = subprocess.Popen(
        [str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def archived(server: RecordingServer) -> Table:
    """From the BYE to `available`."""
    waited = asyncio.run(_archived(server))
    return Table(
        title="From the BYE into the archive",
        about=(
            f"{FINISHED} calls of {SPOKEN_S:.0f} s, one after the other, two streams of G.711 each, over UDP.",
            "From the moment the BYE is sent until our own API, asked every 10 ms, calls the recording available.",
        ),
        columns=("what", "ms"),
        rows=[("median", statistics.median(waited)), ("the longest", max(waited))],
    )


async def _archived(server: RecordingServer) -> list[float]:
    waited = []
    for number in range(FINISHED):
        voices = tuple(Voice(sound=noise(2 * number + side, seconds=SPOKEN_S)) for side in (0, 1))
        known = server.ids()
        async with Call(CallPlan(recorder=server.uri(), voices=voices)) as call:
            await call.play()
            begun = time.monotonic()
        await until(lambda known=known: all_available(server, server.ids() - known))
        waited.append(1_000 * (time.monotonic() - begun))
    return waited


async def until(there: Callable[[], bool]) -> None:
    """Look every 10 ms: another process does it, and tells nobody."""
    while not there():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def all_available(server: RecordingServer, fresh: set[str]) -> bool:
    """Whether there is something, and it can be heard."""
    return bool(fresh) and all(server.ask(f"/recordings/{name}").json()["status"] == "available" for name in fresh)


def process_of(server: RecordingServer, module: str) -> int:
    """The server's process that runs a module."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            environment = (path.parent / "environ").read_bytes()
        except OSError:
            continue
        if module.encode() in words and str(server.server.data).encode() in environment:
            return int(path.parent.name)
    raise RuntimeError(f"no process runs {module}")


def cpu_of(pid: int) -> float:
    """Seconds that all threads of a process have run."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9
