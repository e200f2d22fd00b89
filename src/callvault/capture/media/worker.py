"""The media worker's process: a round of draining every tick, and in between what the supervisor says.

It outlives the supervisor: whoever comes to its own door becomes the next one, and is handed every socket back.
What does not live here: the draining (``engine``), the supervisor's side (``supervisor``).
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.capture.aim import read_aim, write_aim
from callvault.capture.channel import MOST_DESCRIPTORS, Channel, ChannelClosed, Message
from callvault.capture.gate import OPEN, USUAL_KEYS, read_draws, read_key_types, read_veil, write_draws, write_key_types
from callvault.capture.media.arena import shared
from callvault.capture.media.engine import ROWS, Engine
from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.media.syncing import Syncing
from callvault.capture.spools import Spools
from callvault.errors import MediaError

log = logging.getLogger("callvault.media")

LONELY_S = 10.0
"""How long a worker without streams waits for another supervisor."""


class Worker:
    """One media worker."""

    def __init__(self, spools: Spools, channel: Channel, door: socket.socket, *, tick_s: float) -> None:
        """The door is a listening socket: unix(7), SOCK_SEQPACKET."""
        self._spools = spools
        self._engine = Engine(spools, cname=f"callvault@{socket.gethostname()}".encode()[:255])
        self._channel: Channel | None = channel
        self._door = door
        self._tick_s = tick_s
        self._syncing: Syncing | None = None
        self._ending: list[tuple[SpoolFile, Callable[[], None]]] = []
        self._stopping = False
        self._shown = 0.0
        self._alone_since: float | None = None
        self._memory: int | None = None
        """The descriptor of what a successor has to be handed."""
        self._rtcp: dict[str, socket.socket] = {}
        self._shared: dict[UUID, dict[int, str]] = {}
        self._poll = select.poll()
        for each in (channel, door):
            self._poll.register(each, select.POLLIN)

    def run(self) -> None:
        """Work until told to stop."""
        signal.signal(signal.SIGTERM, self._on_signal)
        due = time.monotonic()
        while not self._stopping:
            now = time.monotonic()
            if now >= due:
                if self._syncing is not None:  # else what another drained is to be written first
                    self._engine.round(time.time_ns(), self._listen)
                due = max(due + self._tick_s, time.monotonic())
                self._sync_ended()
                if self._forsaken(now):
                    break
            self._listen(max(0.0, due - time.monotonic()))
        if self._syncing is not None:
            self._engine.round(time.time_ns(), lambda: None)
            self._engine.write_out()
            self._syncing.stop()
        self._say({"stopped": True})

    def _on_signal(self, *_: object) -> None:
        self._stopping = True

    def _forsaken(self, now: float) -> bool:
        if self._channel is not None:
            self._alone_since = None
            return False
        self._alone_since = self._alone_since or now
        return self._syncing is None or (not self._engine.streams and now - self._alone_since > LONELY_S)

    def _show_progress(self) -> None:
        """Once a tick, and in a long round after one of its shelves, so that slow and stuck look different."""
        now = time.monotonic()
        if now - self._shown >= self._tick_s and self._channel is not None and not self._channel.waits:
            self._shown = now
            self._say({"works": True})

    def _listen(self, wait_s: float = 0.0) -> None:
        self._show_progress()
        for descriptor, _ in self._poll.poll(wait_s * 1000):
            if self._syncing is not None and descriptor == self._syncing.bell:
                self._syncing.settle()
            elif descriptor == self._door.fileno():
                self._greet()
            elif self._channel is not None and descriptor == self._channel.fileno():
                self._hear(self._channel)

    def _greet(self) -> None:
        """Another supervisor has come."""
        end, _ = self._door.accept()
        if self._channel is not None:
            self._lose()
        self._channel = Channel(end)
        self._poll.register(self._channel, select.POLLIN)

    def _lose(self) -> None:
        if self._channel is not None:
            self._poll.unregister(self._channel)
            self._channel.close()
            self._channel = None

    def _hear(self, channel: Channel) -> None:
        try:
            channel.flush()
            while (heard := channel.receive()) is not None:
                self._obey(*heard)
        except ChannelClosed:
            log.warning("the supervisor is gone; draining goes on")
            self._lose()
        else:
            self._poll.modify(channel, select.POLLIN | (select.POLLOUT if channel.waits else 0))

    def _say(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        if self._channel is None:
            return
        try:
            self._channel.send(message, descriptors)
        except ChannelClosed:
            self._lose()
        else:
            self._poll.modify(self._channel, select.POLLIN | (select.POLLOUT if self._channel.waits else 0))

    def _obey(self, message: Message, descriptors: list[int]) -> None:
        match message["do"]:
            case "arena":
                self._memory = descriptors[0]
                self._engine.inherit(shared(self._memory, ROWS))
            case "begin":
                self._begin(whole=message["whole"])
            case "rtcp":
                self._rtcp[message["host"]] = port = socket.socket(fileno=descriptors[0])
                self._engine.share_rtcp(port)
            case "put":
                self._put(message, descriptors)
            case "aim":
                aim = read_aim(message["aim"])
                self._engine.aim(UUID(message["take"]), message["stream"], aim, time.time_ns())
            case "veil":
                at_ns = self._engine.veil(UUID(message["take"]), read_veil(message["veil"]))
                self._say({"id": message["id"], "drawn": [message["take"], at_ns, message["veil"]]})
            case "keys":
                types = read_key_types(message["types"])
                self._engine.look_for_keys(UUID(message["take"]), message["stream"], types)
            case "heard":
                heard = self._engine.heard(UUID(message["take"]))
                said = [[stream, each.packets, each.last_ns, each.source] for stream, each in heard.items()]
                self._say({"id": message["id"], "heard": said})
            case "remove":
                self._remove(message)
            case "tell":
                self._tell()
            case "stop":
                self._stopping = True

    def _begin(self, *, whole: bool) -> None:
        if self._syncing is None:
            if restored := self._engine.restore():
                log.warning("%d packets were left by a worker that was killed, and are in the spool", restored)
            self._syncing = Syncing(self._spools.folder, whole=whole)
            self._poll.register(self._syncing.bell, select.POLLIN)

    def _put(self, message: Message, descriptors: list[int]) -> None:
        error = None
        now_ns = time.time_ns()
        draws = {UUID(name): read_draws(written) for name, written in message["veils"].items()}
        takes = {name: UUID(name) for name in {said[0] for said in message["sockets"]}}
        for (name, stream, host, aim, family, keys), descriptor in zip(message["sockets"], descriptors, strict=True):
            take = takes[name]
            media = socket.socket(family, socket.SOCK_DGRAM, socket.IPPROTO_UDP, descriptor)  # it would ask the kernel
            try:
                rtcp = media if host is None else self._rtcp[host]
                self._engine.put(take, stream, media, rtcp, draws=draws.get(take, OPEN))
            except MediaError as failed:
                media.close()
                error = str(failed)
                continue
            if host is not None:
                self._shared.setdefault(take, {})[stream] = host
            if (types := read_key_types(keys)) != USUAL_KEYS:
                self._engine.look_for_keys(take, stream, types)
            if aim is not None:
                self._engine.aim(take, stream, read_aim(aim), now_ns)
        self._say({"id": message["id"], "error": error})

    def _remove(self, message: Message) -> None:
        take, streams, number = UUID(message["take"]), message["streams"], message["id"]
        file = self._engine.remove(take, streams, time.time_ns())
        shared = self._shared.pop(take, {})
        if streams is not None and (left := {stream: shared[stream] for stream in shared if stream not in streams}):
            self._shared[take] = left
        if file is None or self._syncing is None:
            self._say({"id": number})
            return
        last = not self._engine.is_known(take)

        def synced() -> None:
            if last:
                file.close()
            self._say({"id": number})

        self._ending.append((file, synced))
        self._sync_ended()

    def _sync_ended(self) -> None:
        """What has ended is synced as soon as all of it is written; a full disk makes it wait."""
        ending, self._ending = self._ending, []
        for file, synced in ending:
            if self._syncing is not None and file.append(b""):
                self._syncing.ask(file, synced)
            else:
                self._ending.append((file, synced))

    def _tell(self) -> None:
        """Everything that is needed to begin this worker anew, and to answer for its streams."""
        if self._memory is not None:
            self._say({"arena": True}, [self._memory])
        for host, port in self._rtcp.items():
            self._say({"rtcp": host}, [port.fileno()])
        said, descriptors = [], []
        veils: dict[str, Any] = {}
        for take, stream, place in self._engine.kept():
            aim = write_aim(place.shelf.reporter.aim_of(place.slot))
            keys = write_key_types(self._engine.key_types_of(take, stream))
            said.append([str(take), stream, self._shared.get(take, {}).get(stream), aim, keys])
            descriptors.append(place.media.fileno())
            veils[str(take)] = write_draws(self._engine.draws_of(take))
            if len(said) == MOST_DESCRIPTORS:
                self._say({"kept": said, "veils": veils}, descriptors)
                said, descriptors, veils = [], [], {}
        self._say({"kept": said, "veils": veils}, descriptors)
        self._say({"told": True, "pid": os.getpid(), "begun": self._syncing is not None})


def door_of(folder: Path, pid: int) -> Path:
    """Where a worker may be found by a supervisor that did not start it."""
    return folder / f"media-{pid}.socket"
