"""Memory while a recording of 1 GB goes in and comes out: the server's processes, sampled, over idle."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench.archive import archive, served
from bench.media import write_wav
from bench.tables import Budget, Table, Wish

GIGABYTE = 1_000_000_044
SAMPLE_S = 0.02
SLOW_S = 3.0
PIECE = 1 << 20


def tables(wish: Wish) -> Iterator[Table]:  # noqa: ARG001 - one measure is enough: peaks do not wander
    """One table: peak over idle, in MB."""
    with archive("bench-memory") as place, served(place) as server:
        wav = place.data.parent / "gigabyte.wav"
        write_wav(wav, GIGABYTE)
        key = {"Authorization": f"Bearer {place.owner.token}"}
        base = f"{server.url}/callvault/v1/recordings"
        fetch(f"{server.url}/callvault/v1/ping", {}, pause=0.0, stop=1)  # everything is loaded before idle is taken
        idle = resident(server.process.pid)
        location: list[str] = []
        took_in = peak(server.process.pid, lambda: location.append(upload(base, key, wav))) - idle
        url = f"{server.url}{urlsplit(location[0]).path}/media?format=original"
        quick = peak(server.process.pid, lambda: fetch(url, key, pause=0.0)) - idle
        slow = peak(server.process.pid, lambda: fetch(url, key, pause=SLOW_S, stop=50_000_000)) - idle
        ranged = peak(server.process.pid, lambda: ranges(url, key)) - idle
    rows = [
        ("taking 1 GB in over HTTP", took_in),
        ("a fast client reads 1 GB", quick),
        ("a client that stops reading for 3 s", slow),
        ("200 ranges of 1 MB", ranged),
    ]
    yield Table(
        title="Memory over idle",
        about=(
            (
                f"Resident memory of all the server's processes, sampled every {SAMPLE_S * 1000:.0f} ms; idle was"
                f" {idle:.0f} MB."
            ),
        ),
        columns=("while", "peak over idle, MB"),
        rows=rows,
        budgets=(
            Budget(what="taking in, MB over idle", measured=took_in, at_most=100.0),
            Budget(what="serving, MB over idle", measured=max(quick, slow, ranged), at_most=30.0),
        ),
    )


def resident(leader: int) -> float:
    """MB of every process of the server's group."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader:
                total += int((folder / "statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak(leader: int, deed: Callable[[], object]) -> float:
    """The most memory while something is done."""
    highest, done = [resident(leader)], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_S):
            highest[0] = max(highest[0], resident(leader))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        deed()
    finally:
        done.set()
        watcher.join()
    return highest[0]


def upload(url: str, headers: dict[str, str], path: Path) -> str:
    """Send a file; where it is to be found then."""
    split = urlsplit(url)
    connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=300)
    with path.open("rb") as file:
        connection.request("POST", split.path, body=file, headers={**headers, "Content-Length": str(GIGABYTE)})
        answer = connection.getresponse()
        assert answer.status == 201, answer.read()
        return str(answer.getheader("location"))


def fetch(url: str, headers: dict[str, str], *, pause: float, stop: int = GIGABYTE) -> None:
    """Read, after a pause with an open connection, so many bytes."""
    split = urlsplit(url)
    connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=300)
    connection.request("GET", f"{split.path}?{split.query}", headers=headers)
    answer = connection.getresponse()
    time.sleep(pause)
    buffer, received = bytearray(PIECE), 0
    while received < stop and (got := answer.readinto(buffer)):
        received += got
    connection.close()


def ranges(url: str, headers: dict[str, str]) -> None:
    """Two hundred stretches of 1 MB, one after the other."""
    for turn in range(200):
        start = turn * 4_999_999
        fetch(url, {**headers, "Range": f"bytes={start}-{start + 999_999}"}, pause=0.0)
