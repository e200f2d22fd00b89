"""Ogg Opus and FLAC, made by PyAV while they are sent: the one place that writes through FFmpeg's libraries.

Both are written to a pipe that cannot go back, so what a container would fill in at the end is either known
beforehand (FLAC's length) or left out (FLAC's checksum, which the format allows to be 0).  The output is the same
each time: no date, and no random serial number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from callvault.audio.libav import wrapping
from callvault.audio.samples import Samples
from callvault.errors import AudioError

_OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
_OPUS_BITS = {8_000: 16_000, 12_000: 20_000, 16_000: 24_000, 24_000: 32_000, 48_000: 48_000}
"""Bits per second for one channel, by sampling rate: speech at these is said to be transparent (RFC 7587, 3.1.1)."""


def opus_rate(sample_rate: int) -> int:
    """The lowest of Opus's input rates that holds all of the audio's."""
    return next((rate for rate in _OPUS_RATES if rate >= sample_rate), 48_000)


def encode_opus(blocks: Iterable[Samples], *, sample_rate: int, channels: int) -> Iterator[bytes]:
    """Ogg Opus from blocks at one of Opus's rates."""
    options = {"application": "voip", "b": str(_OPUS_BITS[sample_rate] * channels)}
    return _encode(blocks, "ogg", "libopus", sample_rate=sample_rate, channels=channels, options=options)


def encode_flac(blocks: Iterable[Samples], *, samples: int, sample_rate: int, channels: int) -> Iterator[bytes]:
    """FLAC, whose first block says how many samples there are."""
    pieces = _encode(blocks, "flac", "flac", sample_rate=sample_rate, channels=channels, options={})
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= 26:
            break
    # RFC 9639, 8.2: the 36 bits of the length begin in the lower half of the stream information's 14th octet
    length = head[21] & 0xF0 | samples >> 32 & 0xF
    yield head[:21] + bytes([length]) + (samples & 0xFFFFFFFF).to_bytes(4, "big") + head[26:]
    yield from pieces


class _Pipe:
    """What a muxer writes to: it collects, and cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _encode(
    blocks: Iterable[Samples], container: str, codec: str, *, sample_rate: int, channels: int, options: dict[str, str]
) -> Iterator[bytes]:
    layout = "mono" if channels == 1 else "stereo"
    pipe = _Pipe()
    with wrapping(AudioError(f"The {codec} encoder failed.")):
        with av.open(pipe, "w", format=container, options={"fflags": "+bitexact"}) as target:
            made = target.add_stream(codec, rate=sample_rate, layout=layout, options=options)
            stream = cast("AudioStream", made)
            for frame in _frames(blocks, sample_rate, layout):
                target.mux(stream.encode(frame))
                if piece := pipe.take():
                    yield piece
            target.mux(stream.encode(None))
        yield pipe.take()


def _frames(blocks: Iterable[Samples], sample_rate: int, layout: str) -> Iterator[AudioFrame]:
    at = 0
    for block in blocks:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = sample_rate
        frame.pts = at
        frame.time_base = Fraction(1, sample_rate)
        at += len(block)
        yield frame
