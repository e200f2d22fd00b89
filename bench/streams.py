"""Media streams at capacity: hundreds of Twilio's streams at once, against a bare loop of the same WebSocket library.

Both receive the same frames, in turns, on the same core, while the sender has the other one.  Every octet of every
track is compared with what was sent.  What does not live here: the processes (``streaming``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.receiving import OURS, THEIRS, cpu_of, resident_kb
from bench.rounds import alternate, ratio
from bench.streaming.spoken import TRACKS, payloads
from bench.tables import Budget, Table, Wish
from callvault.capture.journals import read_journal
from callvault.capture.spools import Spools
from callvault.protocols import rtp
from callvault.protocols.spool.batch import Batch
from callvault.protocols.spool.chunks import read

STREAMS = 300
FRAMES = 400
"""Of each track: eight seconds."""
PATIENCE_S = 60.0
IDLE = 0.05
"""Seconds of CPU in half a second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run came to."""

    cpu_s: float
    lost: int
    """Frames of which the spool has not every octet."""
    idle_kb: int
    full_kb: int
    late_ms: float
    """The sender, at most."""

    @property
    def us(self) -> float:
        """CPU a frame."""
        return 1e6 * self.cpu_s / (STREAMS * len(TRACKS) * FRAMES)

    @property
    def per_core(self) -> float:
        """Streams of two tracks that a core takes."""
        return 1e6 / (self.us * len(TRACKS) * 50)


def tables(wish: Wish) -> Iterator[Table]:
    """One table: CPU a frame, memory, loss."""
    with tempfile.TemporaryDirectory(prefix="callvault-bench-") as name:
        found = alternate(
            wish.rounds or 3,
            {
                "websockets, received and forgotten": partial(run, "bare", Path(name)),
                "callvault": partial(run, "callvault", Path(name)),
            },
        )
    ours, theirs = found["callvault"], found["websockets, received and forgotten"]
    times = ratio([each.us for each in ours], [each.us for each in theirs])
    lost = sum(each.lost for each in ours)
    yield Table(
        title="Media streams",
        about=(
            f"{STREAMS} streams of two tracks, {FRAMES / 50:.0f} s, {wish.rounds or 3} rounds in turns, one core each.",
            "Bare is the same library's own server with a loop that receives and does nothing.",
            "callvault reads the frames, makes RTP of them and writes it; every octet of it was compared.",
        ),
        columns=("what", "µs a frame", "streams a core", "times bare", "kB a stream", "frames lost"),
        rows=[
            (
                what,
                statistics.median(each.us for each in runs),
                statistics.median(each.per_core for each in runs),
                ratio([each.us for each in runs], [each.us for each in theirs]),
                statistics.median((each.full_kb - each.idle_kb) / STREAMS for each in runs),
                sum(each.lost for each in runs) if runs is ours else None,
            )
            for what, runs in found.items()
        ],
        budgets=(
            Budget(what="times bare", measured=times, at_most=2.0),
            Budget(what="frames lost", measured=lost, at_most=0),
        ),
    )


def run(kind: str, folder: Path) -> Run:
    """One receiver, one sender."""
    place = Path(tempfile.mkdtemp(dir=folder))
    receiver = _started("receiver", kind, str(place), core=OURS)
    assert receiver.stdout is not None
    port = int(receiver.stdout.readline())
    idle_kb = resident_kb(receiver.pid)
    sender = _started("sender", str(port), "/streams/twilio/open", str(STREAMS), str(FRAMES), core=THEIRS)
    begun_s = cpu_of(receiver.pid)
    assert sender.stdout is not None
    said = json.loads(sender.stdout.readline())
    cpu_s, full_kb = _settled(receiver.pid) - begun_s, resident_kb(receiver.pid)
    _ended(sender)
    lost = 0
    if kind == "callvault":
        lost = _lost(Spools(place / "data" / "spool"))
    _ended(receiver)
    return Run(cpu_s=cpu_s, lost=lost, idle_kb=idle_kb, full_kb=full_kb, late_ms=said["late_ms"])


def _started(module: str, *told: str, core: list[int]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", f"bench.streaming.{module}", *told],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.sched_setaffinity(process.pid, core)
    return process


def _ended(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE_S) == 0


def _settled(pid: int) -> float:
    """CPU of a process when it has nothing left to do: what waits in its sockets is work too."""
    until = time.monotonic() + PATIENCE_S
    before, now = 0.0, cpu_of(pid)
    while now - before > IDLE:
        assert time.monotonic() < until, "it does not come to an end"
        time.sleep(0.5)
        before, now = now, cpu_of(pid)
    return now


def _lost(spools: Spools) -> int:
    """When all takes have ended: how many frames are not there as they were sent."""
    until = time.monotonic() + PATIENCE_S
    while len(spools.ended_takes()) < STREAMS:
        assert time.monotonic() < until, f"{len(spools.ended_takes())} of {STREAMS} takes have ended"
        time.sleep(0.1)
    lost = 0
    for take in spools.ended_takes():
        paths = spools.ended(take)
        begun = read_journal(paths.journal).begun
        assert begun is not None
        assert begun.call_id is not None
        stream = int(begun.call_id.removeprefix("CA"))
        batches = [each for each in read(memoryview(paths.media.read_bytes())) if isinstance(each, Batch)]
        for track in range(len(TRACKS)):
            own = [batch for batch in batches if batch.stream == track]
            packets, _ = rtp.read(
                np.concatenate([batch.arrivals_ns for batch in own]),
                np.concatenate([batch.lengths for batch in own]),
                np.concatenate([batch.data for batch in own]),
            )
            sent, came = payloads(stream, track, FRAMES), rtp.payloads(packets).reshape(len(packets), -1)
            same = len(came) == FRAMES and bool(np.array_equal(sent, came))
            lost += 0 if same else FRAMES - min(FRAMES, len(came)) or 1
    return lost
