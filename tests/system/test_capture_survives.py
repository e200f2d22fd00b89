"""Nothing that reached us is lost: processes are killed in mid-call, disks get full, and every octet is compared.

Each test prints how much audio was lost.  The bounds are wide where another process may keep the machine busy, since a
test must not fail for that; what was measured in quiet is in ``docs/benchmarks.md``.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from bench.capture import programs

from callvault.capture.gate import Opening
from callvault.capture.remote_gate import RemoteGate
from callvault.capture.vigil import EVERY_S, LONGEST_HUNG_S
from callvault.errors import TooMany
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.chunks import read
from callvault.protocols.spool.drops import drops_in
from tests.services.need import Missing, need
from tests.system.media_node import Came, Node, came, gate_of, open_calls, running_node, take_of

SEED = 20_261_121


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> programs.Programs:
    try:
        return programs.compiled(tmp_path_factory.mktemp("programs"))
    except Missing as missing:
        pytest.fail(str(missing))


@asynccontextmanager
async def calls(
    node: Node, gate: RemoteGate, built: programs.Programs, folder: Path, *, count: int, packets: int, legs: int = 2
) -> AsyncIterator[programs.Running]:
    """So many calls, with somebody who speaks on each leg."""
    ports = await open_calls(gate, count, legs=legs)
    with programs.sending(built, folder, ports=ports, packets=packets, seed=SEED) as sender:
        yield sender


async def ended(node: Node, gate: RemoteGate, *, count: int, packets: int, legs: int = 2) -> Came:
    """Shut the gate behind all calls at once, which are synced together, and see what is in their spools."""
    await asyncio.gather(*(gate.shut(take_of(number)) for number in range(count)))
    files = [node.spools.live(take_of(number)).media for number in range(count)]
    return came(files, seed=SEED, packets=packets, legs=legs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "legs", "tick_ms"),
    [(1, 1, 200), (100, 2, 200), (500, 2, 200), (500, 2, 10)],
    ids=["1", "200", "1000", "1000, drained without a pause"],
)
async def test_a_media_worker_is_killed_again_and_again_and_the_calls_go_on(
    built: programs.Programs, tmp_path: Path, count: int, legs: int, tick_ms: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not one packet is lost: the sockets keep what comes while nobody reads, the arena what was drained already.

    Where it is drained without a pause, nearly every kill falls between draining and writing, or into a write.
    """
    kills, packets = 8, 400
    moments = random.Random(count)
    away: list[float] = []
    with running_node(tick_ms=tick_ms) as node, gate_of(node) as gate:
        async with calls(node, gate, built, tmp_path, count=count, packets=packets, legs=legs) as sender:
            for _ in range(kills):
                await asyncio.sleep(moments.uniform(0.6, 0.8))
                (worker,) = node.workers_with_sockets()
                os.kill(worker, signal.SIGKILL)
                killed = time.monotonic()
                await gate.heard(take_of(0))  # answered by the successor
                away.append(time.monotonic() - killed)
            await asyncio.to_thread(sender.report)
        found = await ended(node, gate, count=count, packets=packets, legs=legs)
        await gate.close()
    with capsys.disabled():
        print(f"\n{kills} kills: {found}; a successor after {1000 * max(away):.0f} ms at most")
    assert found.missing == [0] * count * legs


@pytest.mark.slow
async def test_a_media_worker_that_hangs_is_killed_and_its_successor_goes_on(
    built: programs.Programs, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What comes while it hangs waits in the sockets, and nothing of it is lost."""
    count, packets = 50, 500
    with running_node() as node, gate_of(node) as gate:
        async with calls(node, gate, built, tmp_path, count=count, packets=packets) as sender:
            await asyncio.sleep(1.0)
            (worker,) = node.workers_with_sockets()
            os.kill(worker, signal.SIGSTOP)
            stopped = time.monotonic()
            await gate.heard(take_of(0))  # answered by the successor
            away_s = time.monotonic() - stopped
            assert worker not in node.workers_with_sockets()
            await asyncio.to_thread(sender.report)
        found = await ended(node, gate, count=count, packets=packets)
        await gate.close()
    said = capfd.readouterr().err
    with capfd.disabled():
        print(f"\na worker stopped: {found}; a successor after {away_s:.1f} s")
    assert f"the media worker {worker} has shown no progress for" in said
    assert sum(found.missing) == 0
    assert found.last == [packets - 1] * count * 2


@pytest.mark.slow
async def test_a_worker_that_waits_is_followed_too_when_it_hangs(tmp_path: Path) -> None:
    """Else nobody would be there when the one at work dies."""
    with running_node() as node, gate_of(node) as gate:
        await open_calls(gate, 1)
        while not (spare := set(node.workers()) - set(node.workers_with_sockets())):  # noqa: ASYNC110 - its door
            await asyncio.sleep(0.05)
        (waiting,) = spare
        os.kill(waiting, signal.SIGSTOP)
        (worker,) = node.workers_with_sockets()
        os.kill(worker, signal.SIGKILL)
        assert sorted(await gate.heard(take_of(0))) == [0, 1]
        assert waiting not in node.workers()
        await gate.close()


@pytest.mark.slow
async def test_a_supervisor_that_was_stopped_itself_shoots_nobody(tmp_path: Path) -> None:
    """As when the machine was suspended: the first look after it finds everybody silent."""
    with running_node() as node, gate_of(node) as gate:
        await open_calls(gate, 1)
        before = node.workers_with_sockets()
        assert node.supervisor is not None
        for pid in (*before, node.supervisor.pid):
            os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(LONGEST_HUNG_S + 2 * EVERY_S)
        for pid in (node.supervisor.pid, *before):
            os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(2 * EVERY_S)
        assert sorted(await gate.heard(take_of(0))) == [0, 1]
        assert node.workers_with_sockets() == before
        await gate.close()


@pytest.mark.slow
async def test_everything_is_killed_and_what_had_been_flushed_is_there(
    built: programs.Programs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lost is what came since the last tick; when that was, is the machine's to say where others keep it busy.

    So all five are judged by what had been written, and one of them by the time that was lost.
    """
    lost_ms: list[float] = []
    for number in range(5):
        with running_node() as node, gate_of(node) as gate:
            async with calls(node, gate, built, tmp_path, count=10, packets=1000):
                files = [node.spools.live(take_of(call)).media for call in range(10)]
                await asyncio.sleep(1.0 + number * 0.043)
                flushed = [file.read_bytes() for file in files]
                node.kill_everything()
                killed_ns = time.time_ns()
            await gate.close()
            assert all(file.read_bytes().startswith(before) for file, before in zip(files, flushed, strict=True))
            found = came(files, seed=SEED, packets=1000)
            lost_ms.append((killed_ns - found.last_ns) / 1e6)
            whole = [last + 1 for last in found.last]
            assert [1000 - missing for missing in found.missing] == whole, "there is a hole before the end"
    with capsys.disabled():
        print(f"\n5 kills of everything: {', '.join(f'{lost:.0f}' for lost in lost_ms)} ms lost; a tick is 200")
    assert min(lost_ms) < 1000


@pytest.mark.slow
async def test_the_supervisor_is_killed_and_its_successor_has_the_same_sockets(
    built: programs.Programs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count, packets = 120, 250
    with running_node() as node, gate_of(node) as gate:
        async with calls(node, gate, built, tmp_path, count=count, packets=packets) as sender:
            await asyncio.sleep(1.0)
            before = node.workers_with_sockets()
            ports = await open_calls(gate, count)
            node.kill_supervisor()
            asked = asyncio.create_task(open_calls(gate, count))
            await asyncio.to_thread(node.start)
            assert await asked == ports
            assert node.workers_with_sockets() == before
            (worker,) = before
            os.kill(worker, signal.SIGKILL)  # what was handed back is handed on
            await asyncio.to_thread(sender.report)
        found = await ended(node, gate, count=count, packets=packets)
        await gate.close()
    with capsys.disabled():
        print(f"\nthe supervisor, then its worker killed: {found}")
    assert found.missing == [0] * count * 2


async def test_of_a_worker_that_stands_still_too_long_it_is_told_how_much_was_lost() -> None:
    """The rest waits for it; what the kernel threw away is counted to the packet."""
    sent = 6000  # a buffer has room for less than half of them
    with running_node() as node, gate_of(node) as gate, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        (port,) = await open_calls(gate, 1, legs=1)
        (worker,) = node.workers_with_sockets()
        os.kill(worker, signal.SIGSTOP)
        for number in range(sent):
            phone.sendto(b"\x80\x00" + number.to_bytes(2, "big") + bytes(168), ("127.0.0.1", port))
        os.kill(worker, signal.SIGCONT)
        await gate.shut(take_of(0))
        await gate.close()
        found = list(read(memoryview(node.spools.live(take_of(0)).media.read_bytes())))
    batches = [each for each in found if isinstance(each, Batch)]
    received = [packet for each in batches if each.content is Content.RTP for packet in each.packets()]
    dropped = drops_in(packet for each in batches if each.content is Content.DROPS for packet in each.packets())
    assert batches == found
    assert [int.from_bytes(packet[2:4], "big") for packet in received] == list(range(len(received)))
    assert dropped > 0
    assert len(received) + dropped == sent


async def test_a_torn_chunk_costs_nothing_but_itself(built: programs.Programs, tmp_path: Path) -> None:
    """As a kill within a write leaves it; the next worker appends behind it."""
    with running_node() as node, gate_of(node) as gate:
        async with calls(node, gate, built, tmp_path, count=1, packets=30) as sender:
            await asyncio.to_thread(sender.report)
        await gate.shut(take_of(0))
        file = node.spools.live(take_of(0)).media
        os.truncate(file, file.stat().st_size - 100)
        whole = sum(isinstance(each, Batch) for each in read(memoryview(file.read_bytes())))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            (opened,) = await gate.open(take_of(0), [Opening(stream=5, host="127.0.0.1")])
            phone.sendto(b"\x80\x08" + bytes(170), ("127.0.0.1", opened.port))
            await gate.shut(take_of(0))
        await gate.close()
        found = list(read(memoryview(file.read_bytes())))
    assert sum(isinstance(each, Damage) for each in found) == 1
    assert sum(isinstance(each, Batch) for each in found) == whole + 1
    assert isinstance(found[-1], Batch)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own."""
    folder.mkdir()

    def mounted() -> bool | None:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
        )
        return True if done.returncode == 0 else None

    need("A small disk", mounted, f"sudo mount -t tmpfs -o size={size} tmpfs FOLDER")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Use up all room."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return ballast
    return ballast


async def test_while_the_disk_is_full_packets_wait_and_none_is_lost(
    built: programs.Programs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count, packets = 4, 200
    with (
        small_disk(tmp_path / "disk", "8M") as disk,
        running_node(spool=disk / "spool") as node,
        gate_of(node) as gate,
    ):
        async with calls(node, gate, built, tmp_path, count=count, packets=packets) as sender:
            await asyncio.sleep(0.5)
            (worker,) = node.workers_with_sockets()
            ballast = fill(disk)
            await asyncio.sleep(2.0)
            assert node.workers_with_sockets() == [worker]
            ballast.unlink()
            await asyncio.to_thread(sender.report)
        found = await ended(node, gate, count=count, packets=packets)
        await gate.close()
    with capsys.disabled():
        print(f"\nfull for 2 s: {found}")
    assert (sum(found.missing), found.damages) == (0, [])


async def test_renditions_make_room_then_new_calls_are_refused_and_those_under_way_go_on(
    built: programs.Programs, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "8M") as disk:
        cache = disk / "renditions"
        old, new = cache / "a" / "old.mp3", cache / "b" / "new.mp3"
        for path, written_at in ((old, 1_000_000_000), (new, 1_100_000_000)):
            path.parent.mkdir(parents=True)
            path.write_bytes(bytes(1 << 20))
            os.utime(path, (written_at, written_at))
        with running_node(spool=disk / "spool", floor_bytes=3 << 20, caches=(cache,)) as node, gate_of(node) as gate:
            async with calls(node, gate, built, tmp_path, count=1, packets=100) as sender:
                (disk / "others").write_bytes(
                    bytes((3 << 20) + (512 << 10))
                )  # leaves half a megabyte less than the floor
                await open_calls(gate, 2)
                assert (old.exists(), new.exists()) == (False, True)
                (disk / "others").write_bytes(bytes(6 << 20))
                with pytest.raises(TooMany, match="no room"):
                    await open_calls(gate, 3)
                assert not new.exists()
                assert sorted(await gate.heard(take_of(1))) == [0, 1]
                await asyncio.to_thread(sender.report)
            found = await ended(node, gate, count=1, packets=100)
            await gate.close()
    assert sum(found.missing) == 0
