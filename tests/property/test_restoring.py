"""The law of the successor: whoever is killed wherever, every packet is in the spool once, and in its order."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.capture.spools import Spools
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunks import HEAD, read
from tests.unit.capture.media.test_draining import RTCP, media_socket
from tests.unit.capture.media.test_restoring import (
    STREAMS,
    TAKES,
    Killed,
    bury,
    end,
    mortal_draining,
    mortal_writing,
    worker,
)

STUN = struct.pack(">HHI", 1, 0, 0x2112A442) + bytes(12)
PACKETS = st.sampled_from(["rtp", "rtp", "rtp", "rtcp", "stray", "empty", "flood"])
ARRIVALS = st.lists(st.tuples(st.sampled_from(STREAMS), PACKETS), max_size=12)
DEATHS = st.tuples(st.sampled_from(["draining", "writing"]), st.integers(0, 3000))
LIVES = st.lists(st.tuples(ARRIVALS, DEATHS, st.permutations(STREAMS)), min_size=1, max_size=4)
Lives = Sequence[tuple[Sequence[tuple[tuple[UUID, int], str]], tuple[str, int], Sequence[tuple[UUID, int]]]]


class Phone:
    """Sends, and knows what should be spooled."""

    def __init__(self, stack: ExitStack) -> None:
        self.media = {each: stack.enter_context(closing(media_socket())) for each in STREAMS}
        self.expected: dict[tuple[UUID, int, Content], list[bytes]] = {}
        self._phone = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        self._number = 0

    def send(self, each: tuple[UUID, int], kind: str) -> None:
        for _ in range(70 if kind == "flood" else 1):  # more than one system call takes
            self._number += 1
            head = struct.pack(">BBHII", 0x80, 0, self._number & 0xFFFF, self._number, 1)
            packet = {"rtcp": RTCP, "stray": STUN, "empty": b""}.get(kind, head + os.urandom(self._number % 200))
            self._phone.sendto(packet, self.media[each].getsockname())
            if kind == "rtcp":
                self.expected.setdefault((*each, Content.RTCP), []).append(packet)
            elif kind in {"rtp", "flood"}:
                self.expected.setdefault((*each, Content.RTP), []).append(packet)


def spooled(spools: Spools) -> dict[tuple[UUID, int, Content], list[bytes]]:
    found: dict[tuple[UUID, int, Content], list[bytes]] = {}
    for take in TAKES:
        for each in read(memoryview(spools.live(take).media.read_bytes())):
            if isinstance(each, Batch):
                found.setdefault((take, each.stream, each.content), []).extend(each.packets())
            else:
                assert each.size_bytes < HEAD.itemsize, "more than a head is lost"
    return found


@settings(max_examples=60, deadline=None)
@given(LIVES)
def test_whoever_is_killed_wherever_every_packet_is_spooled_once(lives: Lives) -> None:
    with tempfile.TemporaryDirectory(prefix="callvault-") as folder, ExitStack() as stack:
        spools, phone = Spools(Path(folder)), Phone(stack)
        memory = os.memfd_create("arena")
        stack.callback(os.close, memory)
        for arrivals, (doing, after), order in lives:
            for each, kind in arrivals:
                phone.send(each, kind)
            mortal = mortal_draining(1 + after % 8) if doing == "draining" else mortal_writing(after)
            engine = worker(spools, memory, phone.media, order=order)
            with suppress(Killed), mortal:
                engine.restore()
                engine.round(time.time_ns(), lambda: None)
            bury(engine)
        last = worker(spools, memory, phone.media)
        last.restore()
        end(last)
        assert spooled(spools) == phone.expected
