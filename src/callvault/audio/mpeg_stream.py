"""An MP3 file as a length of audio: which frames are the recording, and which samples of them.

The first frame may be a tag that says how much of the decoded audio was never recorded (``lame_tag``); the number of
frames is counted, never believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from callvault.audio import lame_tag, libav, mpeg
from callvault.audio.lame_tag import DECODER_DELAY, Gapless
from callvault.audio.mpeg import FrameHeader
from callvault.audio.samples import Samples, exactly
from callvault.errors import AudioError


@dataclass(frozen=True, kw_only=True, slots=True)
class Mp3Stream:
    """The chain of frames in a file."""

    header: FrameHeader
    """Of the first frame."""
    start: int
    """Where the first frame of audio stands."""
    gapless: Gapless | None
    """What the tag says, where there is one."""

    def count(self, file: BinaryIO) -> int:
        """Samples of one channel, by the frames that are there."""
        frames = sum(1 for _ in mpeg.frames(file, self.start, self.header))
        total = frames * self.header.samples
        if self.gapless is None:
            return total
        return total - self._skip() - max(self.gapless.padding - DECODER_DELAY, 0)

    def decode(self, file: BinaryIO, *, samples: int) -> Iterator[Samples]:
        """The ``samples`` that were counted."""
        frames = mpeg.frames(file, self.start, self.header)
        blocks = libav.decode_mp3(frames, self.header, error=AudioError("The MP3 file could not be decoded."))
        return exactly(blocks, samples=samples, channels=self.header.channels, skip=self._skip())

    def _skip(self) -> int:
        return self.gapless.delay + DECODER_DELAY if self.gapless is not None else 0


def find(file: BinaryIO) -> Mp3Stream | None:
    """The stream in a file, or None where there is none."""
    found = mpeg.find_first_frame(file)
    if found is None:
        return None
    start, header = found
    file.seek(start)
    frame = file.read(header.size)
    if not lame_tag.is_tag(frame, header):
        return Mp3Stream(header=header, start=start, gapless=None)
    return Mp3Stream(header=header, start=start + header.size, gapless=lame_tag.read_gapless(frame, header))
