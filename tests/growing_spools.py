"""Spools that grow: a call's journal and chunks as bytes, of which more and more are there as time goes on.

What does not live here: real files, and what the calls are made of (``rtp_calls``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from callvault.audio.samples import Samples
from callvault.capture.finishing.stream import Unseal
from callvault.capture.listening.live_sound import LiveSound
from callvault.protocols.spool.batch import Batch
from tests.spool_chunks import write_batch

MS = 1_000_000


@dataclass
class GrowingBytes:
    """Bytes, of which as many are there as had been written at a moment."""

    data: bytes = b""
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Moments (ns), and how many bytes were there from then on."""
    now_ns: int = 0

    def append(self, at_ns: int, piece: bytes) -> None:
        """In the order of the moments."""
        self.data += piece
        self.marks.append((at_ns, len(self.data)))

    def size(self) -> int:
        """Of what is there now."""
        place = bisect_right(self.marks, self.now_ns, key=lambda mark: mark[0])
        return self.marks[place - 1][1] if place else 0

    def read(self, offset: int, most: int) -> bytes:
        """Of what is there now."""
        return self.data[offset : min(offset + most, self.size())]


def growing_media(
    batches: Sequence[Batch], *, late_ns: int = 0, splits: Sequence[int] = (), torn_ns: int = 0
) -> GrowingBytes:
    """A spool to which each batch is written when its last packet has come, and ``late_ns`` after that.

    ``splits``: at these bytes of the whole a write stops in the middle, and goes on ``torn_ns`` later.
    """
    made = GrowingBytes()
    moment = 0
    for batch in sorted(batches, key=lambda each: int(each.arrivals_ns[-1])):
        chunk = write_batch(batch)
        start = len(made.data)
        moment = max(moment, int(batch.arrivals_ns[-1]) + late_ns)
        inside = sorted({split - start for split in splits if 0 < split - start < len(chunk)})
        for number, (begin, end) in enumerate(zip([0, *inside], [*inside, len(chunk)], strict=True)):
            moment += torn_ns if number else 0
            made.append(moment, chunk[begin:end])
    return made


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What a listener got, and when what of it was got."""

    began_ns: int
    sample_rate: int
    samples: Samples
    """Shape (n, 2)."""
    given: tuple[tuple[int, int], ...]
    """Moments, and how many samples had been given out by then."""


def listen(
    journal: GrowingBytes, media: GrowingBytes, steps: Iterator[int] | Sequence[int], unseal: Unseal, *, ends: bool
) -> Heard:
    """Listen at these moments (ns), and to the rest at the last one."""
    moments = list(steps)
    journal.now_ns = media.now_ns = moments[0]
    sound = LiveSound(journal, media, unseal, now_ns=moments[0])
    blocks: list[NDArray[np.int16]] = []
    given: list[tuple[int, int]] = []
    for number, moment in enumerate(moments):
        journal.now_ns = media.now_ns = moment
        last = ends and number == len(moments) - 1
        blocks += list(sound.rest(moment) if last else sound.step(moment))
        given.append((moment, sum(len(block) for block in blocks)))
    samples = np.concatenate(blocks) if blocks else np.zeros((0, 2), dtype=np.int16)
    return Heard(began_ns=sound.began_ns, sample_rate=sound.sample_rate, samples=samples, given=tuple(given))
