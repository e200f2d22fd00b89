"""The painting: all streams of a take on their canvases, on one timeline.

What does not live here: how a stream's packets become strokes (``stream``), what is said of the result (``finish``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from callvault.audio.late_header import Coding
from callvault.audio.resample import resample
from callvault.audio.samples import Samples
from callvault.capture.finishing.canvas import Canvas
from callvault.capture.finishing.coding import coding_of
from callvault.capture.finishing.gaps import Stretch
from callvault.capture.finishing.plan import Plan
from callvault.capture.finishing.stream import StreamSound
from callvault.capture.finishing.strokes import NOISE, Stroke
from callvault.model.trunk import Parts
from callvault.protocols.timeline import AHEAD_NS


class Wider(Exception):
    """What came does not go into the files that were begun."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What goes into the files: kept as it came where all streams are of one law, else 16-bit samples."""

    codecs: frozenset[str]
    sample_rate: int

    @property
    def coding(self) -> Coding:
        """How samples lie in the files."""
        (only, *others) = sorted(self.codecs) or [""]
        return coding_of(only) if not others else Coding.PCM

    def takes(self, stroke: Stroke) -> bool:
        """Whether a stroke loses nothing in it."""
        return stroke.codec in self.codecs and stroke.sample_rate <= self.sample_rate

    def wider(self, stroke: Stroke) -> Form:
        """What takes the stroke too."""
        return Form(codecs=self.codecs | {stroke.codec}, sample_rate=max(self.sample_rate, stroke.sample_rate))


BLANK = Form(codecs=frozenset({"PCMU"}), sample_rate=8000)
"""For a call of which nothing is to be heard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Painted:
    """A finished file."""

    path: Path
    streams: tuple[int, ...]
    channels: int
    samples: int


class Painting:
    """The canvases of one take: one for one or two streams; a mix, and one for each, where there are more."""

    def __init__(self, plan: Plan, form: Form, folder: Path, *, whole_only: bool = False) -> None:
        """``whole_only``: the file of everybody is wanted, and none of a stream alone."""
        self._plan = plan
        self._parts = Parts.MIX if whole_only else plan.parts
        self._form = form
        self._stack = ExitStack()
        self._whole: Canvas | None = None
        self._apart: dict[int, Canvas] = {}
        self._folder = folder
        self._many = len(plan.streams) > 2
        self.beginning_ns = 0
        self.samples = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def coding(self) -> Coding:
        """How samples lie in the file of the whole call."""
        return Coding.PCM if self._many else self._form.coding

    def paint(self, stream: StreamSound, strokes: Sequence[Stroke]) -> None:
        """Put a stream's strokes where they belong.

        Raises:
            Wider: one does not go into the files.
            MediaError: a file cannot be written.
        """
        rate = self._form.sample_rate
        for stroke in strokes:
            at = stroke.begins_at(rate, self.beginning_ns)
            if stroke.codec == NOISE:
                self._note(stream, stroke, at, at)
                continue
            if not self._form.takes(stroke):
                raise Wider(self._form.wider(stroke))
            self._put(stream.planned.index, at, stroke)
            self._note(stream, stroke, at, at + len(stroke.samples) * rate // stroke.sample_rate)

    def begin(self, beginning_ns: int) -> None:
        """Fix when the recording began, and make its files."""
        self.beginning_ns = beginning_ns
        channels = min(2, len(self._plan.streams))
        self._whole = self._canvas("call.wav", self.coding, channels, mixing=self._many)
        if self._many and self._parts is not Parts.MIX:
            for stream in self._plan.streams:
                name = f"stream-{stream.index}.wav"
                self._apart[stream.index] = self._canvas(name, self._form.coding, 1, mixing=False)

    def lasts_until(self, at_ns: int) -> None:
        """There is nothing to paint up to a moment, and it is in the recording all the same."""
        self.samples = max(self.samples, (at_ns - self.beginning_ns) * self._form.sample_rate // 1_000_000_000)

    def write_out(self) -> None:
        """Let go of what will hardly be painted on again."""
        until = self.samples - 2 * AHEAD_NS * self._form.sample_rate // 1_000_000_000
        for canvas in self._canvases():
            canvas.write_out(until)

    def finish(self) -> list[Painted]:
        """Complete the files; the whole call comes first, and a stream without audio has none."""
        found: list[Painted] = []
        for canvas in self._canvases():
            if canvas is not self._whole and not canvas.samples:
                continue
            if canvas.samples < self.samples:  # all are of one length, so that they can be played together
                canvas.paint(0, self.samples - 1, np.array([self._silence(canvas)], dtype=np.int32))
            canvas.finish()
            streams = [index for index, apart in self._apart.items() if apart is canvas]
            found.append(
                Painted(
                    path=canvas.path,
                    streams=tuple(streams or (each.index for each in self._plan.streams)),
                    channels=1 if streams else min(2, len(self._plan.streams)),
                    samples=canvas.samples,
                )
            )
        return found

    def _silence(self, canvas: Canvas) -> int:
        return 0 if canvas is self._whole and self._many else self._form.coding.silence

    def _canvases(self) -> list[Canvas]:
        return [self._whole, *self._apart.values()] if self._whole is not None else []

    def _canvas(self, name: str, coding: Coding, channels: int, *, mixing: bool) -> Canvas:
        canvas = Canvas(
            self._folder / name, coding, sample_rate=self._form.sample_rate, channels=channels, mixing=mixing
        )
        return self._stack.enter_context(canvas)

    def _put(self, index: int, at: int, stroke: Stroke) -> None:
        assert self._whole is not None  # noqa: S101 - ``begin`` comes first
        as_it_came = self._form.coding is not Coding.PCM
        pcm = self._resampled(stroke) if not as_it_came or self._many else None
        channel = (self._plan.channel_of(index) or 1) - 1
        whole = stroke.samples if pcm is None else pcm
        self._whole.paint(channel, at, whole)
        apart = self._apart.get(index)
        if apart is not None:
            apart.paint(0, at, stroke.samples if as_it_came or pcm is None else pcm)

    def _resampled(self, stroke: Stroke) -> Samples:
        samples = stroke.as_pcm()
        if stroke.sample_rate == self._form.sample_rate:
            return samples
        return resampled(samples, stroke.sample_rate, self._form.sample_rate)

    def _note(self, stream: StreamSound, stroke: Stroke, begin: int, end: int) -> None:
        self.samples = max(self.samples, end)
        if end >= 0:
            stream.stretches.add(
                Stretch(
                    begin=max(0, begin), end=max(0, end), first=stroke.first, last=stroke.last, source=stroke.source
                )
            )


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """One stroke at another rate: where codecs of several rates are in one file."""
    column = samples.reshape(-1, 1)
    blocks = resample([column], samples=len(column), channels=1, from_rate=rate, to_rate=wanted)
    return np.concatenate(list(blocks))[:, 0]
