"""A media worker is killed somewhere between draining and writing: its successor writes what is not written yet."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from callvault.capture.gate import OPEN, Draw, Veil, VeilState
from callvault.capture.media import arena
from callvault.capture.media.arena import shared
from callvault.capture.media.engine import ROWS, Engine
from callvault.capture.media.system import SO_TIMESTAMPNS, lib
from callvault.capture.spools import Spools
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.chunks import HEAD, PER_PACKET, read

TAKES = [UUID(int=(7 << 76) + (number << 80)) for number in range(3)]
STREAMS = [(take, stream) for take in TAKES for stream in range(2)]
PACKETS = 10
CHUNK_BYTES = HEAD.itemsize + PACKETS * (PER_PACKET + 172)
ALL_BYTES = CHUNK_BYTES * len(STREAMS)
MASKED = Draw(at_ns=0, veil=Veil(state=VeilState.MASKED))


class Killed(BaseException):
    """Here it ends, and nothing that follows is done."""


@pytest.fixture
def memory() -> Iterator[int]:
    descriptor = os.memfd_create("arena")
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def media() -> Iterator[dict[tuple[UUID, int], socket.socket]]:
    opened = {}
    for each in STREAMS:
        opened[each] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened[each].setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        opened[each].bind(("127.0.0.1", 0))
    yield opened
    for end in opened.values():
        end.close()


def send(
    media: dict[tuple[UUID, int], socket.socket], numbers: range, sizes: Sequence[int] = (160,)
) -> dict[tuple[UUID, int], list[bytes]]:
    """So many packets to each stream, and what they are."""
    sent: dict[tuple[UUID, int], list[bytes]] = {each: [] for each in media}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        for number in numbers:
            for each, end in media.items():
                packet = struct.pack(">BBHII", 0x80, 0, number, 160 * number, 1) + os.urandom(
                    sizes[number % len(sizes)]
                )
                phone.sendto(packet, end.getsockname())
                sent[each].append(packet)
    return sent


def worker(
    spools: Spools,
    memory: int,
    media: dict[tuple[UUID, int], socket.socket],
    order: Sequence[tuple[UUID, int]] = tuple(STREAMS),
    draws: Sequence[Draw] = OPEN,
) -> Engine:
    engine = Engine(spools, cname=b"test")
    engine.inherit(shared(memory, ROWS))
    for take, stream in order:
        engine.put(take, stream, media[take, stream], media[take, stream], draws=draws)
    return engine


def end(engine: Engine) -> None:
    for take in TAKES:
        file = engine.remove(take, None, time.time_ns())
        assert file is not None
        file.close()


def spooled(spools: Spools) -> tuple[dict[tuple[UUID, int], list[bytes]], list[Damage]]:
    found: dict[tuple[UUID, int], list[bytes]] = {each: [] for each in STREAMS}
    damages = []
    for take in TAKES:
        for each in read(memoryview(spools.live(take).media.read_bytes())):
            if isinstance(each, Batch):
                found[take, each.stream] += each.packets()
            else:
                damages.append(each)
    return found, damages


@contextmanager
def mortal_writing(after_bytes: int) -> Iterator[None]:
    """The disk takes so many bytes in all, and the process is gone."""
    left = after_bytes
    write = os.write

    def written(descriptor: int, data: bytes) -> int:
        nonlocal left
        if left < len(data):
            write(descriptor, data[:left])
            raise Killed
        left -= len(data)
        return write(descriptor, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", written)
        yield


@contextmanager
def mortal_draining(after_calls: int) -> Iterator[None]:
    """So many system calls, and the process is gone as the last of them returns."""
    left = after_calls

    def received(*arguments: object) -> int:
        nonlocal left
        taken: int = lib.recvmmsg(*arguments)
        left -= 1
        if left == 0:
            raise Killed
        return taken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arena, "lib", SimpleNamespace(recvmmsg=received))
        yield


def bury(engine: Engine) -> None:
    """The kernel closes the files of whoever was killed."""
    takes = {place.shelf.take_at(place.slot) for _, _, place in engine.kept()}
    for take in takes:
        if take is not None:
            take.file.close()


@contextmanager
def dies_writing(after_bytes: int) -> Iterator[None]:
    """It is certain that it dies."""
    with mortal_writing(after_bytes), pytest.raises(Killed):
        yield


@contextmanager
def dies_draining(after_calls: int) -> Iterator[None]:
    """It is certain that it dies."""
    with mortal_draining(after_calls), pytest.raises(Killed):
        yield


@pytest.mark.parametrize(
    "after_bytes",
    [0, HEAD.itemsize, 100, CHUNK_BYTES, CHUNK_BYTES + 700, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 60, ALL_BYTES - 1],
)
def test_a_write_that_broke_off_anywhere_is_gone_on_with(
    tmp_path: Path, memory: int, media: dict[tuple[UUID, int], socket.socket], after_bytes: int
) -> None:
    """The bytes of three takes are written one take after the other: some have been, one in part, some have not."""
    spools = Spools(tmp_path)
    before = send(media, range(PACKETS))
    first = worker(spools, memory, media)
    with dies_writing(after_bytes):
        first.round(time.time_ns(), lambda: None)
    meanwhile = send(media, range(PACKETS, PACKETS + 5))
    second = worker(spools, memory, media, order=STREAMS[::-1])
    assert second.restore() == PACKETS * len(STREAMS)
    end(second)
    assert spooled(spools) == ({each: before[each] + meanwhile[each] for each in STREAMS}, [])


def test_a_head_that_broke_off_is_a_damage_and_costs_nothing_else(
    tmp_path: Path, memory: int, media: dict[tuple[UUID, int], socket.socket]
) -> None:
    """A few octets might be the end of what was there before: then all of it is written again."""
    spools = Spools(tmp_path)
    sent = send(media, range(PACKETS))
    with dies_writing(HEAD.itemsize - 1):
        worker(spools, memory, media).round(time.time_ns(), lambda: None)
    second = worker(spools, memory, media)
    second.restore()
    end(second)
    found, damages = spooled(spools)
    assert found == sent
    assert [damage.size_bytes for damage in damages] == [HEAD.itemsize - 1]


@pytest.mark.parametrize("after_calls", [1, 2, len(STREAMS)])
def test_what_was_taken_out_of_the_first_sockets_is_written_though_the_others_were_never_asked(
    tmp_path: Path, memory: int, media: dict[tuple[UUID, int], socket.socket], after_calls: int
) -> None:
    spools = Spools(tmp_path)
    sent = send(media, range(PACKETS), sizes=(160, 20, 0))
    first = worker(spools, memory, media)
    with dies_draining(after_calls):
        first.round(time.time_ns(), lambda: None)
    second = worker(spools, memory, media)
    assert second.restore() == PACKETS * after_calls
    end(second)
    assert spooled(spools) == (sent, [])


def test_a_successor_that_is_killed_as_it_restores_is_followed_by_one_that_does(
    tmp_path: Path, memory: int, media: dict[tuple[UUID, int], socket.socket]
) -> None:
    spools = Spools(tmp_path)
    sent = send(media, range(PACKETS))
    for after_bytes in (100, CHUNK_BYTES, 1000):
        with dies_writing(after_bytes):
            each = worker(spools, memory, media)
            each.restore()
            each.round(time.time_ns(), lambda: None)
    last = worker(spools, memory, media)
    last.restore()
    end(last)
    assert spooled(spools) == (sent, [])


def test_what_was_written_is_not_written_again(
    tmp_path: Path, memory: int, media: dict[tuple[UUID, int], socket.socket]
) -> None:
    spools = Spools(tmp_path)
    sent = send(media, range(PACKETS))
    worker(spools, memory, media).round(time.time_ns(), lambda: None)
    second = worker(spools, memory, media)
    assert second.restore() == 0
    end(second)
    assert spooled(spools) == (sent, [])


def test_what_is_restored_is_veiled_as_if_nobody_had_been_killed(
    tmp_path: Path, memory: int, media: dict[tuple[UUID, int], socket.socket]
) -> None:
    spools = Spools(tmp_path)
    sent = send(media, range(PACKETS))
    with dies_writing(0):
        worker(spools, memory, media, draws=[MASKED]).round(time.time_ns(), lambda: None)
    second = worker(spools, memory, media, draws=[MASKED])
    second.restore()
    end(second)
    assert spooled(spools) == ({each: [packet[:12] for packet in sent[each]] for each in STREAMS}, [])
    (batch, *_) = read(memoryview(spools.live(TAKES[0]).media.read_bytes()))
    assert isinstance(batch, Batch)
    assert batch.content is Content.MASKED


def test_memory_that_another_callvault_left_is_not_read(tmp_path: Path, memory: int) -> None:
    os.write(memory, os.urandom(1 << 16))
    engine = Engine(Spools(tmp_path), cname=b"test")
    engine.inherit(shared(memory, ROWS))
    assert engine.restore() == 0
