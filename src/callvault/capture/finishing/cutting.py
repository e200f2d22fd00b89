"""Cutting: from the file of a whole take to the file of one recording of it, as its wish says.

What does not live here: which spans of time are in it (``asked``), what is said of it (``cut_capture``).  Everything
goes in blocks, so that memory does not grow with the call.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from callvault.audio.late_header import Coding, late_header, late_header_bytes
from callvault.audio.mix import down_mix
from callvault.audio.resample import resample
from callvault.audio.samples import BLOCK_SAMPLES, Samples
from callvault.capture.finishing.asked import Asked
from callvault.capture.finishing.coding import Frames, linear
from callvault.errors import MediaError
from callvault.model.wish import Track, Wish

SECOND_NS = 1_000_000_000
FRAME_S = 0.02
"""Silence is told in stretches of this length."""
AUDIBLE = 200
"""A sample beyond this, of 32,768, is no silence: 44 dB below the loudest, above what a line's noise has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Samples of the whole, from one position up to another, in a recording of it."""

    begin: int
    end: int
    silent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """The file of a whole take."""

    path: Path
    coding: Coding
    channels: int
    sample_rate: int
    samples: int
    began_ns: int

    def position(self, at_ns: int) -> int:
        """The sample that was spoken at a moment, within the file."""
        return min(self.samples, max(0, round((at_ns - self.began_ns) * self.sample_rate / SECOND_NS)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """The file of one recording."""

    path: Path
    pieces: tuple[Piece, ...]
    """In samples of the whole."""
    columns: tuple[int, ...]
    """Which channels of the whole are in it, from 0."""
    channels: int
    sample_rate: int
    samples: int


def pieces_of(whole: Whole, asked: Asked) -> tuple[Piece, ...]:
    """What is in a recording before anything but time is looked at; none where nothing came while it ran."""
    pieces = []
    left = None if asked.wish.most_s is None else round(asked.wish.most_s * whole.sample_rate)
    for span in asked.spans:
        begin = whole.position(span.from_ns)
        end = whole.samples if span.until_ns is None else whole.position(span.until_ns)
        if left is not None:
            end = min(end, begin + left)
        if end > begin:
            pieces.append(Piece(begin=begin, end=end, silent=span.silent))
            left = left if left is None else left - (end - begin)
    return tuple(pieces)


def columns_of(wish: Wish, channels: int, *, inbound: bool) -> tuple[int, ...]:
    """The channels that a wish is about.  Who called is in the first one; ``inbound``: the leg is the caller's."""
    if channels == 1 or wish.track is Track.BOTH:
        return tuple(range(channels))
    return (0,) if (wish.track is Track.INBOUND) == inbound else (1,)


def cut(whole: Whole, asked: Asked, path: Path, *, inbound: bool) -> Cut | None:
    """Make a recording's file; None where nothing is left of it.

    Raises:
        MediaError: a file cannot be read or written.
    """
    wish = asked.wish
    columns = columns_of(wish, whole.channels, inbound=inbound)
    try:
        with path.open("wb") as out, _Reader(whole) as reader:
            pieces = _trimmed(reader, pieces_of(whole, asked), columns, wish)
            samples = sum(piece.end - piece.begin for piece in pieces)
            if not samples:
                return None
            rate = wish.sample_rate or whole.sample_rate
            mixes = wish.channels == 1 and len(columns) > 1
            as_it_came = rate == whole.sample_rate and not mixes
            coding = whole.coding if as_it_came else Coding.PCM
            channels = 1 if mixes else len(columns)
            out.write(bytes(late_header_bytes(coding)))
            blocks: Iterable[Frames] = reader.blocks(pieces, columns)
            if not as_it_came:
                plain = (linear(block, whole.coding) for block in blocks)
                pcm = map(down_mix, plain) if mixes else plain
                blocks = resample(pcm, samples=samples, channels=channels, from_rate=whole.sample_rate, to_rate=rate)
            written = 0
            for block in blocks:
                out.write(np.ascontiguousarray(block).tobytes())
                written += len(block)
            out.seek(0)
            out.write(late_header(coding, sample_rate=rate, channels=channels, samples=written))
    except OSError as error:
        raise MediaError(f"The file {path} cannot be written: {error.strerror}.") from error
    return Cut(path=path, pieces=pieces, columns=columns, channels=channels, sample_rate=rate, samples=written)


class _Reader:
    """Reads stretches of the whole."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        head = late_header_bytes(whole.coding)
        count = whole.samples * whole.channels
        with whole.path.open("rb") as file:
            self._mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        dtype = np.dtype("<i2") if whole.coding is Coding.PCM else np.dtype(np.uint8)
        self._frames: Frames = np.frombuffer(self._mapped, dtype=dtype, count=count, offset=head).reshape(
            -1, whole.channels
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self._frames
        self._mapped.close()

    def blocks(self, pieces: Sequence[Piece], columns: Sequence[int]) -> Iterator[Frames]:
        """The samples of the pieces, in some of the channels."""
        for piece in pieces:
            for begin in range(piece.begin, piece.end, BLOCK_SAMPLES):
                block = self._frames[begin : min(piece.end, begin + BLOCK_SAMPLES), list(columns)]
                if piece.silent:
                    block[:] = self.whole.coding.silence
                yield block


def _trimmed(reader: _Reader, pieces: Sequence[Piece], columns: Sequence[int], wish: Wish) -> tuple[Piece, ...]:
    """Without silence at the ends, and without what comes behind too long a silence, where that is wished."""
    if not pieces or not (wish.trim or wish.silence_s):
        return tuple(pieces)
    frame = max(1, round(FRAME_S * reader.whole.sample_rate))
    audible = _audible(reader, pieces, columns, frame)
    total = sum(piece.end - piece.begin for piece in pieces)
    begin, end = 0, total
    if wish.silence_s:
        end = min(end, _silent_from(audible, round(wish.silence_s / FRAME_S)) * frame)
    if wish.trim:
        heard = np.flatnonzero(audible[: -(-end // frame)])
        begin, end = (int(heard[0]) * frame, min(end, (int(heard[-1]) + 1) * frame)) if len(heard) else (0, 0)
    return tuple(_within(pieces, begin, end))


def _audible(reader: _Reader, pieces: Sequence[Piece], columns: Sequence[int], frame: int) -> NDArray[np.bool_]:
    """For each stretch of ``frame`` samples, whether anything is heard in it."""
    found: list[NDArray[np.bool_]] = []
    rest: Samples = np.zeros((0, len(columns)), dtype=np.int16)
    for block in reader.blocks(pieces, columns):
        loud = np.concatenate((rest, linear(block, reader.whole.coding)))
        whole = len(loud) // frame * frame
        loudest = np.abs(loud[:whole].astype(np.int32)).reshape(-1, frame * len(columns)).max(axis=1, initial=0)
        found.append(loudest > AUDIBLE)
        rest = loud[whole:]
    if len(rest):
        found.append(np.array([np.abs(rest.astype(np.int32)).max() > AUDIBLE]))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.bool_)


def _silent_from(audible: NDArray[np.bool_], most: int) -> int:
    """The stretch at which silence has lasted for ``most`` of them since somebody spoke, or behind the last one."""
    lasted, spoken = 0, False
    for place, heard in enumerate(audible.tolist()):
        spoken = spoken or heard
        lasted = 0 if heard else lasted + 1
        if spoken and lasted >= most:
            return place + 1
    return len(audible)


def _within(pieces: Sequence[Piece], begin: int, end: int) -> Iterator[Piece]:
    """The part of the pieces from one position of the recording up to another."""
    passed = 0
    for piece in pieces:
        length = piece.end - piece.begin
        first, last = max(begin - passed, 0), min(end - passed, length)
        if last > first:
            yield Piece(begin=piece.begin + first, end=piece.begin + last, silent=piece.silent)
        passed += length
