"""The header of a WAV file whose length is not known before its end: always of one length, whatever comes behind it.

Sources: RIFF WAVE as in ``wav``; EBU Tech 3306 v2, section 3 (room for ``ds64`` is kept in a ``JUNK`` chunk); mmreg.h
for the tags of G.711, whose files have a ``fact`` chunk.  What does not live here: headers that are written in front
(``wav_header``).
"""

from __future__ import annotations

import enum
import struct

_MOST_32 = 0xFFFFFFFF
_DS64_BYTES = 28


class Coding(enum.Enum):
    """How samples lie in the file: the tag, octets a sample, and the code of silence."""

    PCM = (1, 2, 0)
    ALAW = (6, 1, 0xD5)
    ULAW = (7, 1, 0xFF)

    @property
    def tag(self) -> int:
        """``wFormatTag``."""
        return self.value[0]

    @property
    def sample_bytes(self) -> int:
        """Octets of one sample of one channel."""
        return self.value[1]

    @property
    def silence(self) -> int:
        """One sample of nothing."""
        return self.value[2]


def late_header(coding: Coding, *, sample_rate: int, channels: int, samples: int) -> bytes:
    """Everything ahead of the first sample, for ``samples`` samples of each channel; always of the same length."""
    frame = channels * coding.sample_bytes
    size = samples * frame
    fmt = struct.pack("<HHIIHH", coding.tag, channels, sample_rate, sample_rate * frame, frame, 8 * coding.sample_bytes)
    if coding is not Coding.PCM:
        fmt += struct.pack("<H4sII", 0, b"fact", 4, min(samples, _MOST_32))
        chunks = b"fmt " + struct.pack("<I", 18) + fmt
    else:
        chunks = b"fmt " + struct.pack("<I", 16) + fmt
    behind = len(chunks) + 8 + size + size % 2
    whole = 4 + 8 + _DS64_BYTES + behind
    if whole <= _MOST_32:
        head = struct.pack("<4sI4s4sI", b"RIFF", whole, b"WAVE", b"JUNK", _DS64_BYTES) + bytes(_DS64_BYTES)
        return head + chunks + struct.pack("<4sI", b"data", size)
    ds64 = struct.pack("<4sIQQQI", b"ds64", _DS64_BYTES, whole, size, samples, 0)
    return struct.pack("<4sI4s", b"RF64", _MOST_32, b"WAVE") + ds64 + chunks + struct.pack("<4sI", b"data", _MOST_32)


def late_header_bytes(coding: Coding) -> int:
    """How long the header is."""
    return len(late_header(coding, sample_rate=8000, channels=1, samples=0))
