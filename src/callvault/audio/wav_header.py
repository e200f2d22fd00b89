"""The header of the WAV files that callvault makes: 44 bytes, or 80 where 32-bit lengths do not suffice.

Sources: RIFF WAVE as in ``wav``; EBU Tech 3306 v2, section 2 (RF64).  Only 16-bit PCM is written.
"""

from __future__ import annotations

import struct

SAMPLE_BYTES = 2
_MOST_32 = 0xFFFFFFFF


def wav_header(*, sample_rate: int, channels: int, samples: int) -> bytes:
    """Everything ahead of the first sample, for ``samples`` samples of each channel."""
    frame = channels * SAMPLE_BYTES
    data = samples * frame
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, sample_rate, sample_rate * frame, frame, 16)
    if 36 + data <= _MOST_32:
        return struct.pack("<4sI4s", b"RIFF", 36 + data, b"WAVE") + fmt + struct.pack("<4sI", b"data", data)
    ds64 = struct.pack("<4sIQQQI", b"ds64", 28, 72 + data, data, samples, 0)
    head = struct.pack("<4sI4s", b"RF64", _MOST_32, b"WAVE")
    return head + ds64 + fmt + struct.pack("<4sI", b"data", _MOST_32)


def wav_size(*, channels: int, samples: int) -> int:
    """Bytes of the whole file, header and samples."""
    data = samples * channels * SAMPLE_BYTES
    return data + len(wav_header(sample_rate=8_000, channels=channels, samples=samples))
