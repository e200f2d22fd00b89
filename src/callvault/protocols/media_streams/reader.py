"""What all vendors' streams have in common: one start, and what comes before it waits for it.

What does not live here: what a vendor's frames look like (a file each).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from callvault.errors import ProtocolError
from callvault.protocols.media_streams import fields
from callvault.protocols.media_streams.byte_order import ByteOrder
from callvault.protocols.media_streams.events import Event, Media, Oddity, Started, Vendor

MOST_HELD = 500
"""Pieces that may come ahead of the start: Telnyx promises no order.  Five seconds of two tracks."""
MOST_HELD_OCTETS = 1 << 20
MOST_ODDITIES = 50


class Reader(ABC):
    """Of one connection."""

    vendor: ClassVar[Vendor]

    def __init__(self, *, big_endian: bool = False) -> None:
        """``big_endian``: L16 comes with the higher octet first, somebody says; else it is as the vendor sends it."""
        self._big_endian = big_endian
        self._order: ByteOrder | None = None
        self._started = False
        self._held: list[Media] = []
        self._held_octets = 0
        self._odd: set[str] = set()

    def receive(self, frame: str | bytes) -> tuple[Event, ...]:
        """What a WebSocket message says: text, or octets of a binary one.

        Raises:
            ProtocolError: it says nothing that can be understood, or is another vendor's.
        """
        found = self._events(frame)
        if self._order is not None:
            found += self._overheard(self._order, found)
        if self._started and not self._held:
            return found if all(isinstance(each, Media) for each in found) else tuple(self._told(found))
        return tuple(self._in_order(found))

    def _events(self, frame: str | bytes) -> tuple[Event, ...]:
        """As the vendor sends it; a vendor that has binary frames reads those itself."""
        told = fields.document(frame)
        if not self._started:
            self._refuse_strangers(told)
        event = self._read(told)
        return () if event is None else (event,)

    @abstractmethod
    def _read(self, told: Mapping[str, Any]) -> Event | None:
        """One frame's event."""

    def _refuse_strangers(self, told: Mapping[str, Any]) -> None:
        sender = sender_of(told)
        if sender is not None and sender not in self._also_sent_by():
            raise ProtocolError(
                f"This is what {sender.value} sends, and the address is for {self.vendor.value}: "
                f"/streams/{sender.value}/ would be right."
            )

    def _also_sent_by(self) -> frozenset[Vendor]:
        """Whose frames look like this vendor's."""
        return frozenset({self.vendor})

    def _in_order(self, found: tuple[Event, ...]) -> list[Event]:
        """The start first, and what was held behind it."""
        kept: list[Event] = []
        for event in self._told(found):
            if isinstance(event, Started):
                self._started = True
                kept += [self._ordered(event), *self._held]
                self._held = []
            elif self._started or not isinstance(event, Media):
                kept.append(event)
            else:
                self._hold(event)
        return kept

    def _ordered(self, started: Started) -> Started:
        """With the order of octets that somebody told, and watched where nobody can know it."""
        coded = started.format
        if self._big_endian:
            coded = replace(coded, little_endian=False)
        if coded.encoding == "L16":
            self._order = ByteOrder(little_endian=coded.little_endian)
        return replace(started, format=coded)

    def _overheard(self, order: ByteOrder, found: tuple[Event, ...]) -> tuple[Event, ...]:
        """A word about the order of octets, as soon as it is plain that it is the wrong one."""
        for event in found:
            if isinstance(event, Media) and not order.decided:
                order.listen(event.payload)
        if not order.decided:
            return ()
        self._order = None
        if not order.is_wrong:
            return ()
        right = "without l16=big" if self._big_endian else "with ?l16=big"
        sentence = (
            f"The samples seem to come with their octets the other way round; the address {right} would be right."
        )
        return (Oddity(code="l16-order", sentence=sentence),)

    def _hold(self, media: Media) -> None:
        self._held_octets += len(media.payload)
        if len(self._held) >= MOST_HELD or self._held_octets > MOST_HELD_OCTETS:
            raise ProtocolError("Audio comes, and no start has said what it is.")
        self._held.append(media)

    def _told(self, found: tuple[Event, ...]) -> list[Event]:
        """Each oddity once, and of two starts the first."""
        kept: list[Event] = []
        for event in found:
            told: Event = event
            if isinstance(event, Started) and self._started:
                told = Oddity(code="start-twice", sentence="The stream was started twice; the first start counts.")
            if isinstance(told, Oddity):
                if told.sentence in self._odd or len(self._odd) >= MOST_ODDITIES:
                    continue
                self._odd.add(told.sentence)
            kept.append(told)
        return kept


def unknown_event(name: object) -> Oddity:
    """A kind of frame that the vendor's page does not have."""
    return Oddity(code="event-unknown", sentence=f"A frame of the unknown kind {name!r:.60} was left out.")


def sender_of(told: Mapping[str, Any]) -> Vendor | None:
    """Whose first frame it is, as far as its shape tells; None where it tells nothing."""
    if "rawEvent" in told:
        return Vendor.SIGNALWIRE
    if "eventType" in told:
        return Vendor.BANDWIDTH
    if "event" not in told:
        return Vendor.JAMBONZ if "callSid" in told else None
    if "stream_id" in told or "sequence_number" in told:
        return Vendor.TELNYX
    if "streamSid" in told or "sequenceNumber" in told or "protocol" in told:
        return Vendor.TWILIO
    return Vendor.TELNYX if told["event"] == "connected" else None


def told_by(parameters: Mapping[str, str], *names: str) -> str | None:
    """What the user's own parameters say of something that the vendor does not tell, whatever the capitals."""
    known = {name.lower(): value for name, value in parameters.items() if value}
    return next((known[name] for name in names if name in known), None)


def direction_told(word: str | None) -> str | None:
    """``inbound`` or ``outbound``; None for everything else, as ``outbound-api`` is outbound."""
    plain = (word or "").lower().partition("-")[0]
    return plain if plain in ("inbound", "outbound") else None
