"""A visit: what is said on one connection, from its opening to its end, and of which call it is.

What does not live here: octets (``connection``), the choice of the call (``door``).
"""

from __future__ import annotations

import logging
from typing import Protocol

from callvault.capture.streams.admission import Guest
from callvault.capture.streams.call import Line, StreamCall
from callvault.errors import HouseError, NotAuthenticated, ProtocolError, TooMany
from callvault.protocols.media_streams.events import Event, Started, Stopped
from callvault.protocols.media_streams.readers import READERS
from callvault.protocols.spool.journal import Reason

log = logging.getLogger("callvault.streams")

DONE, NOT_UNDERSTOOD, NOT_ALLOWED, LATER = 1000, 1002, 1008, 1013
"""WebSocket close codes (RFC 6455 section 7.4.1)."""
MOST_UNREADABLE = 1000
"""Frames of a call that nobody can read, before it is taken for none."""


class Calls(Protocol):
    """All calls, as a visit sees them."""

    def started(self, guest: Guest, started: Started, line: Line, at_ns: int) -> StreamCall:
        """Which call it is.

        Raises:
            NotAuthenticated, TooMany, MediaError: it is not taken.
        """

    def ended(self, call: StreamCall, reason: Reason, at_ns: int) -> None:
        """It is over."""

    def left(self, visit: Visit) -> None:
        """The connection is gone."""


class Visit:
    """Of one connection."""

    def __init__(self, calls: Calls, guest: Guest, line: Line, at_ns: int) -> None:
        self.since_ns = at_ns
        self.call: StreamCall | None = None
        self._calls = calls
        self._guest = guest
        self._line = line
        self._reader = READERS[guest.address.vendor](big_endian=guest.address.big_endian)
        self._unreadable = 0

    def hear(self, message: str | bytes, at_ns: int) -> None:
        """A message has come."""
        try:
            events = self._reader.receive(message)
        except ProtocolError as error:
            self._not_understood(error, at_ns)
            return
        for event in events:
            if not self._serve(event, at_ns):
                return

    def lost(self, at_ns: int, *, clean: bool) -> None:
        """The connection is gone; clean: the other side said goodbye."""
        self._calls.left(self)
        call = self.call
        if call is None or call.over or call.line is not self._line:
            return
        if clean:
            self._calls.ended(call, Reason.BYE, at_ns)
        else:
            call.lose(at_ns)

    def send_off(self, code: int, reason: str) -> None:
        """It has come to nothing."""
        log.info("the media stream from %s is closed: %s", self._guest.peer, reason)
        self._calls.left(self)
        self._line.close(code, reason)

    def _serve(self, event: Event, at_ns: int) -> bool:
        """Whether anything may follow."""
        if isinstance(event, Started):
            return self._start(event, at_ns)
        if self.call is None:
            return True  # a greeting
        self.call.hear(event, at_ns)
        if not isinstance(event, Stopped):
            return True
        self._calls.ended(self.call, Reason.BYE, at_ns)
        self.send_off(DONE, "The stream was stopped.")
        return False

    def _start(self, started: Started, at_ns: int) -> bool:
        try:
            self.call = self._calls.started(self._guest, started, self._line, at_ns)
        except NotAuthenticated as error:
            self.send_off(NOT_ALLOWED, str(error))
        except (HouseError, TooMany) as error:
            log.warning("a media stream from %s is refused: %s", self._guest.peer, error)
            self.send_off(LATER, str(error))
        return self.call is not None

    def _not_understood(self, error: ProtocolError, at_ns: int) -> None:
        self._unreadable += 1
        if self.call is None or self._unreadable > MOST_UNREADABLE:
            if self.call is not None:
                self._calls.ended(self.call, Reason.STOPPED, at_ns)
            self.send_off(NOT_UNDERSTOOD, str(error))
            return
        self.call.complain(at_ns, "frame-unreadable", str(error))
