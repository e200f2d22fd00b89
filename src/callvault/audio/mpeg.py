"""MPEG audio layer III as a chain of frames: headers, sizes, and finding the chain in a file.

Sources: ISO/IEC 11172-3 section 2.4.2.3 and 13818-3 section 2.4.2.3 (header, bit rates, sampling frequencies); MPEG
2.5 (8 to 12 kHz) is Fraunhofer's extension, with the first version bit cleared.  ID3v2: id3.org/id3v2.4.0-structure,
section 3.1.  Frames are counted and cut out here; what a frame sounds like is a decoder's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_RATES = {0: (11_025, 12_000, 8_000), 2: (22_050, 24_000, 16_000), 3: (44_100, 48_000, 32_000)}
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)

MONO, JOINT_STEREO = 3, 1

_SAME_CHAIN = 0xFFFE0C00
"""The bits that all frames of a stream share: sync, version, layer, sampling frequency."""

_CHUNK = 1 << 20
_LONGEST_FRAME = 1_441 + 4
"""MPEG 1, 320 kbit/s at 32 kHz, with its padding; and room for the next header."""

_FRAMES_TO_BELIEVE = 3
_FARTHEST_START = 65_536
"""Octets of rubbish before the first frame that are put up with."""

_MOST_RUBBISH = 16 << 20
"""Octets of rubbish between frames that are put up with, in all: looking for frames in rubbish is slow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameHeader:
    """The four octets at the head of a frame, read."""

    version: int
    """As in the header: 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5."""
    kbits: int
    sample_rate: int
    padding: int
    mode: int
    """0 stereo, 1 joint stereo, 2 two channels, 3 one channel."""
    protected: bool = False
    """Whether 16 bits of CRC follow the header."""

    @property
    def channels(self) -> int:
        return 1 if self.mode == MONO else 2

    @property
    def samples(self) -> int:
        """Samples of one channel in the frame."""
        return samples_in_frame(self.sample_rate)

    @property
    def size(self) -> int:
        """Octets of the whole frame."""
        return self.samples // 8 * self.kbits * 1_000 // self.sample_rate + self.padding

    @property
    def side_info_end(self) -> int:
        """Where a frame without audio may carry a tag: after header, CRC and side information."""
        side = (17, 32) if self.version == 3 else (9, 17)
        return 4 + 2 * self.protected + side[self.channels - 1]

    def pack(self) -> bytes:
        """The four octets.  "Original" is set, as encoders do; a CRC is never written."""
        kbits = _KBITS_1 if self.version == 3 else _KBITS_2
        rate = _RATES[self.version].index(self.sample_rate)
        word = 0x7FF << 21 | self.version << 19 | 1 << 17 | 1 << 16
        word |= kbits.index(self.kbits) << 12 | rate << 10 | self.padding << 9 | self.mode << 6 | 1 << 2
        return word.to_bytes(4, "big")


def samples_in_frame(sample_rate: int) -> int:
    """1152 in MPEG 1, half of that in its lower-rate extensions."""
    return 1_152 if sample_rate >= 32_000 else 576


def version_of(sample_rate: int) -> int:
    """The version that a sampling frequency belongs to; ``KeyError`` for one that MPEG doesn't know."""
    return {rate: version for version, rates in _RATES.items() for rate in rates}[sample_rate]


def sample_rates() -> tuple[int, ...]:
    """All sampling frequencies of layer III, the lowest first."""
    return tuple(sorted(rate for rates in _RATES.values() for rate in rates))


def read_header(word: int) -> FrameHeader | None:
    """The header in a 32-bit word, or None where it is none of layer III's (or of a free bit rate)."""
    version, layer, rate, bits = word >> 19 & 3, word >> 17 & 3, word >> 10 & 3, word >> 12 & 15
    if word >> 21 != 0x7FF or version == 1 or layer != 1 or rate == 3 or bits in {0, 15}:
        return None
    kbits = _KBITS_1 if version == 3 else _KBITS_2
    return FrameHeader(
        version=version,
        kbits=kbits[bits],
        sample_rate=_RATES[version][rate],
        padding=word >> 9 & 1,
        mode=word >> 6 & 3,
        protected=not word >> 16 & 1,
    )


def find_first_frame(file: BinaryIO) -> tuple[int, FrameHeader] | None:
    """Where a chain of frames begins, after tags and some rubbish; None where there is none to be found."""
    start = _after_id3(file)
    file.seek(start)
    head = file.read(_FARTHEST_START + (_FRAMES_TO_BELIEVE + 1) * _LONGEST_FRAME)
    at = head.find(b"\xff")
    while 0 <= at < _FARTHEST_START:
        header = _believe(head, at, _FRAMES_TO_BELIEVE)
        if header is not None:
            return start + at, header
        at = head.find(b"\xff", at + 1)
    return None


def frames(file: BinaryIO, start: int, first: FrameHeader) -> Iterator[bytes]:
    """Every whole frame from ``start`` on that is of the first one's kind; rubbish between frames is stepped over."""
    alike = int.from_bytes(first.pack(), "big") & _SAME_CHAIN
    sizes = [_size(alike | bits << 9) for bits in range(128)]  # by bit rate, sampling frequency and padding
    one_channel = first.channels == 1
    sync = re.compile(b"\xff[%s]" % re.escape(bytes([alike >> 16 & 0xFF, alike >> 16 & 0xFF | 1])), re.DOTALL)
    file.seek(start)
    buffer, at, at_end, in_chain, rubbish = b"", 0, False, True, 0
    while rubbish < _MOST_RUBBISH:
        if len(buffer) - at < 2 * _LONGEST_FRAME and not at_end:
            more = file.read(_CHUNK)
            buffer, at, at_end = buffer[at:] + more, 0, len(more) < _CHUNK
        word = int.from_bytes(buffer[at : at + 4], "big")
        size = sizes[word >> 9 & 127] if word & _SAME_CHAIN == alike else 0
        if size and (word >> 6 & 3 == MONO) == one_channel and (in_chain or _believe(buffer, at, 2)):
            if at + size > len(buffer):
                return
            yield buffer[at : at + size]
            at, in_chain = at + size, True
        elif len(buffer) - at < 4:
            return
        else:
            found = sync.search(buffer, at + 1)
            here, at, in_chain = at, found.start() if found else len(buffer) - 1, False
            rubbish += at - here


def _believe(buffer: bytes, at: int, count: int) -> FrameHeader | None:
    """The header at ``at``, if ``count`` frames of one kind, or all that are left, follow each other from there."""
    first: FrameHeader | None = None
    alike = 0
    for _ in range(count):
        if first is not None and (at == len(buffer) or buffer[at : at + 3] == b"TAG"):
            return first
        word = int.from_bytes(buffer[at : at + 4], "big")
        header = read_header(word) if at + 4 <= len(buffer) else None
        if header is None or (first is not None and word & _SAME_CHAIN != alike):
            return None
        if first is None:
            first, alike = header, word & _SAME_CHAIN
        at += header.size
    return first if at <= len(buffer) else None


def _size(word: int) -> int:
    header = read_header(word)
    return header.size if header is not None else 0


def _after_id3(file: BinaryIO) -> int:
    """Where the audio begins: after any ID3v2 tags, whose sizes are four times seven bits."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 127:
            return at
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + size + (10 if head[5] & 0x10 else 0)
