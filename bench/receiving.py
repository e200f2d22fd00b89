"""Receiving at capacity: ten thousand streams of G.711 drained by a media worker, against a bare loop in C.

Both write the same packets, in turns, on the same core, while the sender has the other one.  Every octet of every
stream is compared with what was sent.  What does not live here: the programs in C (``capture``).
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.system.media_node import Node, came, gate_of, open_calls, running_node, take_of

from bench.capture.programs import Programs, compiled, dropped_by_kernel, receiving, sending
from bench.rounds import alternate, ratio
from bench.tables import Budget, Table, Wish

CALLS = 5_000
STREAMS = 2 * CALLS
PACKETS = 250
"""Of each stream: five seconds."""
TOGETHER = 5
"""Packets of a stream that leave at once, since the sender has one core."""
SEED = 5
OURS, THEIRS = [0], [1]
"""The cores: whoever receives, and the sender."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run came to."""

    cpu_s: float
    packets: int
    lost: int
    dropped: int
    """By the kernel, in all sockets of the machine meanwhile."""
    idle_kb: int = 0
    full_kb: int = 0

    @property
    def us(self) -> float:
        """CPU a packet."""
        return 1e6 * self.cpu_s / self.packets

    @property
    def core(self) -> float:
        """Share of a core, at fifty packets a second and stream."""
        return self.us * STREAMS * 50 / 1e6


def tables(wish: Wish) -> Iterator[Table]:
    """Two tables: CPU a packet, and what a killed worker costs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="callvault-bench-") as name:
        programs = compiled(Path(name))
        yield capacity(programs, Path(name), wish.rounds or 3)
        yield killed(programs, Path(name))


def capacity(programs: Programs, folder: Path, rounds: int) -> Table:
    """CPU a packet, against C."""
    found = alternate(
        rounds,
        {
            "C, 200 ms": partial(bare, programs, folder, 200),
            "callvault, 200 ms": partial(captured, programs, folder, 200),
            "C, 400 ms": partial(bare, programs, folder, 400),
            "callvault, 400 ms": partial(captured, programs, folder, 400),
        },
    )
    ratios = {
        tick: ratio(
            [run.us for run in found[f"callvault, {tick} ms"]],
            [run.us for run in found["C, 200 ms"]],
        )
        for tick in (200, 400)
    }
    ours = found["callvault, 200 ms"]
    per_call = statistics.median((run.full_kb - run.idle_kb) / CALLS for run in ours)
    return Table(
        title="Receiving",
        about=(
            f"{STREAMS:,} streams of {CALLS:,} calls, {PACKETS / 50:.0f} s, {rounds} rounds in turns.",
            f"The sender has one core, so {TOGETHER} packets of a stream leave at once.",
            "C is one recvmmsg loop that writes the packets to one file.",
            "callvault writes a file a call, with arrival times and check sums, and every octet of it was compared.",
            f"Memory a call, of worker and supervisor over idle: {per_call:.1f} kB.",
        ),
        columns=("what", "µs a packet", "of a core", "times C at 200 ms", "packets", "lost", "dropped by the kernel"),
        rows=[
            (
                what,
                statistics.median(run.us for run in runs),
                statistics.median(run.core for run in runs),
                ratio([run.us for run in runs], [run.us for run in found["C, 200 ms"]]),
                sum(run.packets for run in runs),
                sum(run.lost for run in runs),
                sum(run.dropped for run in runs),
            )
            for what, runs in found.items()
        ],
        budgets=(
            Budget(what="times C, 200 ms", measured=ratios[200], at_most=1.5),
            Budget(what="times C, 400 ms", measured=ratios[400], at_most=1.25),
            Budget(what="packets lost", measured=sum(run.lost for runs in found.values() for run in runs), at_most=0),
            Budget(
                what="cores for 500,000 packets a second", measured=statistics.median(r.core for r in ours), at_most=0.5
            ),
        ),
    )


def bare(programs: Programs, folder: Path, tick_ms: int) -> Run:
    """The loop in C."""
    before = dropped_by_kernel()
    with receiving(programs, folder / "written", streams=STREAMS, tick_ms=tick_ms, cores=OURS) as receiver:
        with spoken(programs, folder, ports=receiver.ports) as sender:
            sent = sender.report()
        taken = receiver.report()
    (folder / "written").unlink()
    return Run(
        cpu_s=taken["cpu_s"],
        packets=taken["packets"],
        lost=sent["packets"] - taken["packets"],
        dropped=dropped_by_kernel() - before,
    )


spoken = partial(sending, packets=PACKETS, seed=SEED, together=TOGETHER, cores=THEIRS)


def captured(programs: Programs, folder: Path, tick_ms: int) -> Run:
    """A supervisor and one media worker."""
    return asyncio.run(_captured(programs, folder, tick_ms))


async def _captured(programs: Programs, folder: Path, tick_ms: int) -> Run:
    before = dropped_by_kernel()
    with running_node(tick_ms=tick_ms) as node, gate_of(node) as gate:
        pids = pinned(node)
        idle_kb = sum(map(resident_kb, pids))
        ports = await open_calls(gate, CALLS)
        (worker,) = node.workers_with_sockets()
        begun_s = cpu_of(worker)
        with spoken(programs, folder, ports=ports) as sender:
            await asyncio.to_thread(sender.report)
        await asyncio.sleep(2 * tick_ms / 1000)
        cpu_s, full_kb = cpu_of(worker) - begun_s, sum(map(resident_kb, pids))
        await asyncio.gather(*(gate.shut(take_of(number)) for number in range(CALLS)))
        await gate.close()
        files = [node.spools.live(take_of(number)).media for number in range(CALLS)]
        found = came(files, seed=SEED, packets=PACKETS)
    lost = sum(found.missing)
    return Run(
        cpu_s=cpu_s,
        packets=STREAMS * PACKETS - lost,
        lost=lost,
        dropped=dropped_by_kernel() - before,
        idle_kb=idle_kb,
        full_kb=full_kb,
    )


def killed(programs: Programs, folder: Path) -> Table:
    """A worker with all these streams is killed."""
    found, away_ms = asyncio.run(_killed(programs, folder))
    lost_ms = [20 * missing / 3 for missing in found]
    return Table(
        title="A media worker killed three times",
        about=(f"{STREAMS:,} streams; lost is counted octet by octet, and over when the successor answers.",),
        columns=("what", "ms"),
        rows=[
            ("lost a kill and stream, mean", statistics.mean(lost_ms)),
            ("lost, the worst stream in all three", 20 * max(found)),
            ("until the successor answers, the longest", max(away_ms)),
        ],
        budgets=(
            Budget(what="lost a kill and stream, ms", measured=statistics.mean(lost_ms), at_most=20),
            Budget(what="until the successor answers, ms", measured=max(away_ms), at_most=500),
        ),
    )


async def _killed(programs: Programs, folder: Path) -> tuple[list[int], list[float]]:
    away_ms = []
    with running_node() as node, gate_of(node) as gate:
        pinned(node)
        ports = await open_calls(gate, CALLS)
        with spoken(programs, folder, ports=ports) as sender:
            for _ in range(3):
                await asyncio.sleep(1.37)
                (worker,) = node.workers_with_sockets()
                os.kill(worker, signal.SIGKILL)
                began = time.monotonic()
                await gate.heard(take_of(0))
                away_ms.append(1000 * (time.monotonic() - began))
            await asyncio.to_thread(sender.report)
        await asyncio.gather(*(gate.shut(take_of(number)) for number in range(CALLS)))
        await gate.close()
        files = [node.spools.live(take_of(number)).media for number in range(CALLS)]
        return came(files, seed=SEED, packets=PACKETS).missing, away_ms


def pinned(node: Node) -> list[int]:
    """The supervisor and all workers, on the receiving core."""
    assert node.supervisor is not None
    pids = [node.supervisor.pid, *node.workers()]
    for pid in pids:
        os.sched_setaffinity(pid, OURS)
    return pids


def cpu_of(pid: int) -> float:
    """Seconds that all threads of a process have run."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resident_kb(pid: int) -> int:
    """Of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
