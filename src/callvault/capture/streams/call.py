"""One call that comes as a media stream, while it lasts: from its start, over lost connections, to the end of its take.

What lives here: what is done about each event, and what is journalled of it.  What does not: which call a start is of
(``door``), what it is called (``names``), the connection (``connection``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from callvault.capture.clock import now_ns
from callvault.capture.gate import Veil
from callvault.capture.journals import JournalFile
from callvault.capture.media.keys import key_types_of
from callvault.capture.steering.helm import Bridge, Helm
from callvault.capture.streams.names import CallName
from callvault.capture.streams.spooling import Spooling
from callvault.errors import HouseError, MediaError
from callvault.protocols.media_streams.events import Digit, Event, Format, Media, Oddity, Started, Track
from callvault.protocols.media_streams.packetiser import Packetiser
from callvault.protocols.spool.journal import (
    Begun,
    Ended,
    Flow,
    Flowed,
    Journal,
    Odd,
    Reason,
    Record,
    StreamAgreed,
)

log = logging.getLogger("callvault.streams")

MOST_ODDITIES = 200


class Line(Protocol):
    """The connection on which a call comes."""

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and hear nothing more."""

    def hold(self, *, back: bool) -> None:
        """Let the client wait with what it has to say, or not any more."""


@dataclass(kw_only=True, slots=True, eq=False)
class StreamCall:
    """One take under way."""

    take: UUID
    name: CallName
    format: Format
    journal: JournalFile
    spooling: Spooling
    heard_ns: int
    """When audio came last, or the call began."""
    packetiser: Packetiser | None = None
    """Of the connection that there is, or was last."""
    tracks: set[Track] = field(default_factory=set)
    """Those that were agreed upon."""
    flowing: set[Track] = field(default_factory=set)
    """Those of which something has come."""
    lost_ns: int | None = None
    """Since when there is no connection."""
    adopted: bool = False
    """Whether a process before this one had it, and nobody has come for it yet."""
    line: Line | None = None
    """The connection that there is."""
    over: bool = False
    helm: Helm | None = None
    """Who steers it; None before the first word is journalled, or where nobody knows whose call it is."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _complained: bool = False
    _held_back: bool = False
    _odd: set[str] = field(default_factory=set)

    def begin(self, *records: Record) -> None:
        """Write what the take begins with.

        Raises:
            MediaError: the disk does not take it, so the take must not begin.
        """
        self.journal.write(*records)

    def steer(
        self, bridge: Bridge, begun: Begun, *, first: Sequence[Record] = (), known: Journal | None = None
    ) -> None:
        """Let it be steered from now on; until that is decided, what comes waits.

        ``first``: what was journalled of a call that begins; ``known``: of one that a process before this one had.
        """
        helm = self.helm = Helm.of(bridge, begun, commit=self.journal.commit, journal=known)
        self.spooling.draw(helm.veil, self.heard_ns)

        async def decide() -> None:
            try:
                await (helm.tick() if known is not None else helm.begin(first))
            except HouseError as error:
                log.warning("it is not clear yet what is recorded of the take %s: %s", self.take, error)
            self.spooling.decide()

        self._soon(decide())

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def write(self, *records: Record) -> None:
        """Write what has become true; what the disk does not take now goes with the next records."""
        try:
            self.journal.write(*records)
        except MediaError as error:
            if not self._complained:
                log.error("a call goes on, and what is said of it cannot be written down: %s", error)  # noqa: TRY400
            self._complained = True
        else:
            self._complained = False
        if self.helm is not None and not self.over:
            self._soon(self.helm.learn(records))

    def connect(self, started: Started, line: Line, at_ns: int) -> None:
        """A connection has come, the first one or another."""
        if self.lost_ns is not None:
            self.complain(at_ns, "connection-lost", _gap(self.lost_ns, at_ns))
        self.lost_ns, self.adopted, self.line = None, False, line
        self.heard_ns = at_ns
        self.packetiser = Packetiser(started.format, f"{self.take}/{at_ns}")
        self._agree(started.tracks, at_ns)

    def hear(self, event: Event, at_ns: int) -> None:
        """Something was said on the connection."""
        if self.over or self.packetiser is None:
            return
        match event:
            case Media():
                if event.track not in self.flowing:
                    self._flow(event.track, at_ns)
                self.heard_ns = at_ns
                self.spooling.receive(event.track, at_ns, self.packetiser.media(event))
            case Digit():
                if event.track not in self.tracks:
                    self._agree((event.track,), at_ns)
                self.spooling.receive(event.track, at_ns, self.packetiser.digit(event))
            case Oddity():
                self.complain(at_ns, event.code, event.sentence)
            case _:
                pass

    def complain(self, at_ns: int, code: str, sentence: str) -> None:
        """Note something odd, once."""
        if sentence not in self._odd and len(self._odd) < MOST_ODDITIES:
            self._odd.add(sentence)
            self.write(Odd(at_ns=at_ns, code=code, sentence=sentence))

    def lose(self, at_ns: int) -> None:
        """The connection broke off."""
        self.lost_ns, self.line = at_ns, None

    def flush(self) -> None:
        """Write what has come; where the disk takes nothing, the client has to wait."""
        full = not self.spooling.flush(None if self.over else now_ns())
        if full is not self._held_back and self.line is not None:
            self.line.hold(back=full)
            self._held_back = full

    def draw(self, veil: Veil) -> int:
        """From the moment (ns) that is answered on, what is spooled is as the veil says."""
        at_ns = now_ns()
        self.spooling.draw(veil, at_ns)
        return at_ns

    def end(self, at_ns: int, reason: Reason) -> None:
        """Nothing more will come."""
        self.over, self.line = True, None
        self.spooling.decide()
        if self.helm is not None:
            self._soon(self.helm.end())
        self.write(Ended(at_ns=at_ns, reason=reason))

    def _flow(self, track: Track, at_ns: int) -> None:
        """The first of a track has come."""
        self._agree((track,), at_ns)
        self.flowing.add(track)
        self.write(Flowed(at_ns=at_ns, stream=int(track), flow=Flow.FLOWING))

    def _agree(self, tracks: Sequence[Track], at_ns: int) -> None:
        assert self.packetiser is not None  # noqa: S101 - a connection is there, or nothing would come
        for track in tracks:
            agreed = StreamAgreed(
                at_ns=at_ns, stream=int(track), label=track.label, payloads=self.packetiser.payloads, packet_ms=20
            )
            self.spooling.look_for_keys(int(track), key_types_of(agreed))
            if track not in self.tracks:
                self.tracks.add(track)
                self.write(agreed)


def _gap(lost_ns: int, at_ns: int) -> str:
    lasted_s = max(0, at_ns - lost_ns) / 1e9
    return f"The connection broke off, and {lasted_s:.1f} s later another one went on with the call."
