"""RIFF WAVE as recorders write it, read tolerantly: where the samples lie, and how they are coded.

Sources: Microsoft "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), mmreg.h (format tags and
WAVEFORMATEXTENSIBLE), EBU Tech 3306 v2 (RF64).  A recorder that died leaves lengths of 0 or 0xFFFFFFFF, or those of
an earlier moment; such a header is put right here, and said to be.  Only headers are read, however long the file is.
What does not live here: decoding (``decode``), writing (``wav_header``).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from callvault.audio import wav_codec
from callvault.audio.wav_codec import WavCodec
from callvault.errors import NotAudio

_MOST_CHUNKS = 1_000
"""More than any recorder writes ahead of its audio: a file of nothing but empty chunks is not read to its end."""

_MOST_FORMAT_BYTES = 4_096
_UNKNOWN_32 = 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class WavLayout:
    """Where the samples lie, and how they are coded."""

    codec: WavCodec
    format_chunk: bytes
    """The ``fmt `` chunk's content, as found."""
    data_offset: int
    """Of the first coded byte, from the beginning of the file."""
    data_bytes: int
    """Coded bytes that are really there."""
    samples: int
    """Samples of one channel."""
    repaired: str | None
    """What was wrong with the lengths, as a sentence; None where nothing was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chunk:
    name: bytes
    offset: int
    """Of the content."""
    size: int
    """As the chunk says."""


def recognises(head: bytes) -> bool:
    """Whether the first 12 bytes are those of a WAVE file."""
    return head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE"


def read_layout(file: BinaryIO) -> WavLayout:
    """The layout of a file that ``recognises`` said yes to.

    Raises:
        NotAudio: there is no format, a format that cannot be decoded, or no sample.
    """
    length = file.seek(0, os.SEEK_END)
    riff_size = struct.unpack("<I", _at(file, 4, 4))[0]
    format_chunk: bytes | None = None
    fact: int | None = None
    long_sizes: dict[bytes, int] = {}
    for chunk in _chunks(file, 12, length):
        if chunk.name == b"ds64":
            long_sizes = _long_sizes(_at(file, chunk.offset, min(chunk.size, 28)))
        elif chunk.name == b"fmt ":
            format_chunk = _at(file, chunk.offset, min(chunk.size, _MOST_FORMAT_BYTES))
        elif chunk.name == b"fact" and chunk.size >= 4:
            fact = int.from_bytes(_at(file, chunk.offset, 4), "little")
        elif chunk.name == b"data":
            if format_chunk is None:
                raise NotAudio(
                    "The WAV file has no 'fmt ' chunk ahead of its audio, so nobody can tell how it is coded."
                )
            codec = wav_codec.read_codec(format_chunk)
            claimed = chunk.size
            if claimed == _UNKNOWN_32:
                claimed = long_sizes.get(b"data", claimed)
            riff_size = long_sizes.get(b"riff", riff_size) if riff_size == _UNKNOWN_32 else riff_size
            data_bytes, repaired = _data_bytes(file, chunk.offset, claimed, riff_size=riff_size, length=length)
            samples = codec.samples_in(data_bytes, fact=None if repaired else fact)
            if samples == 0:
                raise NotAudio("The WAV file has a header and not a single sample.")
            return WavLayout(
                codec=codec,
                format_chunk=format_chunk,
                data_offset=chunk.offset,
                data_bytes=data_bytes,
                samples=samples,
                repaired=repaired,
            )
    raise NotAudio("The WAV file has no 'data' chunk, so there is no audio in it.")


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    content = file.read(size)
    if len(content) < size:
        raise NotAudio("The WAV file ends in the middle of its header.")
    return content


def _chunks(file: BinaryIO, offset: int, length: int) -> Iterator[_Chunk]:
    """The chunks from ``offset`` on, as far as they make sense."""
    for _ in range(_MOST_CHUNKS):
        if offset + 8 > length:
            return
        name, size = struct.unpack("<4sI", _at(file, offset, 8))
        if not _is_name(name):
            return
        yield _Chunk(name=name, offset=offset + 8, size=size)
        offset = _next_chunk(file, offset + 8 + size, odd=bool(size & 1))


def _next_chunk(file: BinaryIO, end: int, *, odd: bool) -> int:
    """Chunks begin at even distances; some writers forget the octet that makes it so."""
    if not odd:
        return end
    file.seek(end)
    after = file.read(5)
    return end if not _is_name(after[1:5]) and _is_name(after[:4]) else end + 1


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= octet < 0x7F for octet in name)


def _long_sizes(ds64: bytes) -> dict[bytes, int]:
    """EBU Tech 3306, section 2: 64-bit sizes of the file and of its data."""
    if len(ds64) < 16:
        return {}
    riff, data = struct.unpack("<QQ", ds64[:16])
    return {b"riff": riff, b"data": data}


def _data_bytes(file: BinaryIO, offset: int, claimed: int, *, riff_size: int, length: int) -> tuple[int, str | None]:
    """How many coded bytes there are, and what had to be put right to know it."""
    there = length - offset
    if claimed > there:
        if there == 0:
            return 0, None
        return there, f"The WAV header promises {claimed:,} bytes of audio; the {there:,} that are there were taken."
    if claimed == 0 and there > 0 and not _ends_in_chunks(file, offset, riff_size=riff_size, length=length):
        return there, f"The WAV header was never finished (it says 0 bytes); the {there:,} bytes after it were taken."
    if there - claimed >= 1 << 32:  # a 32-bit length that ran over, once or oftener
        whole = claimed + ((there - claimed) >> 32 << 32)
        return whole, f"The WAV header's length ran over at 4 GiB; the {whole:,} bytes that are there were taken."
    return claimed, None


def _ends_in_chunks(file: BinaryIO, offset: int, *, riff_size: int, length: int) -> bool:
    """Whether what follows an empty data chunk is the header's own, finished list of chunks, and not audio."""
    if riff_size + 8 not in {length, length - 1}:
        return False
    end = offset
    for chunk in _chunks(file, offset, length):
        end = chunk.offset + chunk.size
    return end in {length, length - 1}
