"""Media sockets and spools, with real processes: what reaches a port is in its take's spool, whatever else comes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pylibsrtp
import pytest

from callvault.capture.aim import Aim
from callvault.capture.gate import Opened, Opening
from callvault.capture.plan import Command
from callvault.errors import MediaError, TooMany
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunks import read
from callvault.protocols.srtp_keys import SrtpKey
from tests.system.media_node import Node, free_ports, gate_of, running_node, take_of

TAKE, OTHER = take_of(1), take_of(2)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node() as running:
        yield running


def rtp(number: int, *, ssrc: int = 0xA1, payload: bytes = b"\xd5" * 160, payload_type: int = 8) -> bytes:
    return struct.pack(">BBHII", 0x80, payload_type, number & 0xFFFF, number * 160, ssrc) + payload


def sender_report(ssrc: int, ntp: int = 0x0102_0304_0506_0708) -> bytes:
    return struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc, ntp, 0, 0, 0)


@contextlib.contextmanager
def phone(host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((host, 0))
        opened.setblocking(False)
        yield opened


def spooled(path: Path, stream: int, content: Content = Content.RTP) -> list[bytes]:
    batches = [each for each in read(memoryview(path.read_bytes())) if isinstance(each, Batch)]
    return [packet for each in batches if (each.stream, each.content) == (stream, content) for packet in each.packets()]


async def test_what_reaches_a_port_is_in_its_takes_spool_when_the_gate_is_shut(node: Node) -> None:
    with gate_of(node) as gate, phone() as one, phone() as two:
        here = await gate.open(TAKE, [Opening(stream=0, host="127.0.0.1"), Opening(stream=1, host="127.0.0.1")])
        there = await gate.open(OTHER, [Opening(stream=0, host="127.0.0.1", shared_rtcp=True)])
        assert len({each.port for each in (*here, *there)}) == 3
        assert there[0].rtcp_port == there[0].port
        assert {each.rtcp_port for each in here}.isdisjoint({each.port for each in (*here, *there)})
        sent = [rtp(number, payload=os.urandom(160)) for number in range(90)]
        for number, packet in enumerate(sent):
            one.sendto(packet, ("127.0.0.1", (*here, *there)[number % 3].port))
        two.sendto(b"\x80" + bytes(400), ("127.0.0.1", there[0].port))
        await gate.shut(TAKE)
        await gate.shut(OTHER)
        await gate.close()
    assert spooled(node.spools.live(TAKE).media, 0) == sent[0::3]
    assert spooled(node.spools.live(TAKE).media, 1) == sent[1::3]
    assert spooled(node.spools.live(OTHER).media, 0) == [*sent[2::3], b"\x80" + bytes(400)]


async def test_what_is_asked_again_is_answered_the_same(node: Node) -> None:
    take = take_of(3)
    openings = [Opening(stream=0, host="127.0.0.1"), Opening(stream=1, host="127.0.0.1")]
    with gate_of(node) as gate:
        first = await gate.open(take, openings)
        assert list(await gate.open(take, openings)) == list(first)
        more = await gate.open(take, [*openings, Opening(stream=2, host="127.0.0.1")])
        assert list(more[:2]) == list(first)
        await gate.shut(take, [0])
        assert sorted(await gate.heard(take)) == [1, 2]
        await gate.shut(take)
        await gate.shut(take)
        assert await gate.heard(take) == {}
        await gate.close()


async def test_where_packets_come_from_is_learned(node: Node) -> None:
    take = take_of(4)
    with gate_of(node) as gate, phone() as one:
        (opened,) = await gate.open(take, [Opening(stream=0, host="127.0.0.1")])
        assert (await gate.heard(take))[0].source is None
        number = 0
        while (heard := (await gate.heard(take))[0]).source is None:
            one.sendto(rtp(number), ("127.0.0.1", opened.port))
            number += 1
            await asyncio.sleep(0.02)
        assert heard.source == one.getsockname()
        assert heard.packets > 0
        assert heard.last_ns is not None
        await gate.shut(take)
        await gate.close()


async def test_ipv6_and_ipv4_have_ports_of_their_own(node: Node) -> None:
    take = take_of(5)
    with gate_of(node) as gate, phone("::1") as one:
        six, four = await gate.open(take, [Opening(stream=0, host="::1"), Opening(stream=1, host="0.0.0.0")])
        one.sendto(rtp(1), ("::1", six.port))
        await gate.shut(take)
        await gate.close()
    assert spooled(node.spools.live(take).media, 0) == [rtp(1)]
    assert spooled(node.spools.live(take).media, 1) == []
    assert four.port != six.port


async def test_garbage_stays_out_of_the_spool_and_harms_nobody(node: Node) -> None:
    take = take_of(6)
    with gate_of(node) as gate, phone() as one, phone() as scanner:
        (opened,) = await gate.open(take, [Opening(stream=0, host="127.0.0.1", shared_rtcp=True)])
        to = ("127.0.0.1", opened.port)
        before = node.workers_with_sockets()
        stun = struct.pack(">HHI", 1, 0, 0x2112A442) + bytes(12)
        for junk in (b"", b"\x00", stun, b"\x16\xfe\xfd" + bytes(300), os.urandom(3), b"\x80\x00", bytes(9000)):
            scanner.sendto(junk, to)
            one.sendto(rtp(len(junk)), to)
        for _ in range(3000):
            scanner.sendto(b"\x05" * 900, to)
        assert await gate.heard(take)
        assert node.workers_with_sockets() == before
        await gate.shut(take)
        await gate.close()
    assert [int.from_bytes(packet[2:4], "big") for packet in spooled(node.spools.live(take).media, 0)] == [
        0, 1, 20, 303, 3, 2, 9000,
    ]  # fmt: skip


def aim_at(phone: socket.socket, **more: Any) -> Aim:
    host, port = phone.getsockname()
    return Aim(host=host, port=port, **more)


async def reports(phone: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(phone, 2000), 20.0)


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False], ids=["on the same port", "on a port for many"])
async def test_the_sender_is_told_how_its_packets_arrive(node: Node, *, shared: bool) -> None:
    """RFC 3550 section 6.4.2: 3 of 40 packets are missing, and the sequence number has wrapped."""
    take = take_of(7 + shared)
    with gate_of(node) as gate, phone() as one:
        (opened,) = await gate.open(take, [Opening(stream=0, host="127.0.0.1", shared_rtcp=shared)])
        await gate.aim(take, 0, aim_at(one))
        waiting = asyncio.create_task(reports(one))
        number = 65_520
        while not waiting.done():
            if number not in {65_530, 65_531, 65_532}:
                one.sendto(rtp(number), ("127.0.0.1", opened.port))
            if number == 65_525:
                one.sendto(sender_report(0xA1), ("127.0.0.1", opened.rtcp_port))
            number += 1
            await asyncio.sleep(0.02)
        told = await waiting
        await gate.shut(take)
        await gate.close()
    assert told[:4] == bytes.fromhex("81c90007")
    ssrc, lost, highest, jitter, last, since = struct.unpack(">IIIIII", told[8:32])
    assert (ssrc, lost & 0xFFFFFF) == (0xA1, 3)
    assert lost >> 24 == 256 * 3 // (highest - 65_520 + 1)
    assert 65_536 <= highest < number
    assert jitter < 8000
    assert last == 0x03040506
    assert 0 < since < 65_536 * 20
    assert told[32:34] == bytes.fromhex("81ca")
    assert len(told) % 4 == 0
    assert spooled(node.spools.live(take).media, 0, Content.RTCP) == [sender_report(0xA1)]


@pytest.mark.slow
async def test_the_sender_of_an_encrypted_stream_is_told_so_too_and_by_a_successor_under_another_index(
    node: Node,
) -> None:
    take, suite = take_of(9), "AES_CM_128_HMAC_SHA1_80"
    ours, theirs = (
        SrtpKey(suite=suite, secret=bytes(range(at, at + 30)), mki=mki) for at, mki in ((0, b""), (30, b"\1"))
    )
    sender = pylibsrtp.Session(pylibsrtp.Policy(key=theirs.secret, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND))
    receiver = pylibsrtp.Session(pylibsrtp.Policy(key=ours.secret, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND))

    def named(packet: bytes) -> bytes:
        return packet[:-10] + theirs.mki + packet[-10:]

    with gate_of(node) as gate, phone() as one, phone() as stranger:
        (opened,) = await gate.open(take, [Opening(stream=0, host="127.0.0.1", shared_rtcp=True)])
        here = ("127.0.0.1", opened.port)
        await gate.aim(take, 0, aim_at(one, key=ours, theirs=(theirs,)))
        numbers = iter(range(1, 100_000))

        async def told(*others: bytes) -> bytes:
            waiting = asyncio.create_task(reports(one))
            while not waiting.done():
                one.sendto(named(sender.protect(rtp(next(numbers)))), here)
                for other in others:
                    stranger.sendto(other, here)
                await asyncio.sleep(0.02)
            return await waiting

        one.sendto(named(sender.protect(rtp(0))), here)
        one.sendto(named(sender.protect_rtcp(sender_report(0xA1))), here)
        first = await told(sender_report(0xA1))  # which is not under the key: nothing goes to who sent it
        (worker,) = node.workers_with_sockets()
        os.kill(worker, signal.SIGKILL)
        second = await told()
        await gate.shut(take)
        await gate.close()
    clear = [receiver.unprotect_rtcp(packet) for packet in (first, second)]
    ssrc, lost, _, _, last, since = struct.unpack(">IIIIII", clear[0][8:32])
    assert (ssrc, lost, last) == (0xA1, 0, 0x03040506)
    assert 0 < since < 65_536 * 20
    assert clear[1][8:12] == clear[0][8:12]
    assert first[4:8] != second[4:8]
    assert first[-14:-10] < second[-14:-10]


async def test_when_no_port_is_left_nothing_is_opened() -> None:
    first = free_ports(8)
    with running_node(first_port=first, last_port=first + 7) as few, gate_of(few) as gate:
        openings = [Opening(stream=stream, host="127.0.0.1", shared_rtcp=True) for stream in range(5)]
        with pytest.raises(TooMany):
            await gate.open(TAKE, openings)
        assert await gate.heard(TAKE) == {}
        assert len(await gate.open(OTHER, openings[:4])) == 4
        await gate.shut(OTHER)
        assert len(await gate.open(TAKE, openings[:4])) == 4
        await gate.close()


async def test_an_address_that_is_not_ours_is_an_error_and_no_overload(node: Node) -> None:
    with gate_of(node) as gate:
        with pytest.raises(MediaError, match=r"No media can come to 192\.0\.2\.1"):
            await gate.open(take_of(9), [Opening(stream=0, host="192.0.2.1")])
        await gate.close()


async def test_several_workers_share_the_takes(tmp_path: Path) -> None:
    with running_node(workers=2) as two, gate_of(two) as gate, phone() as one:
        opened: list[Opened] = []
        for number in range(4):
            opened += await gate.open(take_of(number), [Opening(stream=0, host="127.0.0.1", shared_rtcp=True)])
        assert len(two.workers_with_sockets()) == 2
        for number, each in enumerate(opened):
            one.sendto(rtp(number), ("127.0.0.1", each.port))
        for number in range(4):
            await gate.shut(take_of(number))
            assert spooled(two.spools.live(take_of(number)).media, 0) == [rtp(number)]
        await gate.close()


async def until_there(path: Path, lines: int = 1) -> list[str]:
    while not path.exists() or len(path.read_text().splitlines()) < lines:  # noqa: ASYNC110 - another process's file
        await asyncio.sleep(0.02)
    return path.read_text().splitlines()


async def test_other_processes_are_kept_alive_and_asked_to_end(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = (
        "import os, signal, sys\n"
        f"def say(word): open({str(said)!r}, 'a').write(word + '\\n')\n"
        "def end(*_): say('asked to end'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "say(f'{os.getpid()} {os.nice(0)} {os.environ[\"WORD\"]}')\n"
        "while True: signal.pause()\n"
    )
    command = Command(name="idler", argv=(sys.executable, "-c", script), nice=7, environment={"WORD": "hello"})
    with running_node(commands=(command,)) as node:
        (first,) = await until_there(said)
        assert first.split()[1:] == [str(os.nice(0) + 7), "hello"]
        os.kill(int(first.split()[0]), signal.SIGKILL)
        _, second = await until_there(said, 2)
        assert second.split()[0] != first.split()[0]
        assert await asyncio.to_thread(node.stop) == 0
        assert (await until_there(said, 3))[2:] == ["asked to end"]
        node.start()
        await until_there(said, 4)
