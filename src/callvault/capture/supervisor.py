"""The supervisor: opens the media sockets and keeps them, so that they outlive whoever reads them.

It hands them to media workers, puts a waiting one in the place of one that died, and keeps the other processes of the
capture alive.  It does nothing else, so that it does not die; where it does, the workers go on, and its successor asks
them for the sockets.  What does not live here: draining (``media``), how it is asked (``gate_socket``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from callvault.capture.aim import Aim, read_aim, write_aim
from callvault.capture.channel import Channel, Message
from callvault.capture.gate import (
    OPEN_VEIL,
    Draw,
    Gate,
    Heard,
    KeyTypes,
    Opened,
    Opening,
    Veil,
    read_draws,
    read_key_types,
)
from callvault.capture.media.worker import door_of
from callvault.capture.plan import Plan
from callvault.capture.ports import AGAIN_S, MediaPorts, stamping
from callvault.capture.processes import GRACE_S, Kept
from callvault.capture.recovery import recover
from callvault.capture.room import Room
from callvault.capture.seat import Held, Seat, Sitter, start_worker
from callvault.capture.spools import Spools
from callvault.capture.vigil import EVERY_S, patience_with
from callvault.errors import TooMany

log = logging.getLogger("callvault.supervisor")

LOOK_S = 1.0
"""How often it is looked whether the disk has room."""
TELL_S = 5.0
"""How long a worker of a supervisor before us may take to hand everything back."""
SHORT_LIFE_S, PAUSE_S = 0.2, 0.5
"""A worker that lived shorter than the one is followed after the other."""


class Supervisor(Gate):
    """Of one node."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._ports = MediaPorts(plan.first_port, plan.last_port)
        self._room = Room(plan.spool, floor_bytes=plan.floor_bytes, caches=plan.caches)
        self._seats = [Seat(number) for number in range(max(1, plan.workers))]
        self._sitters: set[Sitter] = set()
        """All workers: those at work, the one that waits, those that are just being seated."""
        self._spare: Sitter | None = None
        self._homes: dict[UUID, Seat] = {}
        """Where a take's streams are drained."""
        self._commands = [Kept(command) for command in plan.commands]
        self._stopping = False
        self._stamping: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, when_seated: Callable[[], Awaitable[None]]) -> None:
        """Take back what living workers have, and see that every seat is taken; then begin the other processes."""
        spools = Spools(self.plan.spool)
        self._stamping = stamping()
        await self._find()
        recover(spools, alive=self._homes.keys())
        for seat in self._seats:
            if seat.sitter is None:
                await self._fill(seat)
        self._start_spare()
        await when_seated()
        for command in self._commands:
            command.start()
        self._begin(self._watch_room())
        self._begin(self._watch_workers())

    async def stop(self) -> None:
        """End all others in good order: whoever talks to clients first, the media workers last."""
        self._stopping = True
        for command in self._commands:
            await command.stop()
        sitters = [seat.sitter for seat in self._seats if seat.sitter is not None]
        ended = []
        for sitter in sitters:
            event = asyncio.Event()
            sitter.on_lost = event.set
            sitter.send({"do": "stop"})
            ended.append(event.wait() if not sitter.lost else asyncio.sleep(0))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*ended), GRACE_S)
        if self._spare is not None:
            self._spare.let_go()
            os.kill(self._spare.pid, signal.SIGKILL)  # it has nothing
            door_of(self.plan.run, self._spare.pid).unlink(missing_ok=True)
        for task in self._tasks:
            task.cancel()
        if self._stamping is not None:
            self._stamping.close()

    # Gate

    async def open(self, take: UUID, openings: Sequence[Opening], *, veil: Veil = OPEN_VEIL) -> Sequence[Opened]:
        """See ``Gate``."""
        seat = self._homes.get(take) or min(self._seats, key=lambda seat: len(seat.held))
        there = seat.held.get(take, {})
        wanted = [opening for opening in openings if opening.stream not in there]
        if wanted:
            await self._put(seat, take, wanted, veil)
        return [_opened(seat, take, opening.stream) for opening in openings]

    async def _put(self, seat: Seat, take: UUID, openings: Sequence[Opening], veil: Veil) -> None:
        if not self._room.is_there():
            raise TooMany("The spool's disk has no room for another call.", after_s=60.0)
        new: dict[int, Held] = {}
        failed = True
        try:
            for opening in openings:
                if not opening.shared_rtcp:
                    self._share_rtcp(seat, opening.host)
                opened, port = self._ports.open(opening.host)
                new[opening.stream] = Held(socket=opened, port=port, host=None if opening.shared_rtcp else opening.host)
            self._homes[take] = seat
            seat.veils.setdefault(take, [Draw(at_ns=0, veil=veil)])
            seat.held.setdefault(take, {}).update(new)
            said = [held.told(take, stream) for stream, held in new.items()]
            message = {"do": "put", "sockets": said, "veils": seat.veils_of([take])}
            answer = await seat.ask(message, [held.socket.fileno() for held in new.values()])
            failed = answer["error"] is not None
        finally:
            if failed:
                seat.tell({"do": "remove", "id": 0, "take": str(take), "streams": list(new)})
                self._forget(seat, take, new)
        if failed:
            raise TooMany(answer["error"], after_s=AGAIN_S)

    def _share_rtcp(self, seat: Seat, host: str) -> None:
        if host not in seat.rtcp:
            seat.rtcp[host] = self._ports.open(host)
            seat.tell({"do": "rtcp", "host": host}, [seat.rtcp[host][0].fileno()])

    async def veil(self, take: UUID, veil: Veil) -> int:
        """See ``Gate``."""
        seat = self._homes.get(take)
        if seat is None:  # nothing of it is drained, so nothing is spooled
            return time.time_ns()
        answer = await seat.ask({"do": "veil", "take": str(take), "veil": asdict(veil)})
        at_ns: int = answer["drawn"][1]
        return at_ns

    async def aim(self, take: UUID, stream: int, aim: Aim | None) -> None:
        """See ``Gate``."""
        seat = self._homes.get(take)
        held = seat.held.get(take, {}).get(stream) if seat else None
        if seat is not None and held is not None:
            held.aim = aim
            seat.tell({"do": "aim", "take": str(take), "stream": stream, "aim": write_aim(aim)})

    async def look_for_keys(self, take: UUID, stream: int, types: KeyTypes) -> None:
        """See ``Gate``."""
        seat = self._homes.get(take)
        held = seat.held.get(take, {}).get(stream) if seat else None
        if seat is not None and held is not None:
            held.keys = types
            seat.tell({"do": "keys", "take": str(take), "stream": stream, "types": asdict(types)})

    async def heard(self, take: UUID) -> Mapping[int, Heard]:
        """See ``Gate``."""
        seat = self._homes.get(take)
        if seat is None:
            return {}
        answer = await seat.ask({"do": "heard", "take": str(take)})
        return {
            stream: Heard(packets=packets, last_ns=last_ns, source=(source[0], source[1]) if source else None)
            for stream, packets, last_ns, source in answer["heard"]
        }

    async def shut(self, take: UUID, streams: Sequence[int] | None = None) -> None:
        """See ``Gate``."""
        seat = self._homes.get(take)
        if seat is None:
            return
        await seat.ask({"do": "remove", "take": str(take), "streams": streams})
        there = seat.held.get(take, {})
        self._forget(seat, take, {each: there[each] for each in there if streams is None or each in streams})

    def _forget(self, seat: Seat, take: UUID, streams: Mapping[int, Held]) -> None:
        there = seat.held.get(take, {})
        for stream, held in streams.items():
            there.pop(stream, None)
            held.socket.close()
            self._ports.give_back(held.port)
        if not there:
            seat.held.pop(take, None)
            seat.veils.pop(take, None)
            self._homes.pop(take, None)

    # Media workers

    def _heard_from(self, sitter: Sitter, message: Message, descriptors: list[int]) -> None:
        for seat in self._seats:
            if seat.sitter is sitter:
                seat.hear(message)
        for descriptor in descriptors:  # nobody hands anything back that was not asked for
            socket.socket(fileno=descriptor).close()

    def _start_spare(self) -> None:
        """Have a worker wait, with everything loaded, for one to die."""
        if self._spare is None and not self._stopping:
            self._spare = spare = start_worker(self.plan, self._heard_from)
            spare.on_lost = self._lose_spare
            self._sitters.add(spare)

    def _lose_spare(self) -> None:
        self._spare = None
        if not self._stopping:
            asyncio.get_running_loop().call_later(PAUSE_S, self._start_spare)

    async def _fill(self, seat: Seat) -> None:
        """Seat the one that waits, and have another one wait."""
        self._start_spare()
        sitter = self._spare
        while sitter is None:
            await asyncio.sleep(PAUSE_S)
            sitter = self._spare
        self._spare = None
        sitter.on_lost = lambda: self._replace(seat, sitter)
        await sitter.ready.wait()
        if not sitter.lost:
            seat.sit(sitter)
        self._start_spare()

    def _replace(self, seat: Seat, sitter: Sitter) -> None:
        if seat.sitter in {sitter, None} and not self._stopping:
            lived_s = time.monotonic() - seat.taken_at
            seat.sitter = None
            door_of(self.plan.run, sitter.pid).unlink(missing_ok=True)
            log.warning("the media worker %d ended after %.1f s; another one goes on", sitter.pid, lived_s)
            self._begin(self._fill_later(seat, PAUSE_S if lived_s < SHORT_LIFE_S else 0.0))

    async def _fill_later(self, seat: Seat, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        await self._fill(seat)

    async def _find(self) -> None:
        """Take workers that a supervisor before us has left behind, with all that they have."""
        for path in sorted(self.plan.run.glob("media-*.socket")):
            end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                end.connect(str(path))
            except OSError:
                end.close()
                path.unlink(missing_ok=True)
                continue
            seat = next((seat for seat in self._seats if seat.sitter is None), None) or Seat(len(self._seats))
            if await self._take_back(end, seat) and seat not in self._seats:
                self._seats.append(seat)

    async def _take_back(self, end: socket.socket, seat: Seat) -> bool:
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def hear(sitter: Sitter, message: Message, descriptors: list[int]) -> None:
            if "arena" in message:
                seat.arena = descriptors[0]
            elif "rtcp" in message:
                port = socket.socket(fileno=descriptors[0])
                seat.rtcp[message["rtcp"]] = (port, port.getsockname()[1])
                self._ports.take(port.getsockname()[1])
            elif "kept" in message:
                seat.veils.update((UUID(name), read_draws(draws)) for name, draws in message["veils"].items())
                for (name, stream, host, aim, keys), descriptor in zip(message["kept"], descriptors, strict=True):
                    kept = socket.socket(fileno=descriptor)
                    port = kept.getsockname()[1]
                    self._ports.take(port)
                    held = seat.held.setdefault(UUID(name), {})
                    held[stream] = Held(socket=kept, port=port, host=host, aim=read_aim(aim), keys=read_key_types(keys))
                    self._homes[UUID(name)] = seat
            elif "told" in message:
                sitter.pid = message["pid"]
                sitter.ready.set()
                told.set_result(message["begun"])
            else:
                self._heard_from(sitter, message, descriptors)

        def lose() -> None:
            if not told.done():
                told.set_result(False)

        sitter = Sitter(Channel(end), hear)
        sitter.on_lost = lose
        sitter.send({"do": "tell"})
        begun = False
        with contextlib.suppress(TimeoutError):
            begun = await asyncio.wait_for(told, TELL_S)
        if not begun:
            sitter.let_go()
            return False
        sitter.on_lost = lambda: self._replace(seat, sitter)
        seat.seat(sitter)
        self._sitters.add(sitter)
        return True

    # The rest

    async def _watch_room(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                self._room.make()
            except OSError:
                log.exception("the spool's disk cannot be looked at")

    async def _watch_workers(self) -> None:
        patience = patience_with(self._ports.buffer_bytes)
        while not self._stopping:  # whoever was asked to end syncs first, and shows nothing meanwhile
            await asyncio.sleep(EVERY_S)
            self._sitters = {sitter for sitter in self._sitters if not sitter.lost}
            for sitter in self._sitters:
                sitter.look(patience)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _opened(seat: Seat, take: UUID, stream: int) -> Opened:
    held = seat.held[take][stream]
    rtcp_port = held.port if held.host is None else seat.rtcp[held.host][1]
    return Opened(stream=stream, port=held.port, rtcp_port=rtcp_port)
