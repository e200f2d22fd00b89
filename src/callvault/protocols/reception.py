"""How well a stream was received: what was expected, what came, what came late or twice, and how unevenly.

Sources: RFC 3550 appendix A.3 (expected and lost) and section 6.4.1 (jitter); ITU-T G.107 (E-model) for the score.
What does not live here: where packets belong (``timeline``), who is told (``rtcp``, our own API).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callvault.protocols import rtp
from callvault.protocols.rtp import RESTART, Packets
from callvault.protocols.timeline import MOST_SOURCES, SECOND_NS

_TAPS = 160
"""How far back jitter is worked out: the sixteenth part of what was (15/16)^160 ago is less than a thousandth."""
_KERNEL = (15 / 16) ** np.arange(_TAPS) / 16

MOST_UNEVEN_NS = SECOND_NS
"""A step in delay that is no jitter: the sender's clock stood still or leapt."""

_BASE = 93.2
"""The transmission rating factor of a call with nothing wrong (G.107, all defaults)."""
IMPAIRMENT: Mapping[str, tuple[float, float]] = {
    "PCMU": (0, 4.3),
    "PCMA": (0, 4.3),
    "L16": (0, 4.3),
    "G722": (0, 4.3),
    "OPUS": (0, 10),
    "G729": (11, 19),
    "G723": (15, 16),
    "GSM": (20, 10),
    "G726-32": (7, 10),
    "AAL2-G726-32": (7, 10),
    "AMR": (5, 10),
    "AMR-WB": (0, 10),
    "ILBC": (11, 32),
    "SPEEX": (11, 20),
}
"""For each codec its impairment factor Ie and its robustness Bpl (G.113 appendix I; G.711 without concealment, since a
recording has none).  Wide-band codecs are scored as narrow-band ones without fault; those that nobody has measured are
estimates."""
_UNKNOWN = (11.0, 10.0)


@dataclass(slots=True)
class _Source:
    """One run of sequence numbers."""

    first: int
    highest: int
    last: int
    last_tick: int
    """Number and timestamp of what came last."""
    came: NDArray[np.bool_]
    """From ``first`` less ``RESTART`` on, whether each number came."""


@dataclass(slots=True)
class Reception:
    """Counts over the packets of one stream, window after window."""

    received: int = 0
    """Each packet once."""
    late: int = 0
    duplicated: int = 0
    jitter_ms: float = 0.0
    jitter_most_ms: float = 0.0
    ssrcs: list[int] = field(default_factory=list)
    _sources: dict[int, _Source] = field(default_factory=dict)
    _expected_before: int = 0
    _measured: int = 0
    _transit: dict[int, int] = field(default_factory=dict)
    _behind: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def expected(self) -> int:
        """What was sent, by the numbers."""
        return self._expected_before + sum(source.highest - source.first + 1 for source in self._sources.values())

    @property
    def lost(self) -> int:
        """What was sent and never came."""
        return self.expected - self.received

    def begin_anew(self) -> None:
        """What lies between the packets before and those that follow was not meant to come here."""
        self._expected_before = self.expected
        self._sources.clear()

    def count(self, packets: Packets) -> None:
        """Count more packets, in the order of their arrival, whatever they carry."""
        for ssrc, mine in self._by_source(packets):
            if ssrc in self._sources or len(self._sources) < MOST_SOURCES:
                if ssrc not in self.ssrcs:
                    self.ssrcs.append(ssrc)
                self._count(ssrc, mine)

    def measure(self, packets: Packets, clock_rate: int) -> None:
        """Measure how unevenly they came; only of packets whose timestamps go with time."""
        for ssrc, mine in self._by_source(packets):
            if ssrc in self._transit or len(self._transit) < MOST_SOURCES:
                self._measure(ssrc, mine, clock_rate)

    def _by_source(self, packets: Packets) -> Iterator[tuple[int, Packets]]:
        if not len(packets):
            return
        if (packets.ssrc == packets.ssrc[0]).all():
            yield int(packets.ssrc[0]), packets
            return
        for ssrc in dict.fromkeys(packets.ssrc.tolist()):
            yield ssrc, packets.some(packets.ssrc == ssrc)

    def _count(self, ssrc: int, packets: Packets) -> None:
        source = self._sources.get(ssrc)
        last = (source.last, source.last_tick) if source is not None else None
        beginnings = rtp.beginnings(packets.sequence, packets.timestamp, last).tolist()
        for begin, end in pairwise([0, *beginnings, len(packets)]):
            if begin == end:
                continue
            if source is None or begin in beginnings:
                source = self._begin(ssrc, int(packets.sequence[begin]))
            self._follow(source, rtp.extended(packets.sequence[begin:end], source.last))
            source.last_tick = int(packets.timestamp[end - 1])

    def _begin(self, ssrc: int, number: int) -> _Source:
        old = self._sources.get(ssrc)
        if old is not None:
            self._expected_before += old.highest - old.first + 1
        came = np.zeros(4 * RESTART, dtype=np.bool_)
        source = _Source(first=number, highest=number - 1, last=number, last_tick=0, came=came)
        self._sources[ssrc] = source
        return source

    def _follow(self, source: _Source, numbers: NDArray[np.int64]) -> None:
        highest = np.maximum.accumulate(np.concatenate(([source.highest], numbers[:-1])))
        places = numbers - (source.first - RESTART)
        inside = places >= 0
        fresh = np.zeros(len(numbers), dtype=np.bool_)
        most = int(places.max()) + 1
        if most > len(source.came):
            source.came = np.concatenate((source.came, np.zeros(max(most, len(source.came)), dtype=np.bool_)))
        unique, index = np.unique(places[inside], return_index=True)
        new = ~source.came[unique]
        fresh[np.flatnonzero(inside)[index[new]]] = True
        source.came[unique] = True
        count = int(fresh.sum())
        self.received += count
        self.duplicated += len(numbers) - count
        self.late += int((fresh & (numbers <= highest)).sum())
        source.last, source.highest = int(numbers[-1]), max(int(highest[-1]), int(numbers[-1]))
        lowest = int(numbers.min())
        if lowest < source.first <= lowest + RESTART:  # what was sent first came later
            shift = source.first - lowest
            source.came = np.concatenate((np.zeros(shift, dtype=np.bool_), source.came))
            source.first = lowest

    def _measure(self, ssrc: int, packets: Packets, clock_rate: int) -> None:
        """RFC 3550 section 6.4.1, its running filter as a convolution."""
        ticks = rtp.extended(packets.timestamp, None)
        transit = packets.arrivals_ns - ticks * SECOND_NS // clock_rate
        known = self._transit.get(ssrc)
        span = (1 << 32) * SECOND_NS // clock_rate
        first = transit[0] if known is None else known + (int(transit[0]) - known + span // 2) % span - span // 2
        steps = np.abs(np.diff(transit, prepend=transit[0])).astype(np.float64)
        steps[0] = 0.0 if known is None else abs(int(first) - known)
        steps[steps > MOST_UNEVEN_NS] = 0.0
        self._transit[ssrc] = int(transit[-1])
        behind = self._behind.get(ssrc, np.zeros(_TAPS - 1))
        steps = np.concatenate((behind, steps))
        self._behind[ssrc] = steps[-(_TAPS - 1) :]
        jitter = np.convolve(steps, _KERNEL, mode="valid") / 1e6
        self._measured += len(jitter)
        self.jitter_ms += (float(jitter.mean()) - self.jitter_ms) * len(jitter) / self._measured
        self.jitter_most_ms = max(self.jitter_most_ms, float(jitter.max()))


def mos(codec: str, expected: int, lost: int) -> float | None:
    """The mean opinion score that the E-model estimates, 1.0 to 4.5; None where nothing was expected.

    Loss is taken for evenly spread (BurstR = 1), and delay for none: nobody converses with a recording.
    """
    if expected <= 0:
        return None
    impairment, robustness = IMPAIRMENT.get(codec, _UNKNOWN)
    loss = 100 * max(0, lost) / expected
    rating = _BASE - (impairment + (95 - impairment) * loss / (loss + robustness))
    if rating <= 0:
        return 1.0
    score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
    return round(min(4.5, max(1.0, score)), 2)
