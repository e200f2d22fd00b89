"""The one place that reads through PyAV (FFmpeg's libraries), and the one place that catches its errors.

The container is always named and the bytes always come through a Python file: libavformat is never left to guess a
format, nor to open anything by a name of its own, since both have been ways to read files that nobody offered.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.container import InputContainer

from callvault.audio.samples import BLOCK_SAMPLES, Samples, from_floats, from_integers
from callvault.errors import CallvaultError

_READ_BYTES = 1 << 18

_DECODERS = {"libopus": "opus", "mp3float": "mp3", "libvorbis": "vorbis"}
"""Names of implementations, and the codec that each is one of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What demultiplexing a whole file says."""

    codec: str
    sample_rate: int
    channels: int
    samples: int


@contextlib.contextmanager
def wrapping(error: CallvaultError) -> Iterator[None]:
    """Whatever FFmpeg's libraries object to inside becomes ``error``."""
    try:
        yield
    except (av.FFmpegError, ValueError, OverflowError) as cause:
        raise error from cause


def count(file: BinaryIO, container: str, *, error: CallvaultError) -> Counted | None:
    """The first audio stream's shape, and its length by its packets, whatever its header says.

    None where there is no audio stream.
    """
    file.seek(0)
    with wrapping(error), _open(file, container) as source:
        stream = next(iter(source.streams.audio), None)
        if stream is None:
            return None
        context = stream.codec_context
        rate, channels = context.sample_rate, context.channels
        first: int | None = None
        ticks = 0
        try:
            for packet in source.demux(stream):
                if first is None:
                    first = packet.pts or 0
                ticks += packet.duration or 0
        except av.FFmpegError:
            if ticks == 0:
                raise
        # what a decoder needs ahead of the first sample has a negative time, and isn't heard
        heard = ticks + min(first or 0, 0)
        name = context.codec.name
        samples = int(heard * rate * stream.time_base) if stream.time_base else 0
        return Counted(codec=_DECODERS.get(name, name), sample_rate=rate, channels=channels, samples=samples)


def decode_container(file: BinaryIO, container: str, *, channels: int, error: CallvaultError) -> Iterator[Samples]:
    """All audio of the first stream, in blocks.  Packets that cannot be decoded are left out."""
    file.seek(0)
    with wrapping(error), _open(file, container) as source:
        yield from _blocks(_container_frames(source), channels)


def decode_mp3(
    frames: Iterable[bytes], *, frame_samples: int, channels: int, error: CallvaultError
) -> Iterator[Samples]:
    """MP3 frames as blocks, ``frame_samples`` for every frame: one that cannot be decoded is silent."""
    with wrapping(error):
        yield from _blocks(_mp3_frames(frames, frame_samples, channels), channels)


def _open(file: BinaryIO, container: str) -> InputContainer:
    return av.open(file, "r", format=container, metadata_errors="replace", buffer_size=_READ_BYTES)


def _container_frames(source: InputContainer) -> Iterator[AudioFrame]:
    stream = source.streams.audio[0]
    for packet in source.demux(stream):
        with contextlib.suppress(av.error.InvalidDataError):
            yield from stream.decode(packet)


def _mp3_frames(frames: Iterable[bytes], frame_samples: int, channels: int) -> Iterator[AudioFrame]:
    context = cast("AudioCodecContext", av.CodecContext.create("mp3float", "r"))
    nothing = np.zeros((channels, frame_samples), dtype=np.float32)
    silence = AudioFrame.from_ndarray(nothing, format="fltp", layout="mono" if channels == 1 else "stereo")
    for octets in frames:
        decoded: list[AudioFrame] = []
        with contextlib.suppress(av.error.InvalidDataError):
            decoded = context.decode(av.Packet(octets))
        if [frame.samples for frame in decoded] == [frame_samples]:
            yield decoded[0]
        else:
            silence.sample_rate = context.sample_rate or 8_000
            yield silence


def _blocks(frames: Iterator[AudioFrame], channels: int) -> Iterator[Samples]:
    """Frames of some milliseconds gathered into blocks: NumPy then costs next to nothing."""
    gathered = AudioFifo()
    for frame in frames:
        frame.pts = None  # no gaps: what was lost was lost before it came here
        gathered.write(frame)
        while gathered.samples >= BLOCK_SAMPLES:
            block = gathered.read(BLOCK_SAMPLES)
            if block is not None:
                yield _samples(block, channels)
    rest = gathered.read() if gathered.samples else None
    if rest is not None:
        yield _samples(rest, channels)


def _samples(frame: AudioFrame, channels: int) -> Samples:
    values: npt.NDArray[Any] = frame.to_ndarray()
    shaped = values.T if frame.format.is_planar else values.reshape(-1, channels)
    if shaped.shape[1] != channels:
        raise ValueError(f"the number of channels changes from {channels} to {shaped.shape[1]}")
    if shaped.dtype == np.int16:
        return np.ascontiguousarray(shaped)
    if shaped.dtype == np.int32:
        return from_integers(shaped)
    return from_floats(shaped)
