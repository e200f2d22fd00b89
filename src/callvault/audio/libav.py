"""The one place that reads through PyAV (FFmpeg's libraries), and the one place that catches its errors.

The container is always named and the bytes always come through a Python file: libavformat is never left to guess a
format, nor to open anything by a name of its own, since both have been ways to read files that nobody offered.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from callvault.audio.mpeg import FrameHeader
from callvault.audio.samples import BLOCK_SAMPLES, Samples, from_floats, from_integers
from callvault.errors import CallvaultError

_READ_BYTES = 1 << 18

_CODECS = {"libopus": "opus", "libvorbis": "vorbis"}
"""Implementations, and the codec that each is one of."""

_MOST_TICKS = {"opus": 5_760, "vorbis": 4_096, "flac": 65_535}
"""The longest that one packet can be, in samples, which are these streams' unit of time.  Ogg computes durations from
positions that the file claims: damage would otherwise make hours out of nothing."""


_FEW_PACKETS = 8

_Piece = AudioFrame | int
"""Decoded audio, or so many samples of which nothing is known."""


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

    None where there is no audio stream; no samples where none of its packets can be decoded.
    """
    file.seek(0)
    with wrapping(error), _open(file, container) as source:
        stream = _audio_stream(source)
        if stream is None:
            return None
        context, codec = stream.codec_context, _codec(stream)
        first: int | None = None
        ticks, decodable = 0, False
        for packet in _packets(source, stream):
            first = packet.pts or 0 if first is None else first
            ticks += _duration(packet, most=_MOST_TICKS.get(codec, 0))
            decodable = decodable or (packet.size > 0 and _decoded(stream, packet) is not None)
        # what a decoder needs ahead of the first sample has a negative time, and isn't heard
        samples = int((ticks + min(first or 0, 0)) * context.sample_rate * (stream.time_base or 0))
        return Counted(
            codec=codec,
            sample_rate=context.sample_rate,
            channels=context.channels,
            samples=samples if decodable else 0,
        )


def _duration(packet: av.Packet[AudioStream], *, most: int) -> int:
    """The packet's share of the length, in ticks; the last packet's may be negative.

    Where all of a short Vorbis stream is one Ogg page, libavformat takes what the last packet has too much from a
    32-bit length without sign (seen in 62.12), and the difference runs over.
    """
    ticks = packet.duration or 0
    if 1 << 31 <= ticks < 1 << 32:
        ticks -= 1 << 32
    return ticks if -most <= ticks <= most else most


def begins_well(file: BinaryIO, container: str, *, error: CallvaultError) -> bool:
    """Whether any of the first few packets can be decoded."""
    file.seek(0)
    with wrapping(error), _open(file, container) as source:
        stream = _audio_stream(source)
        return stream is not None and any(
            packet.size > 0 and _decoded(stream, packet) is not None
            for packet in itertools.islice(_packets(source, stream), _FEW_PACKETS)
        )


def decode_container(file: BinaryIO, container: str, *, channels: int, error: CallvaultError) -> Iterator[Samples]:
    """All audio of the first stream, in blocks.  What cannot be decoded is silent; ``error`` if nothing can."""
    file.seek(0)
    with wrapping(error), _open(file, container) as source:
        stream = _audio_stream(source)
        if stream is None:
            raise error
        yield from _blocks(_container_pieces(source, stream, error), channels)


def decode_mp3(frames: Iterable[bytes], header: FrameHeader, *, error: CallvaultError) -> Iterator[Samples]:
    """MP3 frames of ``header``'s kind as blocks; a frame that cannot be decoded is as long a silence."""
    with wrapping(error):
        yield from _blocks(_mp3_pieces(frames, header), header.channels)


def _open(file: BinaryIO, container: str) -> InputContainer:
    return av.open(file, "r", format=container, metadata_errors="replace", buffer_size=_READ_BYTES)


def _audio_stream(source: InputContainer) -> AudioStream | None:
    return source.streams.audio[0] if source.streams.audio else None


def _codec(stream: AudioStream) -> str:
    name = stream.codec_context.codec.name
    return _CODECS.get(name, name)


def _packets(source: InputContainer, stream: AudioStream) -> Iterator[av.Packet[AudioStream]]:
    """The stream's packets, up to where the container cannot be followed any further; the last one may be empty."""
    with contextlib.suppress(av.FFmpegError):
        yield from source.demux(stream)


def _decoded(stream: AudioStream, packet: av.Packet[AudioStream]) -> list[AudioFrame] | None:
    """The packet's frames, of which there may be none yet; None where it cannot be decoded."""
    try:
        return stream.decode(packet)
    except av.error.InvalidDataError:
        return None


def _container_pieces(source: InputContainer, stream: AudioStream, error: CallvaultError) -> Iterator[_Piece]:
    most = _MOST_TICKS.get(_codec(stream), BLOCK_SAMPLES)
    decodable = False
    for packet in _packets(source, stream):
        frames = _decoded(stream, packet)
        if frames is None:
            yield max(_duration(packet, most=most), 0)
        else:
            decodable = decodable or packet.size > 0
            yield from frames
    if not decodable:
        raise error


def _mp3_pieces(frames: Iterable[bytes], header: FrameHeader) -> Iterator[_Piece]:
    context = cast("AudioCodecContext", av.CodecContext.create("mp3float", "r"))
    for octets in frames:
        decoded: list[AudioFrame] = []
        with contextlib.suppress(av.error.InvalidDataError):
            decoded = context.decode(av.Packet(octets))
        whole = [frame.samples for frame in decoded] == [header.samples]
        yield decoded[0] if whole else header.samples


def _blocks(pieces: Iterator[_Piece], channels: int) -> Iterator[Samples]:
    """Frames of some milliseconds gathered into blocks, since NumPy then costs next to nothing; and gaps as silence."""
    gathered = AudioFifo()
    for piece in pieces:
        if isinstance(piece, int):
            yield from _rest(gathered, channels)
            yield np.zeros((piece, channels), dtype=np.int16)
            continue
        piece.pts = None  # the frames follow each other, whatever times they bear
        gathered.write(piece)
        while gathered.samples >= BLOCK_SAMPLES:
            block = gathered.read(BLOCK_SAMPLES)
            if block is not None:
                yield _samples(block, channels)
    yield from _rest(gathered, channels)


def _rest(gathered: AudioFifo, channels: int) -> Iterator[Samples]:
    frame = gathered.read() if gathered.samples else None
    if frame is not None:
        yield _samples(frame, channels)


def _samples(frame: AudioFrame, channels: int) -> Samples:
    values: npt.NDArray[Any] = frame.to_ndarray()
    shaped = np.ascontiguousarray(values.T) if frame.format.is_planar else values.reshape(-1, channels)
    if shaped.shape[1] != channels:
        raise ValueError(f"the number of channels changes from {channels} to {shaped.shape[1]}")
    if shaped.dtype == np.int16:
        return shaped
    if shaped.dtype == np.int32:
        return from_integers(shaped)
    return from_floats(shaped)
