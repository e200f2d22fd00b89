"""The law of the veil: a packet is spooled, whole or as a header, as was due at the moment it came, whatever happens.

Real sockets and the kernel's own times; what is drained when makes no difference.
"""

from __future__ import annotations

import os
import resource
import socket
import struct
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.capture.gate import MOST_DRAWS, OPEN, OPEN_VEIL, Draw, Veil, VeilState, with_draw
from callvault.capture.media.engine import Engine
from callvault.capture.spools import Spools
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunks import read
from tests.unit.capture.media.test_draining import CLOCKS_NS, RTCP, kernel_stamps, media_socket

TAKE, OTHER = UUID(int=7 << 76), UUID(int=(7 << 76) + (1 << 80))
STREAMS = ((TAKE, 0), (TAKE, 1), (OTHER, 0))


def rtp(number: int, first: int = 0x80) -> bytes:
    """Contributing sources, an extension or padding where the first octet says so: of the payload they are all part."""
    return struct.pack(">BBHII", first, 0x80, number, 160 * number, 9) + os.urandom(40)


def header(packet: bytes) -> bytes:
    return b"\x80" + packet[1:12]


def pause() -> None:
    """What was sent lies behind, on every processor's clock."""
    until_ns = time.time_ns() + CLOCKS_NS
    while time.time_ns() < until_ns:
        pass


def spooled(path: Path, stream: int, content: Content) -> list[bytes]:
    batches = [each for each in read(memoryview(path.read_bytes())) if isinstance(each, Batch)]
    return [packet for each in batches if (each.stream, each.content) == (stream, content) for packet in each.packets()]


class Rig:
    """A worker's engine that can be replaced by another one in mid-call, and what should be in its spools."""

    def __init__(self, folder: Path, stack: ExitStack, veil: Veil) -> None:
        self.spools = Spools(folder)
        stack.enter_context(kernel_stamps())
        self.sockets = {key: stack.enter_context(closing(media_socket())) for key in STREAMS}
        self.phone = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        self.draws = [Draw(at_ns=0, veil=veil)]
        self.expected: dict[tuple[UUID, int, Content], list[bytes]] = {}
        self.number = 0
        self.engine = self.begun()

    def begun(self) -> Engine:
        engine = Engine(self.spools, cname=b"test")
        for (take, stream), media in self.sockets.items():
            own = socket.socket(fileno=os.dup(media.fileno()))
            engine.put(take, stream, own, own, draws=self.draws if take == TAKE else OPEN)
        return engine

    def send(self, packets: int, first: int) -> None:
        for _ in range(packets):
            for take, stream in STREAMS:
                packet = rtp(self.number, first)
                self.number += 1
                self.phone.sendto(packet, self.sockets[take, stream].getsockname())
                self.phone.sendto(RTCP, self.sockets[take, stream].getsockname())
                state = self.draws[-1].veil.state if take == TAKE else VeilState.OPEN
                if state is VeilState.OPEN:
                    self.expected.setdefault((take, stream, Content.RTP), []).append(packet)
                elif state is VeilState.MASKED:
                    self.expected.setdefault((take, stream, Content.MASKED), []).append(header(packet))
                if state is not VeilState.SHUT:
                    self.expected.setdefault((take, stream, Content.RTCP), []).append(RTCP)

    def veil(self, veil: Veil) -> None:
        pause()
        at_ns = self.engine.veil(TAKE, veil)
        pause()
        self.draws = with_draw(self.draws, Draw(at_ns=at_ns, veil=veil))

    def round(self) -> None:
        self.engine.round(time.time_ns(), lambda: None)

    def die(self) -> None:
        for _, _, place in list(self.engine.kept()):
            place.media.close()
        self.engine = self.begun()

    def end(self) -> None:
        for take in (TAKE, OTHER):
            file = self.engine.remove(take, None, time.time_ns())
            assert file is not None
            file.close()

    def found(self) -> dict[tuple[UUID, int, Content], list[bytes]]:
        rows = {
            (take, stream, content): spooled(self.spools.live(take).media, stream, content)
            for take, stream in STREAMS
            for content in Content
        }
        return {key: packets for key, packets in rows.items() if packets}


VEILS = st.sampled_from(VeilState).map(lambda state: Veil(state=state))
STEPS = st.lists(
    st.tuples(st.just("send"), st.tuples(st.integers(1, 4), st.sampled_from([0x80, 0x90, 0xA0, 0x83])))
    | st.tuples(st.just("veil"), VEILS)
    | st.tuples(st.sampled_from(["round", "die"]), st.none()),
    max_size=12,
)


def played(steps: Sequence[tuple[str, object]], veil: Veil) -> Rig:
    with tempfile.TemporaryDirectory(prefix="callvault-") as folder, ExitStack() as stack:
        rig = Rig(Path(folder), stack, veil)
        for step, argument in steps:
            match step, argument:
                case "send", (int(packets), int(first)):
                    rig.send(packets, first)
                case "veil", Veil():
                    rig.veil(argument)
                case "round", _:
                    rig.round()
                case "die", _:
                    rig.die()
        rig.end()
        assert rig.found() == rig.expected
        return rig


@settings(max_examples=60, deadline=None)
@given(STEPS, VEILS)
def test_each_packet_is_spooled_as_was_due_when_it_came(steps: list[tuple[str, object]], veil: Veil) -> None:
    played(steps, veil)


def test_several_changes_may_wait_in_the_kernels_buffer() -> None:
    """As on a full disk, or between two workers."""
    states = [VeilState.MASKED, VeilState.OPEN, VeilState.SHUT, VeilState.OPEN, VeilState.MASKED]
    steps: list[tuple[str, object]] = [("send", (3, 0x80))]
    for state in states:
        steps += [("veil", Veil(state=state)), ("send", (3, 0x80))]
    rig = played([*steps, ("die", None), ("send", (2, 0x80))], OPEN_VEIL)
    assert len(rig.expected[TAKE, 0, Content.RTP]) == 9
    assert len(rig.expected[TAKE, 0, Content.MASKED]) == 8


def test_more_changes_than_are_remembered_hide_what_is_older_than_all_of_them() -> None:
    with tempfile.TemporaryDirectory(prefix="callvault-") as folder, ExitStack() as stack:
        rig = Rig(Path(folder), stack, OPEN_VEIL)
        rig.send(1, 0x80)
        for number in range(MOST_DRAWS + 1):
            rig.veil(Veil(state=VeilState.SHUT if number % 2 else VeilState.OPEN))
        rig.end()
        assert spooled(rig.spools.live(TAKE).media, 0, Content.RTP) == []
        assert len(spooled(rig.spools.live(TAKE).media, 0, Content.MASKED)) == 1


def test_what_nobody_wants_costs_no_writing_until_somebody_does() -> None:
    """Such streams stand beside others on one shelf, and their slots are used again."""
    shut = Veil(state=VeilState.SHUT)
    steps: list[tuple[str, object]] = [("send", (3, 0x80)), ("round", None), ("send", (2, 0x80)), ("veil", OPEN_VEIL)]
    rig = played([*steps, ("send", (2, 0x80)), ("round", None), ("veil", shut), ("send", (2, 0x80))], shut)
    assert len(rig.expected[TAKE, 0, Content.RTP]) == 2
    assert len(rig.expected[OTHER, 0, Content.RTP]) == 9


def test_on_a_full_disk_what_waits_is_spooled_later_as_was_due_when_it_came() -> None:
    """A limit on files' size stands for a full disk."""
    with tempfile.TemporaryDirectory(prefix="callvault-") as folder, ExitStack() as stack:
        rig = Rig(Path(folder), stack, OPEN_VEIL)
        rig.send(3, 0x80)
        before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, most))
        try:
            rig.round()
            assert rig.engine.waiting
            for state in (VeilState.MASKED, VeilState.OPEN, VeilState.SHUT, VeilState.OPEN):
                rig.veil(Veil(state=state))
                rig.send(2, 0x80)
                rig.round()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
        rig.round()
        rig.round()
        rig.end()
        assert rig.found() == rig.expected
        assert [len(rig.expected[TAKE, 0, content]) for content in (Content.RTP, Content.MASKED)] == [7, 2]
