"""Strokes: stretches of unbroken audio of one stream, ready to be painted.

What does not live here: the canvas, and where a stream is on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callvault.audio.packet_decoders import DECODED, PacketDecoder, decoded_rate
from callvault.audio.samples import Samples
from callvault.capture.finishing.coding import LAWS, coding_of, linear
from callvault.protocols import rtp
from callvault.protocols.spool.journal import Payload
from callvault.protocols.timeline import Placed

NOISE = "CN"
"""Comfort noise (RFC 3389): the sender says that nothing is said."""
EVENTS = "TELEPHONE-EVENT"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stroke:
    """Audio that came without a gap, or the moment of a packet that has none (comfort noise)."""

    origin_ns: int
    tick: int
    clock_rate: int
    """Its first sample is ``tick / clock_rate`` seconds behind the origin."""
    codec: str
    samples: Samples | NDArray[np.uint8]
    """One channel: octets of G.711, or 16-bit samples."""
    sample_rate: int
    first: int
    last: int
    """The extended sequence numbers of its packets."""
    source: int

    def begins_at(self, rate: int, beginning_ns: int) -> int:
        """Its first sample's number at this rate, counted from a moment."""
        return round((self.origin_ns - beginning_ns) * rate / 1e9) + self.tick * rate // self.clock_rate

    def as_pcm(self) -> Samples:
        """Its audio as 16-bit samples."""
        return linear(self.samples, coding_of(self.codec))


def playable(payload: Payload) -> bool:
    """Whether audio of this payload can be made."""
    return payload.name in LAWS or payload.name in DECODED or (payload.name == "L16" and payload.channels == 1)


def sample_rate(payload: Payload) -> int:
    """Of the audio that is made of it."""
    return decoded_rate(payload.name, payload.clock_rate)


class Brush:
    """Makes strokes of one stream's packets."""

    def __init__(self, payloads: Mapping[int, Payload]) -> None:
        self._payloads = payloads
        self._decoders: dict[tuple[int, int], PacketDecoder] = {}
        self.undecoded = 0

    def strokes(self, placed: Placed) -> Iterator[Stroke]:
        """The audio of packets that belong together, in their order."""
        kinds = placed.packets.payload_type
        changes = np.flatnonzero(np.diff(kinds)) + 1
        for begin, end in pairwise([0, *changes.tolist(), len(kinds)]):
            payload = self._payloads[int(kinds[begin])]
            if payload.name in LAWS or payload.name == "L16":
                yield from self._straight(placed, payload, begin, end)
            elif payload.name == NOISE:
                yield from (_stroke(placed, payload, row, row + 1, _NONE) for row in range(begin, end))
            else:
                yield from self._decoded(placed, payload, begin, end)

    def _straight(self, placed: Placed, payload: Payload, begin: int, end: int) -> Iterator[Stroke]:
        """Where octets are samples, whole stretches are taken at once."""
        octets = 2 if payload.name == "L16" else 1
        lasting = placed.packets.sizes[begin:end] // octets
        breaks = np.flatnonzero(np.diff(placed.ticks[begin:end]) != lasting[:-1]) + 1 + begin
        for first, behind in pairwise([begin, *breaks.tolist(), end]):
            flat = rtp.payloads(placed.packets.some(slice(first, behind)))
            samples = flat[: len(flat) // 2 * 2].view(">i2").astype(np.int16) if octets == 2 else flat
            yield _stroke(placed, payload, first, behind, samples)

    def _decoded(self, placed: Placed, payload: Payload, begin: int, end: int) -> Iterator[Stroke]:
        """Packet by packet; neighbours are put together."""
        decoder = self._decoder(placed.source, payload)
        pieces: list[Samples] = []
        first, due = begin, 0
        for row in range(begin, end):
            samples = decoder.decode(placed.packets.payload(row))
            if samples is None:
                self.undecoded += 1
            if pieces and (samples is None or int(placed.ticks[row]) != due):
                yield _stroke(placed, payload, first, row, np.concatenate(pieces))
                pieces = []
            if samples is not None:
                first = first if pieces else row
                pieces.append(samples)
                due = int(placed.ticks[row]) + len(samples) * payload.clock_rate // decoder.sample_rate
        if pieces:
            yield _stroke(placed, payload, first, end, np.concatenate(pieces))

    def _decoder(self, source: int, payload: Payload) -> PacketDecoder:
        name = (source, payload.number)
        if name not in self._decoders:
            self._decoders[name] = PacketDecoder(payload.name, payload.parameters)
        return self._decoders[name]


_NONE = np.zeros(0, dtype=np.uint8)


def _stroke(placed: Placed, payload: Payload, first: int, behind: int, samples: Samples | NDArray[np.uint8]) -> Stroke:
    return Stroke(
        origin_ns=placed.origin_ns,
        tick=int(placed.ticks[first]),
        clock_rate=placed.clock_rate,
        codec=payload.name,
        samples=samples,
        sample_rate=sample_rate(payload),
        first=int(placed.numbers[first]),
        last=int(placed.numbers[behind - 1]),
        source=placed.source,
    )
