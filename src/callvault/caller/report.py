"""What became of a call, and of each of its streams: to be read by people, by programs and by tests.

What lives here: values, and the samples that a listener heard.  What does not: how a server keeps them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from callvault.caller.codecs import Codec
from callvault.caller.sound import Samples
from callvault.caller.timeline import Departure


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Piece:
    """One packet's audio."""

    at_s: float
    """Where it belongs, from the call's first moment on, by the sender's clock."""
    timestamp: int
    ssrc: int
    rate: int
    samples: Samples


@dataclass(frozen=True, kw_only=True, eq=False)
class StreamReport:
    """One stream, as it was sent.  What was heard is worked out when somebody asks, and once."""

    number: int
    label: str
    port: int
    """Ours."""
    to_port: int
    """The recorder's; 0 where it refused the stream."""
    ssrcs: tuple[int, ...]
    codecs: tuple[str, ...]
    packets: int
    """That left, each as often as it did."""
    lost: int
    """That were left out on purpose."""
    first_timestamp: int | None
    first_sent_at: datetime | None
    begins_at_s: float
    sent: tuple[Departure, ...]
    """What left, in the sender's order, each once."""

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """What was heard, in the sender's order."""
        return heard(self.sent, begins_at_s=self.begins_at_s)

    @property
    def sha256(self) -> str:
        """Of the decoded samples that were sent, little-endian, without the silence between them."""
        digest = hashlib.sha256()
        for piece in self.pieces:
            digest.update(piece.samples.astype("<i2").tobytes())
        return digest.hexdigest()

    @property
    def seconds(self) -> float:
        """Of audio."""
        return sum(len(piece.samples) / piece.rate for piece in self.pieces)

    def placed(self) -> Samples:
        """The samples in their places, silence between them, at the last codec's rate: from the call's beginning on."""
        rate = self.pieces[-1].rate if self.pieces else 8_000
        own = [piece for piece in self.pieces if piece.rate == rate]
        ends = [round(piece.at_s * rate) + len(piece.samples) for piece in own]
        placed = np.zeros(max(ends, default=0), dtype=np.int16)
        for piece, end in zip(own, ends, strict=True):
            placed[end - len(piece.samples) : end] = piece.samples
        return placed

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "number": self.number,
            "label": self.label,
            "port": self.port,
            "to_port": self.to_port,
            "ssrcs": list(self.ssrcs),
            "codecs": list(self.codecs),
            "packets": self.packets,
            "lost": self.lost,
            "seconds": round(self.seconds, 3),
            "begins_at_s": self.begins_at_s,
            "first_timestamp": self.first_timestamp,
            "first_sent_at": self.first_sent_at.isoformat() if self.first_sent_at else None,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CallReport:
    """One call."""

    call_id: str
    recorded_call: str
    session: bytes
    style: str
    status: int
    """The final answer to the INVITE."""
    reason: str
    ended: str
    """``bye``: by us; ``recorder``: by the other side; ``vanished``, ``cancelled``, ``refused``."""
    seconds: float
    setup_ms: float
    """From the INVITE to its final answer."""
    streams: tuple[StreamReport, ...] = ()
    notes: tuple[str, ...] = ()
    """What was odd about the recorder, a sentence each."""
    messages: tuple[tuple[str, bytes], ...] = ()
    """The SIP exchange, where it was asked for."""
    packets: tuple[tuple[float, bytes], ...] = ()
    """All RTP octets with the moment (1970) at which they left, in order."""

    def plain(self) -> Mapping[str, Any]:
        """For JSON."""
        return {
            "call_id": self.call_id,
            "recorded_call": self.recorded_call,
            "style": self.style,
            "status": self.status,
            "reason": self.reason,
            "ended": self.ended,
            "seconds": round(self.seconds, 3),
            "setup_ms": round(self.setup_ms, 3),
            "streams": [stream.plain() for stream in self.streams],
            "notes": list(self.notes),
        }


def heard(sent: Sequence[Departure], *, begins_at_s: float) -> tuple[Piece, ...]:
    """Decoded audio of packets in the sender's order: by one decoder for each codec and source."""
    decoders: dict[tuple[str, int], Any] = {}
    pieces = []
    for departure in sent:
        codec: Codec | None = departure.codec
        if codec is None:
            continue
        packet = departure.packet
        key = (codec.name, packet.ssrc)
        if key not in decoders:
            decoders[key] = codec.decoder()
        pieces.append(
            Piece(
                at_s=begins_at_s + departure.from_s,
                timestamp=packet.timestamp & 0xFFFFFFFF,
                ssrc=packet.ssrc,
                rate=codec.sample_rate,
                samples=decoders[key](packet.payload),
            )
        )
    return tuple(pieces)


def moment(unix_s: float) -> datetime:
    """As an aware time."""
    return datetime.fromtimestamp(unix_s, UTC)
