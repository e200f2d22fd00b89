"""Media streams as RTP (RFC 3550), so that what is kept of them is what is kept of every call.

Sequence numbers and timestamps follow from what the vendor tells of its pieces, so that pieces that were lost or
overtaken are seen for what they are; each track is a source of its own.  Keys become telephone events (RFC 4733).
What does not live here: when packets are written, and whether.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from zlib import crc32

import numpy as np

from callvault.protocols.media_streams.counting import Counting
from callvault.protocols.media_streams.encodings import EVENTS_TYPE, events_of, payload_of
from callvault.protocols.media_streams.events import Digit, Format, Media, Track
from callvault.protocols.media_streams.placing import Placing
from callvault.protocols.spool.journal import Payload
from callvault.protocols.telephone_events import KEYS

MOST_OCTETS = 60_000
"""Of one packet: the spool counts them in 16 bits."""
KEY_MS = 100
"""How long a key is held of which that is not told."""
_FIRST_NUMBER = 10_000
"""So that what was sent ahead of the first piece that came has a number too; likewise of ticks."""
_FIRST_TICK = 10_000_000
_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_MARKER = 0x80
_END = 0x80
_VOLUME = 10


class Packetiser:
    """Of one stream."""

    def __init__(self, format: Format, name: str) -> None:  # noqa: A002 - it is the stream's format
        """``name``: tells this stream from every other of the take; the sources' numbers are made of it."""
        self._name = name
        self._swaps = format.encoding == "L16" and format.little_endian
        self._size = _SIZES.get(format.encoding, lambda _: 0)
        self.audio = payload_of(format.encoding, format.sample_rate)
        self.events = events_of(self.audio.clock_rate)
        self._usual = self.audio.clock_rate // 50
        self._counting = Counting()
        self._lines: dict[Track, _Line] = {}
        self._beginnings = 0

    @property
    def payloads(self) -> tuple[Payload, Payload]:
        """What the packets' types stand for."""
        return self.audio, self.events

    def media(self, media: Media) -> list[bytes]:
        """The packets of a piece of audio: one, none where it is empty, more where it is too long for one."""
        payload = self._in_order(media.payload)
        if not payload:
            return []
        number = None if media.number is None else self._counting.own(media.track, media.number)
        line = self._line(media.track, number)
        return line.audio(payload, number, media.timestamp_ms)

    def digit(self, digit: Digit) -> list[bytes]:
        """A key as two packets: it is pressed, and was released."""
        return self._line(digit.track, None).key(digit.key, digit.duration_ms or KEY_MS)

    def _in_order(self, payload: bytes) -> bytes:
        if not self._swaps or len(payload) < 2:
            return b"" if self._swaps else payload
        return np.frombuffer(payload, dtype="<u2", count=len(payload) // 2).byteswap().tobytes()

    def _line(self, track: Track, number: int | None) -> _Line:
        line = self._lines.get(track)
        if line is None or line.placing.starts_anew(number):
            if line is not None:
                self._counting = Counting()
                self._beginnings += 1
            name = f"{self._name}/{track.label}/{self._beginnings}"
            line = self._lines[track] = _Line(
                ssrc=crc32(name.encode()), audio=self.audio, size=self._size, usual=self._usual
            )
        return line


class _Line:
    """One track's packets, from one beginning of its numbers."""

    def __init__(self, *, ssrc: int, audio: Payload, size: Callable[[bytes], int], usual: int) -> None:
        self._ssrc = ssrc
        self._audio = audio
        self._size = size
        self._usual = usual
        self.placing = Placing(audio.clock_rate)
        self._inserted: list[tuple[int, int]] = [(-(1 << 62), _FIRST_NUMBER)]
        """From which piece on sequence numbers are ahead of its number, by how much."""
        self._last = 0
        self._last_key = 0
        self._base = 0
        self._begun = False

    def audio(self, payload: bytes, number: int | None, timestamp_ms: int | None) -> list[bytes]:
        size = self._size(payload) or self._usual
        number, ticks = self.placing.place(number=number, timestamp_ms=timestamp_ms, size=size)
        first, self._begun = not self._begun, True
        if first:
            self._base = self._last = number
        elif number > self._last:
            self._last = number
        ahead = self._ahead(number)
        if len(payload) <= MOST_OCTETS:
            return [self._packet(number + ahead, ticks, payload, marker=first)]
        packets: list[bytes] = []
        for index, piece in enumerate(_pieces(payload)):
            packets.append(self._packet(number + ahead + index, ticks, piece, marker=first and not index))
            ticks += self._size(piece) or self._usual
        self._insert(len(packets) - 1)
        return packets

    def key(self, key: str, duration_ms: int) -> list[bytes]:
        ticks = max(self.placing.due, self._last_key + 1)  # the timestamp tells one key from the next
        self._last_key = ticks
        lasting = min(duration_ms * self._audio.clock_rate // 1000, 0xFFFF)
        packets = []
        for ended, held in ((0, 0), (_END, lasting)):
            self._insert(1)
            event = struct.pack("!BBH", KEYS.index(key), ended | _VOLUME, held)
            number = self._last + self._ahead(self._last + 1)
            packets.append(self._packet(number, ticks, event, marker=not ended, payload_type=EVENTS_TYPE))
        return packets

    def _ahead(self, number: int) -> int:
        if number >= self._inserted[-1][0]:
            return self._inserted[-1][1]
        at = bisect_right(self._inserted, number, key=lambda each: each[0]) - 1
        return self._inserted[at][1]

    def _insert(self, packets: int) -> None:
        """What follows the last piece has numbers that are higher by so many."""
        behind = self._last + 1
        ahead = self._inserted[-1][1] + packets
        if self._inserted[-1][0] == behind:
            self._inserted.pop()
        self._inserted = [*self._inserted[-64:], (behind, ahead)]

    def _packet(
        self, number: int, ticks: int, payload: bytes, *, marker: bool, payload_type: int | None = None
    ) -> bytes:
        kind = self._audio.number if payload_type is None else payload_type
        return (
            _HEADER.pack(
                _VERSION,
                kind | (_MARKER if marker else 0),
                (number - self._base) & 0xFFFF,
                (ticks + _FIRST_TICK) & 0xFFFFFFFF,
                self._ssrc,
            )
            + payload
        )


def _pieces(payload: bytes) -> Iterator[bytes]:
    for start in range(0, len(payload), MOST_OCTETS):
        yield payload[start : start + MOST_OCTETS]


def _opus_ticks(payload: bytes) -> int:
    """How long an Opus packet lasts, by its first octets (RFC 6716 section 3.1)."""
    configuration, code = payload[0] >> 3, payload[0] & 3
    if configuration < 12:
        frame = (480, 960, 1920, 2880)[configuration & 3]
    elif configuration < 16:
        frame = (480, 960)[configuration & 1]
    else:
        frame = (120, 240, 480, 960)[configuration & 3]
    frames = (1, 2, 2)[code] if code < 3 else (payload[1] & 0x3F if len(payload) > 1 else 1)
    return frame * frames


_SIZES: Mapping[str, Callable[[bytes], int]] = {
    "PCMU": len,
    "PCMA": len,
    "G722": len,
    "L16": lambda payload: len(payload) // 2,
    "OPUS": _opus_ticks,
    "AMR-WB": lambda _: 320,
}
"""From a payload to the ticks of its clock that it lasts."""
