"""A WAV file seen through its layout: a sound header, and the coded bytes that are really there.

Decoders of block codecs get this in place of the file, so that a header that was never finished, chunks behind the
audio and lengths beyond 4 GiB are dealt with in one place.
"""

from __future__ import annotations

import io
import os
import struct
from typing import TYPE_CHECKING, BinaryIO

from callvault.audio.wav import WavLayout

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST_32 = 0xFFFFFFFF


def open_window(file: BinaryIO, layout: WavLayout) -> BinaryIO:
    """The file as its layout says it should be.  The file is moved about, and not closed."""
    return io.BufferedReader(_Window(file, layout))


class _Window(io.RawIOBase):
    """A read-only, seekable file."""

    def __init__(self, file: BinaryIO, layout: WavLayout) -> None:
        super().__init__()
        self._file = file
        self._head = _header(layout)
        self._data_offset = layout.data_offset
        self._length = len(self._head) + layout.data_bytes
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer).cast("B")
        if self._at < len(self._head):
            piece = self._head[self._at : self._at + len(target)]
        else:
            self._file.seek(self._data_offset + self._at - len(self._head))
            piece = self._file.read(max(min(len(target), self._length - self._at), 0))
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _header(layout: WavLayout) -> bytes:
    fmt = layout.format_chunk + bytes(len(layout.format_chunk) & 1)
    fmt = struct.pack("<4sI", b"fmt ", len(layout.format_chunk)) + fmt
    data = min(layout.data_bytes, _MOST_32)
    riff = min(4 + len(fmt) + 8 + data, _MOST_32)
    return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + fmt + struct.pack("<4sI", b"data", data)
