"""A node that captures: a supervisor with its media workers, real sockets, and what the C sender sent to them.

What does not live here: signalling, finishing; a node here has media alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from bench.capture import streams

from callvault.capture.gate import Gate, Opening
from callvault.capture.plan import Plan
from callvault.capture.remote_gate import RemoteGate
from callvault.capture.spools import Spools
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.bulk import read

SENT_BYTES = 172


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody has: even, and where few look for one."""
    for first in random.sample(range(2000, 9000, 2), 1000):
        with contextlib.ExitStack() as opened, contextlib.suppress(OSError):
            for port in range(first, first + count):
                opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", port))
            return first
    raise LookupError(f"there are no {count} free ports in a row")


def take_of(number: int) -> UUID:
    return UUID(int=(7 << 76) + (number << 80))


class Node:
    """A supervisor that runs, or has run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.spools = Spools(plan.spool)
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.supervisor = self.plan.launch()
        assert self.supervisor.stdout is not None
        assert self.supervisor.stdout.readline() == b"ready\n"

    def workers(self) -> list[int]:
        """Every media worker that has its door open: those at work and the one that waits."""
        return [int(path.stem.rpartition("-")[2]) for path in self.plan.run.glob("media-*.socket")]

    def workers_with_sockets(self) -> list[int]:
        """Those at work."""
        return [pid for pid in self.workers() if self._drains(pid)]

    def _drains(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return any(self._is_media(each) for each in Path(f"/proc/{pid}/fd").iterdir())
        return False

    @staticmethod
    def _is_media(descriptor: Path) -> bool:
        with contextlib.suppress(OSError):  # it was closed meanwhile
            return descriptor.readlink().suffix == ".media"
        return False

    def kill_supervisor(self) -> None:
        assert self.supervisor is not None
        assert self.supervisor.stdout is not None
        self.supervisor.kill()
        self.supervisor.wait()
        self.supervisor.stdout.close()

    def kill_everything(self) -> None:
        """Return when nobody is left who might write to the node's folders."""
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGSTOP)  # so that it begins nobody who is not known here
        number = self.supervisor.pid
        begun = Path(f"/proc/{number}/task/{number}/children")
        children = [int(pid) for pid in begun.read_text().split()] if begun.exists() else []
        self.kill_supervisor()
        for pid in {*self.workers(), *children}:
            with contextlib.suppress(ProcessLookupError):
                dying = os.pidfd_open(pid)
                os.kill(pid, signal.SIGKILL)
                select.select([dying], [], [])
                os.close(dying)

    def stop(self) -> int:
        assert self.supervisor is not None
        assert self.supervisor.stdout is not None
        self.supervisor.terminate()
        status = self.supervisor.wait()
        self.supervisor.stdout.close()
        return status


@contextmanager
def running_node(**changes: Any) -> Iterator[Node]:
    with tempfile.TemporaryDirectory(prefix="callvault-") as folder:
        plan = replace(Plan(spool=Path(folder) / "spool", run=Path(folder) / "run", floor_bytes=0), **changes)
        node = Node(plan)
        node.start()
        try:
            yield node
        finally:
            node.kill_everything()


@contextmanager
def gate_of(node: Node) -> Iterator[RemoteGate]:
    yield RemoteGate(node.plan.gate, patience_s=20.0)


async def open_calls(gate: Gate, count: int, *, legs: int = 2, host: str = "127.0.0.1") -> list[int]:
    """Calls with two streams each, from take 0 on; their ports, in the order of the sender's streams."""
    ports = []
    for number in range(count):
        opened = await gate.open(
            take_of(number), [Opening(stream=leg, host=host, shared_rtcp=True) for leg in range(legs)]
        )
        ports += [each.port for each in opened]
    return ports


@dataclass(kw_only=True)
class Came:
    """What of a sender's streams is in the spools."""

    missing: list[int]
    """By stream."""
    last: list[int]
    """By stream, the number of the last packet that came."""
    last_ns: int
    """When the last of all came."""
    damages: list[Damage]

    def __str__(self) -> str:
        lost = np.array(self.missing)
        return (
            f"{len(lost)} streams: {lost.sum()} packets lost, {20 * lost.mean():.2f} ms a stream, "
            f"the worst {20 * lost.max()} ms, {len(self.damages)} damages"
        )


def came(files: Sequence[Path], *, seed: int, packets: int, legs: int = 2) -> Came:
    """Compare every octet with what was sent; nothing may be there that was not, and nothing twice."""
    found = Came(missing=[], last=[], last_ns=0, damages=[])
    for call, file in enumerate(files):
        numbers: list[list[np.ndarray[Any, Any]]] = [[] for _ in range(legs)]
        sent = [streams.payloads(seed, call * legs + leg, packets) for leg in range(legs)]
        for each in read(memoryview(file.read_bytes())):
            if isinstance(each, Damage):
                found.damages.append(each)
            elif each.content is Content.RTP:
                numbers[each.stream].append(compared(each, seed, call * legs + each.stream, sent[each.stream]))
                found.last_ns = max(found.last_ns, int(each.arrivals_ns[-1]))
        for leg in range(legs):
            have = np.concatenate(numbers[leg]) if numbers[leg] else np.array([], dtype=np.int64)
            assert len(np.unique(have)) == len(have), "a packet is there twice"
            found.missing.append(packets - len(have))
            found.last.append(int(have.max(initial=-1)))
    return found


def compared(batch: Batch, seed: int, stream: int, sent: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    assert set(batch.lengths.tolist()) == {SENT_BYTES}
    octets = batch.data.reshape(-1, SENT_BYTES)
    sequence = octets[:, 2].astype(np.int64) << 8 | octets[:, 3]
    number = (sequence - streams.beginning(seed, stream).sequence) & 0xFFFF
    assert np.array_equal(octets[:, 12:], sent[number]), f"stream {stream} is not what was sent"
    assert (np.ascontiguousarray(octets[:, 8:12]).view(">u4").reshape(-1) == stream + 1).all()
    return number
