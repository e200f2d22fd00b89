"""Audio by the byte: the server's answers against nginx serving the very same file, in the same rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.services import nginx
from tests.services.need import provide

from bench.archive import archive, served
from bench.load import press
from bench.rounds import alternate, ratio
from bench.tables import Budget, Table, Wish

FILE_BYTES = 60_000_044
SECONDS = 2
"""How long each of a round's measures lasts."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is asked for, and by how many at once."""

    name: str
    span: int | None
    """Bytes of the range; None: the whole file."""
    readers: int
    budget: float
    """The least share of nginx's bytes a second."""


READINGS = (
    Reading(name="whole file, 8 at once", span=None, readers=8, budget=0.6),
    Reading(name="ranges of 1 MB, 64 at once", span=1_000_000, readers=64, budget=0.6),
    Reading(name="ranges of 100 kB, 64 at once", span=100_000, readers=64, budget=0.25),
)


def tables(wish: Wish) -> Iterator[Table]:
    """One table: bytes a second, ours over nginx's."""
    program = provide(nginx.WHAT, nginx.find, nginx.INSTALL_LINE)
    rounds = wish.rounds or 5
    with archive("bench-media") as place, served(place) as server:
        wav = place.data.parent / "sixty.wav"
        write_wav(wav, FILE_BYTES)
        (taken,) = server.callvault("add", str(wav), "--account", "bench")
        shown = server.callvault("show", taken["id"])
        original = place.data / "media" / shown["recording"]["media"]["key"]
        key = {"Authorization": f"Bearer {place.owner.token}"}
        with nginx.serving(original.parent, program=program) as base:
            theirs = f"{base}/{original.name}"
            ours = f"{shown['dialects']['callvault']['media_url']}?format=original"
            rows, budgets = [], []
            for reading in READINGS:
                found = alternate(
                    rounds,
                    {
                        "ours": partial(throughput, ours, key, reading),
                        "nginx": partial(throughput, theirs, {}, reading),
                    },
                )
                share = ratio(found["ours"], found["nginx"])
                rows.append((reading.name, median_mb(found["ours"]), median_mb(found["nginx"]), share))
                budgets.append(Budget(what=f"{reading.name}: share of nginx", measured=share, at_least=reading.budget))
    yield Table(
        title="Audio against nginx",
        about=(
            f"One WAV original of 60 MB over loopback, read by wrk, {rounds} alternating rounds of {SECONDS} s each.",
            "nginx serves the same file with sendfile and checks nothing; the server checks a key at every request.",
        ),
        columns=("what", "callvault MB/s", "nginx MB/s", "share"),
        rows=rows,
        budgets=tuple(budgets),
    )


def write_wav(path: Path, size: int) -> None:
    """A file of noise-free audio of exactly so many bytes, header included."""
    data = size - 44
    header = b"RIFF" + (36 + data).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += bytes.fromhex("01000200401f0000007d000004001000") + b"data" + data.to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(header)
        block = bytes(range(256)) * 4096
        while data:
            file.write(block[:data])
            data -= min(data, len(block))


def throughput(url: str, headers: dict[str, str], reading: Reading) -> float:
    """Bytes a second that all readers together received; every range lies in the middle of the file."""
    start = FILE_BYTES // 2
    more = {"Range": f"bytes={start}-{start + reading.span - 1}"} if reading.span is not None else {}
    return press(url, {**headers, **more}, seconds=SECONDS, connections=reading.readers).bytes_s


def median_mb(found: list[float]) -> float:
    """The rounds' median in MB/s."""
    return sorted(found)[len(found) // 2] / 1e6
