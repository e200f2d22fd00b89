"""Whether what was recorded is what was sent, sample by sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from callvault.caller.report import StreamReport

Samples = npt.NDArray[np.int16]


QUIETEST = 8
"""What A-law's silence is as a sample: it has no zero (ITU-T G.711 table 1a)."""


def differences(stream: StreamReport, channel: Samples, rate: int, *, most_ms: float = 20.0) -> list[str]:
    """How a channel differs from what was sent: nothing, where each run of audio is there sample by sample.

    A run is what was sent by one source in one codec; within it not a sample may be out of place, between packets of it
    there is silence where none were sent.  Runs may be misplaced by ``most_ms`` against each other, which is what a
    recorder knows of them by arrival alone.
    """
    found: list[str] = []
    used = np.zeros(len(channel), dtype=bool)
    shift: int | None = None
    for begin, run in _runs(stream):
        at = _place(channel, run)
        if at is None:
            found.append(f"{len(run)} samples from {begin / rate:.3f} s on are not there")
            continue
        used[at : at + len(run)] = True
        shift = at - begin if shift is None else shift
        if abs(at - begin - shift) > most_ms * rate / 1_000:
            found.append(f"what was sent {begin - at + shift} samples later is at {at / rate:.3f} s")
    noise = np.flatnonzero(np.abs(channel[~used].astype(np.int32)) > QUIETEST)
    if len(noise):
        found.append(f"{len(noise)} samples were never sent")
    return found


def _runs(stream: StreamReport) -> Iterator[tuple[int, Samples]]:
    """Beginning and samples of each stretch of one source."""
    rate = stream.pieces[-1].rate
    for ssrc in stream.ssrcs:
        own = [piece for piece in stream.pieces if piece.ssrc == ssrc and piece.rate == rate]
        if not own:
            continue
        begin = round(own[0].at_s * rate)
        run = np.zeros(round(own[-1].at_s * rate) - begin + len(own[-1].samples), dtype=np.int16)
        for piece in own:
            at = round(piece.at_s * rate) - begin
            run[at : at + len(piece.samples)] = piece.samples
        yield begin, run


def _place(channel: Samples, run: Samples) -> int | None:
    """Where a run is, to the sample."""
    first = int(np.flatnonzero(run)[0])
    needle, hay = run[first : first + 400].tobytes(), channel.tobytes()
    at = hay.find(needle)
    while at % 2 and at >= 0:
        at = hay.find(needle, at + 1)
    begin = at // 2 - first
    return begin if at >= 0 and begin >= 0 and np.array_equal(channel[begin : begin + len(run)], run) else None
