"""What a recorder takes of an offer, line by line, before any port is known.

What lives here: the choice of payload types and keys, the direction, whether a stream is meant to flow.  What does not:
writing it down (``answer``).
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from callvault.protocols.sdp.attributes import Direction, address_of, direction_of, label_of, packet_ms_of, source_of
from callvault.protocols.sdp.crypto import CryptoLine, crypto_of
from callvault.protocols.sdp.description import Description, Media
from callvault.protocols.sdp.payloads import VOICES, recorded
from callvault.protocols.spool.journal import Flow, Payload

PLAIN = frozenset({"RTP/AVP", "RTP/AVPF"})
SECURE = frozenset({"RTP/SAVP", "RTP/SAVPF"})

ANSWERED = {
    Direction.SENDONLY: Direction.RECVONLY,  # RFC 3264 section 6.1
    Direction.SENDRECV: Direction.RECVONLY,  # a recorder has nothing to say (RFC 7866 section 7.2)
    Direction.RECVONLY: Direction.INACTIVE,
    Direction.INACTIVE: Direction.INACTIVE,
}
"""Always from the offer at hand: a stream that was inactive flows again as soon as it is offered so."""


class Refusal(enum.StrEnum):
    """Why a line is answered with port 0."""

    REMOVED = "removed"
    """The client offers port 0 itself."""
    NOT_AUDIO = "not-audio"
    NO_CODEC = "no-codec"
    """None of its payload types is recorded."""
    PROTOCOL = "protocol"
    """Not RTP, or keys that are not in the description (DTLS)."""
    NO_KEY = "no-key"
    """SRTP, and none of the keys can be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What is taken of one line."""

    stream: int
    """The line's index, from 0."""
    offered: Media
    refusal: Refusal | None
    direction: Direction
    """Ours."""
    flow: Flow
    label: str | None
    payloads: tuple[Payload, ...] = ()
    """Empty where the line is refused."""
    packet_ms: int | None = None
    crypto: CryptoLine | None = None
    """The client's own, that is, of what it sends."""
    ssrc: int | None = None
    cname: str | None = None


def agree(offer: Description, voices: Collection[str] = VOICES) -> tuple[Agreement, ...]:
    """One agreement a line, in order; ``voices`` are the encodings that are recorded.

    Of a line that is taken, every payload type that can be recorded is accepted: clients change codecs in mid-call, and
    nobody has to be asked again.
    """
    return tuple(_agree(offer, stream, media, voices) for stream, media in enumerate(offer.media))


def flow_of(description: Description, media: Media) -> Flow:
    """Whether whoever wrote the line means to send."""
    if not media.port:
        return Flow.CLOSED
    place = address_of(description, media)
    held = place is not None and place.unspecified
    return Flow.FLOWING if direction_of(description, media).sends and not held else Flow.HELD


def _agree(offer: Description, stream: int, media: Media, voices: Collection[str]) -> Agreement:
    payloads = recorded(media, voices)
    crypto = crypto_of(media) if media.protocol in SECURE else None
    refusal = _refusal(media, payloads, crypto)
    source = source_of(media)
    return Agreement(
        stream=stream,
        offered=media,
        refusal=refusal,
        direction=ANSWERED[direction_of(offer, media)],
        flow=Flow.CLOSED if refusal else flow_of(offer, media),
        label=label_of(media),
        payloads=() if refusal else payloads,
        packet_ms=packet_ms_of(media),
        crypto=None if refusal else crypto,
        ssrc=source.ssrc if source else None,
        cname=source.cname if source else None,
    )


def _refusal(media: Media, payloads: tuple[Payload, ...], crypto: CryptoLine | None) -> Refusal | None:
    if not media.port:
        return Refusal.REMOVED
    if media.kind != "audio":
        return Refusal.NOT_AUDIO
    if media.protocol not in PLAIN | SECURE:
        return Refusal.PROTOCOL
    if not payloads:
        return Refusal.NO_CODEC
    if media.protocol in SECURE and crypto is None:
        return Refusal.NO_KEY
    return None
