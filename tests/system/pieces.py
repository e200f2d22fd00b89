"""What a recording is made of, sample by sample: pieces of what was sent, and silence; anything else is an error.

What does not live here: what it should be made of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
NEEDLE = 64
"""So many samples of noise are found in one place alone."""
FEWEST = 4
"""So many zeros in a row are no noise."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a recording."""

    at: int
    """Where it is in the recording, in samples."""
    size: int
    sent: int | None
    """Where it was in what was sent; None: it is silence."""

    @property
    def shift(self) -> int:
        """By how much it is later in the recording than it was sent: the same for all where nothing was cut out."""
        assert self.sent is not None
        return self.at - self.sent

    @property
    def ends(self) -> tuple[int, int]:
        """Where it begins and where it ends in what was sent."""
        assert self.sent is not None
        return self.sent, self.sent + self.size


def pieces(recorded: Samples, sent: Samples) -> list[Piece]:
    """All of a recording's channel, of what was sent as noise."""
    found: list[Piece] = []
    hay = sent.tobytes()
    at = 0
    while at < len(recorded):
        fewest = FEWEST if at else 1  # one stream may begin a sample or two after the other
        piece = _silence(recorded, at, fewest) or _found(recorded, at, sent, hay) or _silence(recorded, at, 1)
        assert piece is not None, f"what is at sample {at} was never sent"
        found.append(piece)
        at += piece.size
    return found


def _silence(recorded: Samples, at: int, fewest: int) -> Piece | None:
    rest = recorded[at:]
    loud = np.flatnonzero(rest)
    size = int(loud[0]) if len(loud) else len(rest)
    return Piece(at=at, size=size, sent=None) if size >= min(fewest, len(rest)) else None


def _found(recorded: Samples, at: int, sent: Samples, hay: bytes) -> Piece | None:
    needle = recorded[at : at + NEEDLE].tobytes()
    place = hay.find(needle)
    while place % 2 and place >= 0:
        place = hay.find(needle, place + 1)
    if place < 0:
        return None
    begin = place // 2
    longest = min(len(sent) - begin, len(recorded) - at)
    same = recorded[at : at + longest] == sent[begin : begin + longest]
    size = longest if same.all() else int(np.argmin(same))
    return Piece(at=at, size=size, sent=begin)
