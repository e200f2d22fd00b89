"""From sockets to chunks: what is drained, what is kept of it, and what is known of its streams."""

from __future__ import annotations

import os
import resource
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from callvault.capture.media.arena import AT_ONCE, CALLS, Arena
from callvault.capture.media.engine import Engine
from callvault.capture.media.jitter import clock_rate, jitter
from callvault.capture.media.reception import Reception, read_address
from callvault.capture.media.sorting import sort
from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.media.system import SO_RCVBUFFORCE, SO_TIMESTAMPNS
from callvault.capture.ports import stamping
from callvault.capture.spools import Spools
from callvault.errors import MediaError
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunks import read
from callvault.protocols.spool.drops import drops_in

TAKE, OTHER = UUID(int=7 << 76), UUID(int=(7 << 76) + (1 << 80))


def media_socket() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    try:
        opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    opened.bind(("127.0.0.1", 0))
    return opened


@contextmanager
def kernel_stamps() -> Iterator[None]:
    """Within, packets have the times at which they came; nothing but packets tells when the kernel begins with that."""
    with stamping(), media_socket() as probe:
        probe.setblocking(True)
        while True:
            sent_ns = time.time_ns()
            send(probe, [b"?"])
            time.sleep(0.002)
            _, ((_, _, stamp),), _, _ = probe.recvmsg(1, 100)
            seconds, nanoseconds = struct.unpack("qq", stamp)
            if seconds * 1_000_000_000 + nanoseconds < sent_ns + 1_000_000:
                break
        yield


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    opened = [media_socket() for _ in range(3)]
    yield opened
    for each in opened:
        each.close()


def rtp(number: int, ssrc: int = 1, size: int = 160) -> bytes:
    return struct.pack(">BBHII", 0x80, 0, number & 0xFFFF, 160 * number & 0xFFFFFFFF, ssrc) + bytes(size)


RTCP = struct.pack(">BBHI", 0x80, 201, 1, 1)


def send(to: socket.socket, packets: Sequence[bytes]) -> tuple[str, int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        for packet in packets:
            phone.sendto(packet, to.getsockname())
        return "127.0.0.1", phone.getsockname()[1]


def test_a_socket_s_first_packet_has_the_time_at_which_it_came() -> None:
    """And not that at which it was read, as without the socket that keeps the kernel stamping."""
    with kernel_stamps(), media_socket() as media:
        send(media, [rtp(1)])
        sent_ns = time.time_ns()
        time.sleep(0.02)
        assert Arena(1000).drain(by_number([media])).arrivals_ns[0] < sent_ns + CLOCKS_NS


CLOCKS_NS = 1_000_000
"""So far may two processors' readings of one clock lie apart."""


def by_number(sockets: Sequence[socket.socket]) -> list[tuple[int, int]]:
    return [(slot, each.fileno()) for slot, each in enumerate(sockets)]


def test_packets_lie_in_the_order_of_sockets_and_of_arrival_with_the_kernels_time(sockets: list[socket.socket]) -> None:
    before_ns = time.time_ns() - CLOCKS_NS
    send(sockets[2], [rtp(1), rtp(2, size=20)])
    came_from = send(sockets[0], [rtp(7)])
    arena = Arena(1000)
    catch = arena.drain(by_number(sockets), addresses=True)
    assert catch.slots.tolist() == [0, 2]
    assert catch.counts.tolist() == [1, 2]
    assert catch.lengths.tolist() == [172, 172, 32]
    assert (
        before_ns <= catch.arrivals_ns[1] <= catch.arrivals_ns[2] <= catch.arrivals_ns[0] <= time.time_ns() + CLOCKS_NS
    )
    assert read_address(arena.addresses[0]) == came_from
    assert arena.drain(by_number(sockets)).packets == 0


def test_whoever_floods_a_socket_waits_for_the_next_round(sockets: list[socket.socket]) -> None:
    send(sockets[0], [rtp(number, size=0) for number in range(AT_ONCE * CALLS + 10)])
    send(sockets[1], [rtp(1)])
    arena = Arena(1000)
    first = arena.drain(by_number(sockets))
    assert (first.slots.tolist(), first.counts.tolist()) == ([0] * CALLS + [1], [AT_ONCE] * CALLS + [1])
    assert arena.drain(by_number(sockets)).counts.tolist() == [10]


def test_a_full_arena_is_gone_on_with_at_the_next_socket(sockets: list[socket.socket]) -> None:
    for each in sockets:
        send(each, [rtp(number) for number in range(50)])
    arena = Arena(AT_ONCE * CALLS + 60)
    left = iter(by_number(sockets))
    assert arena.drain(left).slots.tolist() == [0, 1]
    assert arena.drain(left).slots.tolist() == [2]


def test_rtcp_is_told_apart_and_what_is_neither_is_left_out(sockets: list[socket.socket]) -> None:
    """RFC 5761 section 4: the second byte of RTCP is 192 to 223."""
    marked = b"\x80\xe0" + rtp(9)[2:]  # payload type 96 with the marker
    send(sockets[0], [rtp(1), RTCP, b"", b"\x80", b"\x00" * 50, rtp(2), marked])
    send(sockets[1], [b"GET / HTTP/1.1"])
    arena = Arena(1000)
    chunks = sort(arena, arena.drain(by_number(sockets)))
    assert chunks.slots.tolist() == [0, 0]
    assert chunks.contents.tolist() == [Content.RTP, Content.RTCP]
    assert chunks.counts.tolist() == [3, 1]
    assert chunks.rows.tolist() == [0, 5, 6, 1]
    assert chunks.strays == 4


def received(arena: Arena, known: Reception, socket_: socket.socket, packets: Sequence[bytes]) -> None:
    send(socket_, packets)
    catch = arena.drain([(3, socket_.fileno())])
    chunks = sort(arena, catch)
    ends = np.cumsum(chunks.counts) - 1
    known.note(arena, catch.arrivals_ns, chunks.slots, chunks.counts, chunks.rows[ends])


@pytest.mark.parametrize(
    ("batches", "highest", "expected", "packets"),
    [
        ([[1, 2, 3]], 3, 3, 3),
        ([[1, 2], [5, 6]], 6, 6, 4),
        ([[65_534, 65_535], [0, 1]], 65_537, 4, 4),
        ([[10, 12], [11, 13]], 13, 3, 4),
        ([[10, 11], [40_000, 40_001]], 40_001, 2, 4),
    ],
    ids=["in a row", "two lost", "wrapped", "swapped over a batch's end", "begun anew"],
)
def test_sequence_numbers_are_counted_batch_by_batch(
    sockets: list[socket.socket], batches: list[list[int]], highest: int, expected: int, packets: int
) -> None:
    arena, known = Arena(1000), Reception(5)
    for batch in batches:
        received(arena, known, sockets[0], [rtp(number) for number in batch])
    assert known.highest[3] == highest
    assert known.highest[3] - known.lowest[3] + 1 == expected
    assert known.packets[3] == packets


def test_another_source_is_counted_anew(sockets: list[socket.socket]) -> None:
    arena, known = Arena(1000), Reception(5)
    received(arena, known, sockets[0], [rtp(100), rtp(101)])
    received(arena, known, sockets[0], [rtp(50, ssrc=2)])
    assert (known.ssrc[3], known.received[3], known.packets[3]) == (2, 1, 3)


def test_many_chunks_of_one_stream_are_all_counted(sockets: list[socket.socket]) -> None:
    arena, known = Arena(1000), Reception(5)
    received(arena, known, sockets[0], [rtp(number, size=0) for number in range(200)])
    assert (known.packets[3], known.received[3], known.highest[3]) == (200, 200, 199)


@pytest.mark.parametrize(("payload_type", "rate"), [(0, 8000), (9, 8000), (96, 48_000), (101, 16_000)])
def test_the_clock_of_a_stream_is_known_or_shown(payload_type: int, rate: int) -> None:
    arrivals_ns = np.arange(10) * 20_000_000 + np.array([0, 3, 1, 0, 2, 4, 0, 1, 0, 2]) * 1_000_000
    timestamps = 0xFFFF_FF00 + np.arange(10) * rate // 50 & 0xFFFF_FFFF
    assert clock_rate(payload_type, timestamps, arrivals_ns) == rate


def test_jitter_is_in_units_of_the_timestamp() -> None:
    timestamps, even_ns = np.arange(5) * 160, np.arange(5) * 20_000_000
    assert jitter(timestamps, even_ns, 8000) == 0
    assert jitter(timestamps, even_ns + np.array([0, 10, 0, 10, 0]) * 1_000_000, 8000) == 80
    assert jitter(timestamps[:1], even_ns[:1], 8000) == 0


def test_an_engine_keeps_takes_apart_and_empties_sockets_before_they_go(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    engine = Engine(spools, cname=b"test")
    streams = {(TAKE, 0): media_socket(), (TAKE, 1): media_socket(), (OTHER, 0): media_socket()}
    for (take, stream), media in streams.items():
        engine.put(take, stream, media, media)
    sent = {key: [rtp(number) + os.urandom(number) for number in range(30)] for key in streams}
    for key, media in streams.items():
        send(media, sent[key][:20])
    engine.round(time.time_ns(), lambda: None)
    for key, media in streams.items():
        send(media, sent[key][20:])
    assert engine.heard(TAKE)[1].packets == 20
    for take in (TAKE, OTHER):
        file = engine.remove(take, None, time.time_ns())
        assert file is not None
        file.close()
    assert engine.streams == 0
    assert engine.remove(TAKE, None, 0) is None
    assert engine.heard(TAKE) == {}
    for (take, stream), packets in sent.items():
        data = memoryview(spools.live(take).media.read_bytes())
        batches = [each for each in read(data) if isinstance(each, Batch) and each.stream == stream]
        assert [packet for batch in batches for packet in batch.packets()] == packets


def test_what_found_no_room_in_a_socket_that_nobody_drained_is_told(tmp_path: Path) -> None:
    spools = Spools(tmp_path)
    engine = Engine(spools, cname=b"test")
    full, quiet = media_socket(), media_socket()
    full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
    for stream, media in enumerate((full, quiet)):
        engine.put(TAKE, stream, media, media)
        send(media, [rtp(number) for number in range(200 if media is full else 3)])
    file = engine.remove(TAKE, None, time.time_ns())
    assert file is not None
    file.close()
    packets: dict[tuple[int, Content], list[bytes]] = {}
    for each in read(memoryview(spools.live(TAKE).media.read_bytes())):
        assert isinstance(each, Batch)
        packets.setdefault((each.stream, each.content), []).extend(each.packets())
    assert 0 < len(packets[0, Content.RTP]) < 200
    assert drops_in(packets[0, Content.DROPS]) == 200 - len(packets[0, Content.RTP])
    assert (1, Content.DROPS) not in packets


def test_slots_are_used_again_by_others_without_what_was_known(tmp_path: Path) -> None:
    engine = Engine(Spools(tmp_path), cname=b"test")
    first, second = media_socket(), media_socket()
    engine.put(TAKE, 0, first, first)
    send(first, [rtp(1)])
    engine.round(time.time_ns(), lambda: None)
    file = engine.remove(TAKE, [0], time.time_ns())
    engine.put(OTHER, 0, second, second)
    assert engine.heard(OTHER)[0].packets == 0
    assert engine.heard(OTHER)[0].source is None
    ended = engine.remove(OTHER, None, 0)
    assert file is not None
    assert ended is not None
    file.close()
    ended.close()


def test_what_a_file_does_not_take_comes_before_what_comes_next(tmp_path: Path) -> None:
    """A limit on files' size stands for a full disk: both take a part of a write, and then nothing."""
    path = tmp_path / "take.media"
    file = SpoolFile(path)
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, most))
    try:
        assert file.append(b"0123456") is True
        assert file.append(b"789abc") is False
        assert file.append(b"") is False
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
    assert file.waits
    assert path.read_bytes() == b"0123456789"
    assert file.append(b"def") is True
    file.close()
    assert path.read_bytes() == b"0123456789abcdef"


def test_a_take_that_ended_while_the_disk_was_full_is_not_written_to_once_its_file_is_closed(tmp_path: Path) -> None:
    """Its descriptor may be somebody else's by then: here one to whom an empty message would mean the end."""
    engine, media = Engine(Spools(tmp_path), cname=b"test"), media_socket()
    engine.put(TAKE, 0, media, media)
    send(media, [rtp(1)])
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, most))
    try:
        engine.round(time.time_ns(), lambda: None)
        file = engine.remove(TAKE, None, time.time_ns())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
    assert file is not None
    assert file.append(b"") is True
    opened = {int(each.name): os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}
    (descriptor,) = (number for number, path in opened.items() if path.startswith(f"{tmp_path}/live"))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    file.close()
    with ours, theirs:
        os.dup2(theirs.fileno(), descriptor)
        engine.round(time.time_ns(), lambda: None)
        os.close(descriptor)
        with pytest.raises(BlockingIOError):
            ours.recv(1, socket.MSG_DONTWAIT)


def test_a_folder_that_takes_no_file_is_an_error_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be opened: No such file or directory"):
        SpoolFile(tmp_path / "nowhere" / "take.media")
