"""Keys that somebody presses in a take: when its audio is to be hidden, so that no card number is recorded.

The signs are packets that stand for keys (RFC 4733), which can be told in SRTP too, and tones in audio that can be
heard.  What does not live here: what is hidden then (``curtain``), the hearing of tones (``audio.key_tones``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from callvault.audio.g711 import decode_alaw, decode_ulaw
from callvault.audio.key_tones import KeyTones
from callvault.audio.samples import Samples
from callvault.capture.gate import USUAL_KEYS, KeyTypes
from callvault.protocols.rtp import HEADER_BYTES
from callvault.protocols.spool.journal import StreamAgreed

BEFORE_NS: Final = 200_000_000
"""Hidden ahead of the first sign: a key's tone is in the audio before any event tells of it."""
AFTER_NS: Final = 2_000_000_000
"""Hidden behind the last sign: the next key is not far."""
LAG_NS: Final = BEFORE_NS + 100_000_000
"""How long packets wait after everything that came with them has been looked at: a tone that has begun is told when it
has lasted for a while."""
MOST_SOURCES: Final = 16
"""Of a take, in which tones are listened for at once."""

_DECODE: Final[dict[str, Callable[[bytes], Samples]]] = {
    "PCMU": decode_ulaw,
    "PCMA": decode_alaw,
    "L16": lambda payload: np.frombuffer(payload[: len(payload) // 2 * 2], dtype=">i2").astype(np.int16),
}


def key_types_of(agreed: StreamAgreed) -> KeyTypes:
    """In which packets of a stream keys are found, by what was agreed upon."""
    if agreed.crypto is not None:
        tones: tuple[tuple[int, str, int], ...] = ()
    else:
        tones = tuple(
            (payload.number, payload.name, payload.clock_rate)
            for payload in agreed.payloads
            if payload.name in _DECODE and payload.channels == 1
        )
    events = tuple(payload.number for payload in agreed.payloads if payload.name == "TELEPHONE-EVENT")
    return KeyTypes(events=events, tones=tones)


class Keys:
    """Of one take: all of its streams are hidden together."""

    def __init__(self) -> None:
        self.types: dict[int, KeyTypes] = {}
        """By stream."""
        self._ears: dict[tuple[int, int, bytes], _Ear] = {}
        self._since: list[int] = []
        self._until: list[int] = []
        """Spans that are hidden, both ends included; apart from one another, and in their order."""

    def look(self, stream: int, arrivals_ns: Sequence[int], packets: Sequence[bytes]) -> None:
        """RTP of a stream has come: find the signs in it."""
        types = self.types.get(stream, USUAL_KEYS)
        tones = {number: (name, rate) for number, name, rate in types.tones if name in _DECODE}
        heard: dict[tuple[int, int, bytes], list[tuple[int, bytes]]] = {}
        for arrival_ns, packet in zip(arrivals_ns, packets, strict=True):
            if len(packet) < HEADER_BYTES:
                continue
            payload_type = packet[1] & 0x7F
            if payload_type in types.events:
                self._note(arrival_ns, arrival_ns)
            elif payload_type in tones:
                heard.setdefault((stream, payload_type, packet[8:12]), []).append((arrival_ns, _payload(packet)))
        for source, payloads in heard.items():
            ear = self._ear(source, *tones[source[1]])
            for first_ns, last_ns in ear.hear(payloads):
                self._note(first_ns, last_ns)

    def hides(self, arrival_ns: int) -> bool:
        """Whether a packet that came then is hidden, by what is known now."""
        place = bisect_right(self._since, arrival_ns) - 1
        return place >= 0 and arrival_ns <= self._until[place]

    def forget(self, before_ns: int) -> None:
        """Nothing that came before this moment will be asked for."""
        old = bisect_left(self._until, before_ns)
        if old:
            del self._since[:old], self._until[:old]

    def _note(self, first_ns: int, last_ns: int) -> None:
        since, until = first_ns - BEFORE_NS, last_ns + AFTER_NS
        begin = bisect_left(self._until, since)
        end = bisect_right(self._since, until)
        if begin < end:  # they touch: one span
            since, until = min(since, self._since[begin]), max(until, self._until[end - 1])
        self._since[begin:end] = [since]
        self._until[begin:end] = [until]

    def _ear(self, source: tuple[int, int, bytes], name: str, rate: int) -> _Ear:
        ear = self._ears.get(source)
        if ear is None or ear.kind != (name, rate):
            if len(self._ears) >= MOST_SOURCES:
                self._ears.pop(next(iter(self._ears)))
            ear = self._ears[source] = _Ear(name, rate)
        return ear


class _Ear:
    """Listens to one source in one encoding."""

    def __init__(self, name: str, rate: int) -> None:
        self.kind = name, rate
        self._decode = _DECODE[name]
        self._tones = KeyTones(rate)
        self._began: list[tuple[int, int]] = [(0, 0)]
        """Of the last packets: which sample each began with, and when it came."""
        self._position = 0
        self._rate = rate

    def hear(self, payloads: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, int]]:
        """For each tone in these, when the packets came in which it begins and ends."""
        samples = self._decode(b"".join(payload for _, payload in payloads))
        if not len(samples):
            return
        octets = 2 if self.kind[0] == "L16" else 1
        for arrival_ns, payload in payloads:
            self._began.append((self._position, arrival_ns))
            self._position += len(payload) // octets
        for each in self._tones.hear(samples):
            yield self._came(each.begin), self._came(each.end - 1)
        keep_from = bisect_right(self._began, self._position - self._rate, key=lambda began: began[0])
        del self._began[: max(0, keep_from - 1)]

    def _came(self, sample: int) -> int:
        place = bisect_right(self._began, sample, key=lambda began: began[0])
        return self._began[max(0, place - 1)][1]


def _payload(packet: bytes) -> bytes:
    """What lies behind the header (RFC 3550 section 5.1); padding is a few samples more."""
    at = HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4])
    return packet[at:]
