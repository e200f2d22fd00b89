"""Finishing: from a call's spool to its sound file, in times real time of one core, and what memory that takes.

Everything counts: reading the spool, check sums, sorting, placing, writing the WAV file.  Calls of different lengths
are finished in processes of their own, so that each one's memory is seen.  What does not live here: storing the file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from uuid import UUID

import av
import numpy as np
import pylibsrtp
from tests.rtp_calls import EPOCH_NS, MS, arrived, batches, spooled, stream
from tests.spool_chunks import write_batch

from bench.rounds import alternate
from bench.tables import Budget, Table, Wish
from callvault.audio.packet_decoders import PacketDecoder
from callvault.capture.finishing.spool_files import finish_files
from callvault.capture.journals import JournalFile
from callvault.capture.spools import SpoolPaths
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.journal import Begun, Ended, Payload, Reason, StreamAgreed
from callvault.protocols.srtp import Opener
from callvault.protocols.srtp_keys import SrtpKey

MINUTES = {"10 minutes": 10, "1 hour": 60, "4 hours": 240}
TROUBLED = "1 hour, 1 % lost, jitter of 40 ms"
PCMU = Payload(number=0, name="PCMU", clock_rate=8000)
PACKETS = 5000
SUITE, KEY = "AES_CM_128_HMAC_SHA1_80", bytes(range(30))


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One call finished."""

    cpu_s: float
    wall_s: float
    idle_mb: float
    most_mb: float


def tables(wish: Wish) -> Iterator[Table]:
    """Finishing, then what is done to single packets."""
    rounds = wish.rounds or 3
    with tempfile.TemporaryDirectory(prefix="bench-finishing-") as place:
        folder = Path(place)
        minutes = {**MINUTES, TROUBLED: 60}
        measures: dict[str, Callable[[], Run]] = {}
        for name, length in minutes.items():
            paths = SpoolPaths(journal=folder / f"{name}.journal", media=folder / f"{name}.media")
            spool_a_call(paths, length, troubled=name == TROUBLED)
            measures[name] = partial(finished_apart, paths)
        yield _finishing(minutes, alternate(rounds, measures), rounds)
    yield _single(rounds)


def _finishing(minutes: dict[str, int], found: dict[str, list[Run]], rounds: int) -> Table:
    faster = {name: median(60 * minutes[name] / run.cpu_s for run in runs) for name, runs in found.items()}
    wall = {name: median(60 * minutes[name] / run.wall_s for run in runs) for name, runs in found.items()}
    memory = {name: median(run.most_mb - run.idle_mb for run in runs) for name, runs in found.items()}
    whole = {name: median(run.most_mb for run in runs) for name, runs in found.items()}
    return Table(
        title="Finishing calls",
        about=(
            f"Two streams of G.711 with noise, spooled every 200 ms, medians of {rounds} alternating rounds.",
            "× is real time over the processor time of one core; by the clock, the machine's other work is in it.",
            "Memory is the process's own at its most, and that above what it had after finishing ten seconds.",
        ),
        columns=("call", "× of a core", "× by the clock", "memory, MB", "of it above idle, MB"),
        rows=[(name, faster[name], wall[name], whole[name], memory[name]) for name in minutes],
        budgets=(
            Budget(what="an hour, times real time of a core", measured=faster["1 hour"], at_least=8000),
            Budget(
                what="memory of four hours over that of ten minutes",
                measured=whole["4 hours"] / whole["10 minutes"],
                at_most=1.25,
            ),
        ),
    )


def spool_a_call(paths: SpoolPaths, minutes: float, *, troubled: bool = False) -> None:
    """A take of two streams as the media worker leaves it."""
    journal = JournalFile(paths.journal)
    journal.write(
        Begun(take=UUID(int=7 << 76), at_ns=EPOCH_NS, account_id=UUID(int=1), door="siprec"),
        *(StreamAgreed(at_ns=EPOCH_NS, stream=leg, label=str(leg), payloads=(PCMU,)) for leg in (0, 1)),
        Ended(at_ns=EPOCH_NS + int(minutes * 60_000) * MS, reason=Reason.BYE),
    )
    journal.close()
    packets = round(minutes * 3000)
    with paths.media.open("wb") as file:
        for first in range(0, packets, 15_000):
            for batch in spooled(
                *(_leg(leg, first, min(15_000, packets - first), troubled=troubled) for leg in (0, 1))
            ):
                file.write(write_batch(batch))


def _leg(leg: int, first: int, packets: int, *, troubled: bool) -> list[Batch]:
    sent = stream(
        packets,
        first + leg,
        start_ns=first * 20 * MS,
        first_sequence=65_000 + first,
        first_timestamp=first * 160,
        ssrc=leg,
    )
    dice = np.random.default_rng(first)
    keep = dice.random(packets) >= 0.01 if troubled else None
    return batches(leg, arrived(sent, dice.integers(0, 40 if troubled else 2, packets) * MS, keep=keep))


def finished_apart(paths: SpoolPaths) -> Run:
    """Finish a take in a process of its own."""
    line = [sys.executable, "-m", "bench.finishing", str(paths.journal), str(paths.media)]
    made = subprocess.run(line, check=True, capture_output=True, text=True)
    return Run(**json.loads(made.stdout))


def measure(paths: SpoolPaths) -> dict[str, float]:
    """What the process above tells."""
    with tempfile.TemporaryDirectory(dir=paths.media.parent) as place:
        small = SpoolPaths(journal=Path(place, "small.journal"), media=Path(place, "small.media"))
        spool_a_call(small, 10 / 60)
        finish_files(small, Path(place), _unsealed)
        idle_mb = _most_mb()
        cpu, wall = time.process_time(), time.perf_counter()
        finish_files(paths, Path(place), _unsealed)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return {"cpu_s": cpu, "wall_s": wall, "idle_mb": idle_mb, "most_mb": _most_mb()}


def _most_mb() -> float:
    """The most that was resident since this program began; ``ru_maxrss`` would count its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def _unsealed(sealed: str) -> list[SrtpKey]:
    return [SrtpKey(suite=sealed, secret=b"")]


def _single(rounds: int) -> Table:
    measures: dict[str, Callable[[], float]] = {"SRTP, opened": _opened, "SRTP, pylibsrtp alone": _opened_barely}
    for name, codec, rate, frame in CODECS:
        payloads = _encoded(codec, rate, frame)
        measures[f"{name}, decoded"] = partial(_decoded, name, payloads)
    found = {name: median(each) for name, each in alternate(rounds, measures).items()}
    return Table(
        title="Single packets",
        about=(
            f"{PACKETS:,} packets of 20 ms (G.723: 30 ms) at a time, medians of {rounds} alternating rounds.",
            "G.711 is not decoded at all where both streams have it: its octets are those of the file.",
        ),
        columns=("what", "µs a packet", "× of a core, one stream"),
        rows=[(name, us, (30_000 if name.startswith("G723") else 20_000) / us) for name, us in found.items()],
    )


CODECS = (
    ("G722", "g722", 16_000, 320),
    ("OPUS", "libopus", 48_000, 960),
    ("AMR", "libopencore_amrnb", 8000, 160),
    ("G723", "g723_1", 8000, 240),
    ("G726-32", "", 8000, 80),
    ("G729", "", 8000, 20),
    ("GSM", "", 8000, 33),
    ("ILBC", "", 8000, 38),
)
"""Encoding name, FFmpeg's encoder, its rate and samples a packet; without an encoder, octets a packet."""


def _encoded(codec: str, rate: int, frame: int) -> list[bytes]:
    dice = np.random.default_rng(1)
    if not codec:
        head = b"\xd0" if frame == 33 else b""
        return [head + dice.bytes(frame - len(head)) for _ in range(PACKETS)]
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = rate, "mono", "s16"  # type: ignore[attr-defined]
    if codec == "g723_1":
        context.bit_rate = 6300
    packets: list[bytes] = []
    for _ in range(PACKETS):
        piece = av.AudioFrame.from_ndarray(dice.integers(-9000, 9000, (1, frame)).astype(np.int16), "s16", "mono")
        piece.sample_rate = rate
        packets += [bytes(packet) for packet in context.encode(piece)]  # type: ignore[attr-defined]
    return [b"\xf0" + packet for packet in packets] if codec.endswith("amrnb") else packets


def _decoded(name: str, payloads: list[bytes]) -> float:
    decoder = PacketDecoder(name, "octet-align=1")
    began = time.process_time()
    for payload in payloads:
        decoder.decode(payload)
    return (time.process_time() - began) / len(payloads) * 1e6


def _sealed() -> list[bytes]:
    policy = pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    session = pylibsrtp.Session(policy)
    clear = [packet for batch in batches(0, arrived(stream(PACKETS))) for packet in batch.packets()]
    return [session.protect(packet) for packet in clear]


def _opened() -> float:
    packets = _sealed()
    batch = Batch(
        stream=0,
        content=Content.RTP,
        arrivals_ns=np.zeros(len(packets), dtype=np.int64),
        lengths=np.array([len(packet) for packet in packets], dtype=np.uint16),
        data=np.frombuffer(b"".join(packets), dtype=np.uint8),
    )
    opener = Opener([SrtpKey(suite=SUITE, secret=KEY)])
    began = time.process_time()
    opener.open(batch)
    return (time.process_time() - began) / len(packets) * 1e6


def _opened_barely() -> float:
    packets = _sealed()
    policy = pylibsrtp.Policy(key=KEY, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
    session = pylibsrtp.Session(policy)
    began = time.process_time()
    for packet in packets:
        session.unprotect(packet)
    return (time.process_time() - began) / len(packets) * 1e6


if __name__ == "__main__":
    print(json.dumps(measure(SpoolPaths(journal=Path(sys.argv[1]), media=Path(sys.argv[2])))))
