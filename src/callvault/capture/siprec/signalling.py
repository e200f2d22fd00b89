"""Signalling as it runs: the SIP agent, its sockets, its timers, and whoever handles its events.

What lives here: moving bytes and events between the three.  What does not: any decision on a call (``door``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from callvault.capture.siprec.congestion import Congestion
from callvault.capture.siprec.datagrams import DatagramPort
from callvault.capture.siprec.places import Place
from callvault.capture.siprec.streams import StreamLimits, Streams
from callvault.capture.siprec.tls import Identity
from callvault.protocols.sip.agent import UserAgentServer
from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.sip.events import Event
from callvault.protocols.sip.flow import Flow, Transport

log = logging.getLogger("callvault.siprec")

Handle = Callable[[Event], None]
"""What is done about an event, at once; what takes time is done in a task of the handler's own."""
PULSE_S = 0.25
"""How often the loop's own lateness is measured."""


class Signalling:
    """One agent on all its transports.  All of it happens in one event loop."""

    def __init__(
        self,
        agent: UserAgentServer,
        handle: Handle,
        *,
        identity: Identity | None = None,
        stream_limits: StreamLimits | None = None,
        congestion: Congestion | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.agent = agent
        self.congestion = congestion or Congestion()
        self.streams = Streams(self._receive_piece, limits=stream_limits or StreamLimits(), identity=identity)
        self.handle = handle
        self._clock = clock
        self._ports: list[DatagramPort] = []
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._pulse: asyncio.TimerHandle | None = None

    async def listen(self, places: Iterable[Place]) -> tuple[Place, ...]:
        """Open sockets; the places with the ports that they have got.

        Raises:
            OperatorError: a place is taken, or not ours, or its certificate cannot be used.
        """
        bound = []
        for place in places:
            if place.transport is Transport.UDP:
                port = DatagramPort(place, self._receive_datagram)
                port.start()
                self._ports.append(port)
                bound.append(port.place)
            else:
                bound.append(await self.streams.listen(place))
        self._feel_pulse(self._clock())
        return tuple(bound)

    async def close(self) -> None:
        """No sockets and no timers any more; calls are left as they are."""
        for timer in (self._timer, self._pulse):
            if timer is not None:
                timer.cancel()
        for port in self._ports:
            port.close()
        await self.streams.close()

    @contextmanager
    def speaking(self) -> Iterator[tuple[UserAgentServer, float]]:
        """The agent and the time, for commands; what they make the agent say is sent at the end."""
        try:
            yield self.agent, self._clock()
        finally:
            self._hand_on(self.agent.happened())

    def restore(self, dialogs: Iterable[Dialog]) -> None:
        """Take over a predecessor's dialogs."""
        with self.speaking() as (agent, now):
            for dialog in dialogs:
                agent.restore(dialog, now)

    def _receive_datagram(self, data: bytes, flow: Flow, age_s: float) -> None:
        self.agent.refuse_calls(self.congestion.observe(age_s))
        self._receive(data, flow)

    def _receive_piece(self, data: bytes, flow: Flow) -> bool:
        """Of a stream.  Whether it was SIP at all: whoever speaks something else is no client."""
        dropped = self.agent.dropped
        self._receive(data, flow)
        return self.agent.dropped == dropped or data.startswith((b"SIP/", b"ACK "))

    def _receive(self, data: bytes, flow: Flow) -> None:
        self._hand_on(self.agent.receive(data, flow, self._clock()))

    def _hand_on(self, events: list[Event]) -> None:
        """Send what there is to say before anybody thinks about what was heard, and after that again."""
        self._flush()
        while events:
            for event in events:
                try:
                    self.handle(event)
                except Exception:
                    log.exception("a call's event could not be handled")
            self._flush()
            events = self.agent.happened()
        self._set_timer()

    def _flush(self) -> None:
        for data, flow in self.agent.to_send():
            if flow.transport.reliable:
                self.streams.send(data, flow)
            elif port := next((port for port in self._ports if port.fits(flow)), None):
                port.send(data, flow)

    def _set_timer(self) -> None:
        at = self.agent.next_timer()
        if at == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        if at is not None:
            delay = max(0.0, at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._go_off)

    def _go_off(self) -> None:
        self._timer_at = None
        try:
            self._hand_on(self.agent.handle_timer(self._clock()))
        except Exception:  # one call's timer must not stop those of the others
            log.exception("a timer could not be handled")
            self._set_timer()

    def _feel_pulse(self, due: float) -> None:
        """Streams do not tell how long they have waited; how late this comes does."""
        now = self._clock()
        self.agent.refuse_calls(self.congestion.observe(now - due))
        if self._pulse is not None:
            self._pulse.cancel()
        self._pulse = asyncio.get_running_loop().call_later(PULSE_S, self._feel_pulse, now + PULSE_S)
