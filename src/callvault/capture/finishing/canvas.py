"""A sound file that is painted on: silence at first, samples wherever they belong, in windows that are written out.

What does not live here: where samples belong (``protocols.timeline``), what they are (``audio.payloads``).
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from callvault.audio.late_header import Coding, late_header, late_header_bytes
from callvault.capture.finishing.coding import Frames
from callvault.errors import MediaError

_ROOM = 1 << 20
"""Frames of silence that are written at once, where a call was on hold for hours."""


class Canvas:
    """One file.  Positions are samples from its beginning; what is painted behind the end makes it longer."""

    def __init__(self, path: Path, coding: Coding, *, sample_rate: int, channels: int, mixing: bool = False) -> None:
        """``mixing``: what is painted on something is added to it (only in PCM).

        Raises:
            MediaError: the file cannot be made.
        """
        self.path = path
        self.samples = 0
        self._coding = coding
        self._sample_rate = sample_rate
        self._channels = channels
        self._mixing = mixing
        self._dtype = np.dtype("<i2") if coding is Coding.PCM else np.dtype(np.uint8)
        self._head = late_header_bytes(coding)
        self._start = 0
        self._window = self._blank(0)
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise MediaError(f"The file {path} cannot be made: {error.strerror}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        os.close(self._file)

    def paint(self, channel: int, at: int, samples: Frames) -> None:
        """Put samples of one channel, from 0, where they belong.  What lies before the beginning is left out.

        Raises:
            MediaError: the file cannot be written.
        """
        if at < 0:
            samples, at = samples[-at:], 0
        if not len(samples):
            return
        end = at + len(samples)
        self.samples = max(self.samples, end)
        if at < self._start:
            written = min(end, self._start) - at
            self._patch(channel, at, samples[:written])
            samples, at = samples[written:], at + written
            if not len(samples):
                return
        self._reach(end)
        column = self._window[at - self._start : end - self._start, channel]
        if self._mixing:
            column += samples
        else:
            column[:] = samples

    def write_out(self, until: int) -> None:
        """Let go of everything before a position; it can still be painted on, at some cost.

        Raises:
            MediaError: the file cannot be written.
        """
        until = min(until, self.samples)
        if until > self._start:
            self._reach(until)
            count = until - self._start
            self._put(self._start, self._as_stored(self._window[:count]))
            kept = len(self._window) - count
            self._window[:kept] = self._window[count:]
            self._window[kept:] = self._coding.silence
            self._start = until

    def finish(self) -> None:
        """Write what is left, and the header.

        Raises:
            MediaError: the file cannot be written.
        """
        self.write_out(self.samples)
        header = late_header(self._coding, sample_rate=self._sample_rate, channels=self._channels, samples=self.samples)
        self._write(0, header)

    def _blank(self, frames: int) -> Frames:
        dtype = np.dtype(np.int32) if self._mixing else self._dtype
        return np.full((frames, self._channels), self._coding.silence, dtype=dtype)

    def _reach(self, end: int) -> None:
        """See that the window goes so far; long silence goes straight to the file."""
        while end - self._start - len(self._window) > 4 * _ROOM:
            whole = np.concatenate((self._window, self._blank(_ROOM)))
            self._put(self._start, self._as_stored(whole))
            self._start += len(whole)
            self._window = self._blank(0)
        missing = end - self._start - len(self._window)
        if missing > 0:
            self._window = np.concatenate((self._window, self._blank(max(missing, len(self._window) // 2))))

    def _as_stored(self, frames: Frames) -> Frames:
        return np.clip(frames, -32_768, 32_767).astype("<i2") if self._mixing else frames

    def _patch(self, channel: int, at: int, samples: Frames) -> None:
        """Paint on what has been written out."""
        count = len(samples) * self._channels * self._coding.sample_bytes
        try:
            raw = os.pread(self._file, count, self._head + at * self._channels * self._coding.sample_bytes)
        except OSError as error:
            raise MediaError(f"The file {self.path} cannot be read: {error.strerror}.") from error
        frames = np.frombuffer(raw, dtype=self._dtype).reshape(-1, self._channels).astype(self._window.dtype)
        if self._mixing:
            frames[:, channel] += samples
        else:
            frames[:, channel] = samples
        self._put(at, self._as_stored(frames))

    def _put(self, at: int, frames: Frames) -> None:
        self._write(self._head + at * self._channels * self._coding.sample_bytes, frames.tobytes())

    def _write(self, offset: int, octets: bytes) -> None:
        view = memoryview(octets)
        try:
            while view:
                written = os.pwrite(self._file, view, offset)
                view, offset = view[written:], offset + written
        except OSError as error:
            raise MediaError(f"The file {self.path} cannot be written: {error.strerror}.") from error
