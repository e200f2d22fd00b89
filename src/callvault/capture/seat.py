"""A seat: the place of one media worker, its sockets, and whoever sits on it at the moment.

The worker may die; the seat keeps the sockets, and what was asked of the one is asked of its successor again.
What does not live here: which take gets which seat (``supervisor``), the worker's side (``media.worker``).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from callvault.capture.aim import Aim, write_aim
from callvault.capture.channel import MOST_DESCRIPTORS, Channel, ChannelClosed, Message
from callvault.capture.gate import OPEN, USUAL_KEYS, Draw, KeyTypes, read_veil, with_draw, write_draws, write_key_types
from callvault.capture.plan import Plan
from callvault.capture.processes import watch
from callvault.capture.vigil import STARTING_S, Patience, Vigil, waits_for_disk

log = logging.getLogger("callvault.supervisor")


@dataclass(kw_only=True, slots=True, eq=False)
class Held:
    """A media socket that is kept for whoever drains it."""

    socket: socket.socket
    port: int
    host: str | None
    """Whose shared port its RTCP comes to; None: to its own."""
    aim: Aim | None = None
    keys: KeyTypes = USUAL_KEYS

    def told(self, take: UUID, stream: int) -> list[Any]:
        """As a worker is told of it; the socket goes with it."""
        return [str(take), stream, self.host, write_aim(self.aim), self.socket.family, write_key_types(self.keys)]


class Sitter:
    """A media worker's process, seen from here."""

    def __init__(self, channel: Channel, on_message: Callable[[Sitter, Message, list[int]], None]) -> None:
        self.pid = 0
        self.ready = asyncio.Event()
        self.lost = False
        self.vigil = Vigil(time.monotonic())
        self.on_lost: Callable[[], None] = lambda: None
        self._channel = channel
        self._on_message = on_message
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(channel.fileno(), self._read)

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Say something; a worker that is gone does not hear it."""
        try:
            self._channel.send(message, descriptors)
        except ChannelClosed:
            self._lose()
        else:
            if self._channel.waits:
                self._loop.add_writer(self._channel.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._channel.flush()
        except ChannelClosed:
            self._lose()
            return
        if not self._channel.waits:
            self._loop.remove_writer(self._channel.fileno())

    def _read(self) -> None:
        try:
            while (heard := self._channel.receive()) is not None:
                message, descriptors = heard
                self.vigil.note_progress()
                if "works" in message:
                    continue
                if "ready" in message:
                    self.pid = message["pid"]
                    self.ready.set()
                else:
                    self._on_message(self, message, descriptors)
        except ChannelClosed:
            self._lose()

    def look(self, patience: Patience) -> None:
        """Kill it if it hangs: then it is lost, like any other that ends."""
        silent_s = self.vigil.look(time.monotonic())
        if self.ready.is_set():
            over = patience.is_over(silent_s, on_disk=silent_s >= patience.hung_s and waits_for_disk(self.pid))
        else:
            over = silent_s >= STARTING_S
        if over:
            log.error("the media worker %d has shown no progress for %.1f s, and is killed", self.pid, silent_s)
            self.vigil.note_progress()  # in the middle of a system call it dies when that returns
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _lose(self) -> None:
        if not self.lost:
            self.lost = True
            self.let_go()
            self.on_lost()

    def let_go(self) -> None:
        """Say and hear nothing any more."""
        self._loop.remove_reader(self._channel.fileno())
        self._loop.remove_writer(self._channel.fileno())
        self._channel.close()


def start_worker(plan: Plan, on_message: Callable[[Sitter, Message, list[int]], None]) -> Sitter:
    """A new media worker, which sits nowhere yet."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        argv = [
            sys.executable, "-m", "callvault.capture.media", "--channel", str(theirs.fileno()),
            "--spool", str(plan.spool), "--run", str(plan.run), "--tick-ms", str(plan.tick_ms),
            "--log-level", plan.log_level,
        ]  # fmt: skip
        process = subprocess.Popen(  # noqa: S603 - our own module
            argv, stdin=subprocess.DEVNULL, stdout=sys.stderr, pass_fds=[theirs.fileno()], start_new_session=True
        )
    watch(process.pid, lambda: log.debug("the media worker %d ended with %d", process.pid, process.wait()))
    sitter = Sitter(Channel(ours), on_message)
    sitter.pid = process.pid
    return sitter


class Seat:
    """One of a node's media workers, whoever it is."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.held: dict[UUID, dict[int, Held]] = {}
        """By take and stream."""
        self.veils: dict[UUID, list[Draw]] = {}
        """By take: what is spooled of it, and what was of packets that may still wait in its sockets."""
        self.rtcp: dict[str, tuple[socket.socket, int]] = {}
        """By host: the socket and its port."""
        self.arena: int | None = None
        """The descriptor of the memory that a worker drains into: what a killed one had not written is in it."""
        self.sitter: Sitter | None = None
        self.taken_at = 0.0
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[Message, tuple[int, ...], asyncio.Future[Message]]] = {}
        """What was not answered yet; the last to be asked, whoever sits here."""

    async def ask(self, message: Message, descriptors: Sequence[int] = ()) -> Message:
        """What the worker answers, or its successor."""
        number = next(self._numbers)
        asked = {**message, "id": number}
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asked[number] = (asked, tuple(descriptors), answer)
        if self.sitter is not None:
            self.sitter.send(asked, descriptors)
        try:
            return await answer
        finally:
            del self._asked[number]

    def tell(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Say something that a successor is told with all the rest."""
        if self.sitter is not None:
            self.sitter.send(message, descriptors)

    def hear(self, message: Message) -> None:
        """The worker answers."""
        if "drawn" in message:  # noted at once: the worker may be gone before whoever asked goes on
            name, at_ns, veil = message["drawn"]
            self._drawn(UUID(name), Draw(at_ns=at_ns, veil=read_veil(veil)))
        asked = self._asked.get(message.get("id", 0))
        if asked is not None and not asked[2].done():
            asked[2].set_result(message)

    def sit(self, sitter: Sitter) -> None:
        """A worker that holds nothing yet takes over."""
        self.seat(sitter)
        if self.arena is None:
            self.arena = os.memfd_create("callvault-arena")
        sitter.send({"do": "arena"}, [self.arena])
        for host, (port, _) in self.rtcp.items():
            sitter.send({"do": "rtcp", "host": host}, [port.fileno()])
        for part in _in_parts(self.held):
            said = [held.told(take, stream) for take, stream, held in part]
            veils = self.veils_of(take for take, _, _ in part)
            message = {"do": "put", "id": 0, "sockets": said, "veils": veils}
            sitter.send(message, [held.socket.fileno() for _, _, held in part])
        sitter.send({"do": "begin", "whole": self.number == 0})
        for message, descriptors, answer in list(self._asked.values()):
            if not answer.done():
                sitter.send(message, descriptors)

    def veils_of(self, takes: Iterable[UUID]) -> dict[str, Any]:
        """As a worker is told of them; most are open, and need not be told."""
        drawn = {take: self.veils[take] for take in takes if take in self.veils}
        return {str(take): write_draws(draws) for take, draws in drawn.items() if tuple(draws) != OPEN}

    def _drawn(self, take: UUID, draw: Draw) -> None:
        if take in self.veils:
            self.veils[take] = with_draw(self.veils[take], draw)

    def seat(self, sitter: Sitter) -> None:
        """A worker sits here from now on; it may have everything already."""
        self.sitter = sitter
        self.taken_at = time.monotonic()


def _in_parts(held: Mapping[UUID, Mapping[int, Held]]) -> Iterator[list[tuple[UUID, int, Held]]]:
    left = [(take, stream, each) for take, streams in held.items() for stream, each in streams.items()]
    for start in range(0, len(left), MOST_DESCRIPTORS):
        yield left[start : start + MOST_DESCRIPTORS]
