"""The media streams' door: who comes in, which call a start is of, and when a call is taken for ended.

What does not live here: one call's business (``call``), files (``takes``), the process (``server.capture.streaming``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from websockets.datastructures import Headers, MultipleValuesError

from callvault.capture.clock import NowNs
from callvault.capture.room import Room
from callvault.capture.steering import wheelhouse
from callvault.capture.streams.admission import TOKEN, Admission, Guest
from callvault.capture.streams.call import Line, StreamCall
from callvault.capture.streams.connection import Connection, Refusal
from callvault.capture.streams.names import CallName, door_of, first_words
from callvault.capture.streams.places import read_address
from callvault.capture.streams.takes import Takes
from callvault.capture.streams.visit import Visit
from callvault.errors import MediaError, NotAllowed, NotAuthenticated, NotOffered, TooMany
from callvault.model.order import Order, Reply
from callvault.protocols.media_streams.events import Started
from callvault.protocols.spool.journal import Begun, Reason

log = logging.getLogger("callvault.streams")

SECOND_NS = 1_000_000_000
QUIET_NS = 2 * SECOND_NS
"""A connection from which nothing came for so long gives way to another one of the same call."""
START_S = 10.0
"""How long a connection may take to say which call it is of."""
CHALLENGE = 'Basic realm="callvault", charset="UTF-8"'
GOING_AWAY, NOT_ALLOWED = 1001, 1008


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long is waited for what, in seconds."""

    silence_s: float = 120.0
    """For audio."""
    resume_s: float = 20.0
    """For another connection, when one broke off."""


class Door:
    """All streams of this process."""

    def __init__(
        self,
        takes: Takes,
        admission: Admission,
        room: Room,
        *,
        now_ns: NowNs,
        new_take: Callable[[], UUID],
        patience: Patience,
        most_calls: int,
    ) -> None:
        self._takes = takes
        self._admission = admission
        self._room = room
        self._now_ns = now_ns
        self._new_take = new_take
        self._patience = patience
        self._most_calls = most_calls
        self._calls: dict[CallName, StreamCall] = {}
        self._visits: set[Visit] = set()
        self._began_ns = now_ns()

    @property
    def calls(self) -> tuple[StreamCall, ...]:
        """Those that are under way."""
        return tuple(self._calls.values())

    def resume(self) -> int:
        """Take over what a process before this one left: each waits for a connection of its call, for a while."""
        found = self._takes.adopted(self._now_ns())
        for call in found:
            self._calls[call.name] = call
        return len(found)

    def greet(self, target: str, headers: Headers, host: str, connection: Connection) -> Visit:
        """See ``connection.Host``."""
        try:
            shown = headers.get("Authorization")
            address = read_address(target)
            guest = self._admission.admit(address, host=host, peer=connection.peer, authorization=shown)
            self._see_room()
        except NotOffered as error:
            raise _refused(connection, 404, str(error)) from error
        except MultipleValuesError as error:
            raise _refused(connection, 400, "There is more than one Authorization header.") from error
        except NotAuthenticated as error:
            raise _refused(connection, 401, str(error), WWW_Authenticate=CHALLENGE) from error
        except NotAllowed as error:
            raise _refused(connection, 403, str(error)) from error
        except (TooMany, OSError) as error:
            raise _refused(connection, 503, str(error), Retry_After="60") from error
        visit = Visit(self, guest, connection, at_ns=self._now_ns())
        self._visits.add(visit)
        return visit

    def _see_room(self) -> None:
        if max(len(self._calls), len(self._visits)) >= self._most_calls:
            raise TooMany(f"{self._most_calls} calls are captured, and no more are taken.", after_s=60.0)
        if not self._room.is_there():
            raise TooMany("The spool's disk has no room for another call.", after_s=60.0)

    def left(self, visit: Visit) -> None:
        """See ``visit.Calls``."""
        self._visits.discard(visit)

    def started(self, guest: Guest, started: Started, line: Line, at_ns: int) -> StreamCall:
        """See ``visit.Calls``."""
        self._admission.check(guest, started.parameters.get(TOKEN))
        name = CallName(trunk=guest.trunk.name, vendor=started.vendor.value, call_id=started.call_id)
        known = self._calls.get(name)
        if known is not None and known.format == started.format and _gives_way(known, at_ns):
            if known.line is not None:
                known.line.close(GOING_AWAY, "Another connection goes on with this call.")
                known.lose(known.heard_ns)
            known.connect(started, line, at_ns)
            return known
        if known is not None:  # a second stream of one call, side by side with the first: a take of its own
            name = replace(name, call_id=f"{name.call_id} {self._new_take()}")
        call = self._begin(guest, name, started, at_ns)
        call.connect(started, line, at_ns)
        return call

    def _begin(self, guest: Guest, name: CallName, started: Started, at_ns: int) -> StreamCall:
        trunk = guest.trunk
        call = self._takes.begin(self._new_take(), name, started.format, at_ns)
        begun = Begun(
            take=call.take,
            at_ns=at_ns,
            account_id=trunk.account_id,
            door=door_of(started.vendor),
            trunk=trunk.name,
            peer=guest.peer,
            call_id=started.call_id,
            settings=trunk.about_recordings(),
        )
        first = first_words(name, started, at_ns, hidden=TOKEN)
        try:
            call.begin(begun, *first)
        except MediaError:
            self._takes.drop(call)
            raise
        call.steer(self._takes.bridge, begun, first=first)
        self._calls[name] = call
        return call

    def ended(self, call: StreamCall, reason: Reason, at_ns: int) -> None:
        """See ``visit.Calls``."""
        if call.over:
            return
        self._calls.pop(call.name, None)
        call.end(at_ns, reason)
        self._takes.end(call)

    async def catch_up(self) -> None:
        """See to what is due in calls and could not be done: a limit, a cue, a veil."""
        await wheelhouse.catch_up(self.calls)

    async def carry_out(self, order: Order) -> Reply:
        """A verb for one of the calls."""
        return await wheelhouse.carry_out(order, self.calls)

    def tick(self) -> None:
        """Write what has come."""
        for call in self._calls.values():
            call.flush()
        self._takes.tick()

    def look(self) -> None:
        """End calls from which nothing comes any more, and connections that say nothing."""
        now_ns = self._now_ns()
        for visit in [each for each in self._visits if each.call is None]:
            if now_ns - visit.since_ns > START_S * SECOND_NS:
                visit.send_off(NOT_ALLOWED, "No start has come.")
        for call in self.calls:
            if call.lost_ns is not None:
                since_ns = max(call.lost_ns, self._began_ns) if call.adopted else call.lost_ns
                if now_ns - since_ns > self._patience.resume_s * SECOND_NS:
                    self.ended(call, Reason.INTERRUPTED if call.adopted else Reason.SILENT, call.lost_ns)
            elif now_ns - call.heard_ns > self._patience.silence_s * SECOND_NS:
                line = call.line
                self.ended(call, Reason.SILENT, now_ns)
                if line is not None:
                    line.close(GOING_AWAY, "Nothing has come for too long.")

    async def end_all(self) -> None:
        """Close every stream: the server is stopped for good."""
        now_ns = self._now_ns()
        for call in self.calls:
            line = call.line
            self.ended(call, Reason.STOPPED, now_ns)
            if line is not None:
                line.close(GOING_AWAY, "The server is stopped.")
        while not self._takes.idle:
            self._takes.tick()
            await asyncio.sleep(0.01)


def _gives_way(known: StreamCall, at_ns: int) -> bool:
    return known.lost_ns is not None or at_ns - known.heard_ns > QUIET_NS


def _refused(connection: Connection, status: int, sentence: str, **fields: str) -> Refusal:
    log.info("a media stream from %s is refused with %d: %s", connection.peer, status, sentence)
    return Refusal(status, sentence, **fields)
