"""Where RTP packets belong in time: each synchronisation source's own clock, laid onto the clock of arrivals.

The network can only delay, so the earliest packet of a stretch tells how the two clocks lie (RFC 3550 leaves playout to
the receiver; the minimum over a window is what section 6.4.4's reports cannot be disturbed by either).  A recorder has
all the time in the world: a window is looked at whole before any of it is placed.  Within a stretch packets keep the
distances that their timestamps say, to the sample; a new stretch begins where a sender's clock stopped or leapt, and
where it has drifted away by ``DRIFT_NS``.

What does not live here: samples and files (``capture.finishing``), what was lost (``reception``), what sender reports
have to say (``sender_clocks``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callvault.protocols import rtp
from callvault.protocols.rtp import Packets

SECOND_NS = 1_000_000_000
DRIFT_NS = 6_000_000
"""What two clocks may differ before the difference is made good: with what a bad clock drifts in a window of a minute,
still less than the twenty milliseconds that are promised."""
LEAP_NS = 200_000_000
"""A change in delay that is not the network's, if it stays."""
SUSPECT_NS = 300_000_000
"""A change from one packet to the next that makes one look."""
AHEAD_NS = 10 * SECOND_NS
"""How long a change has to stay to be the sender's: a network that stood still catches up sooner."""
ENOUGH = 100
"""Packets whose earliest is trusted to show a drift."""
MOST_SOURCES = 64
"""Of one stream; what comes from more is somebody's noise."""
_NONE = -(1 << 63)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Placed:
    """Packets of one stretch, each once, in the order of their numbers."""

    packets: Packets
    origin_ns: int
    """UTC of the moment from which the ticks count."""
    ticks: NDArray[np.int64]
    """When each packet's first sample was, in units of the clock rate."""
    clock_rate: int
    numbers: NDArray[np.int64]
    """Extended sequence numbers; they are comparable within a source."""
    source: int
    """Which source of the stream it was: from 0, in the order of appearance; a restarted one counts anew."""


@dataclass(kw_only=True, slots=True)
class _Stretch:
    """From this number on, and until the next stretch, ticks count from here."""

    number: int
    anchor_ns: int


@dataclass(kw_only=True, slots=True)
class _Source:
    """One SSRC at one clock rate."""

    index: int
    clock_rate: int
    last_number: int | None = None
    last_tick: int | None = None
    highest: int = -1
    stretches: list[_Stretch] = field(default_factory=list)
    placed: NDArray[np.int64] = field(default_factory=lambda: np.full(1 << 16, _NONE, dtype=np.int64))
    """By the number's lower 16 bits, which number was placed last."""


Correct = Callable[[int, int, int, int], int]
"""From an SSRC, its clock rate, an extended timestamp and the moment (ns) of tick 0 by the earliest arrival, to what
has to be added to that moment: ``sender_clocks``."""


class Timeline:
    """Places the packets of one stream, window after window."""

    def __init__(
        self, clock_rates: Mapping[int, int], correct: Correct | None = None, *, ahead_ns: int = AHEAD_NS
    ) -> None:
        """``clock_rates``: of each payload type that has a place in time.  ``ahead_ns``: how long what came is held
        for what follows it; who listens to a live call has less time."""
        self._correct = correct
        self._ahead_ns = ahead_ns
        self._clock_rates = np.zeros(128, dtype=np.int64)
        for number, rate in clock_rates.items():
            self._clock_rates[number] = rate
        self._sources: dict[tuple[int, int], _Source] = {}
        self._begun = 0
        self._held: Packets | None = None
        self.unplaced = 0
        """Packets of unknown payload types, or from too many sources."""

    def feed(self, packets: Packets, *, last: bool = False, now_ns: int | None = None) -> Iterator[Placed]:
        """Place what has come, but for the last seconds of it: what follows them may tell where they belong.

        ``last``: nothing will follow, and everything is placed.  ``now_ns``: until when everything that came was fed;
        None: until the last of these packets.
        """
        if self._held is not None:
            packets = rtp.joined(self._held, packets)
            self._held = None
        rates = self._clock_rates[packets.payload_type]
        if not rates.all():
            self.unplaced += int((rates == 0).sum())
            packets, rates = packets.some(rates > 0), rates[rates > 0]
        if not len(packets):
            return
        decided = len(packets)
        if not last:
            now_ns = int(packets.arrivals_ns[-1]) if now_ns is None else now_ns
            decided = int(np.searchsorted(packets.arrivals_ns, now_ns - self._ahead_ns))
            self._held = rtp.compact(packets.some(slice(decided, None)))
        keys = packets.ssrc.astype(np.int64) << 32 | rates
        for key in dict.fromkeys(keys.tolist()) if (keys != keys[0]).any() else (int(keys[0]),):
            rows = np.flatnonzero(keys == key)
            for source, part in self._parts(key, packets, rows, decided):
                yield from self._place(source, packets.some(part), int((part < decided).sum()))

    def _parts(
        self, key: int, packets: Packets, rows: NDArray[np.int64], decided: int
    ) -> Iterator[tuple[_Source, NDArray[np.int64]]]:
        """Rows of one SSRC, cut where it begins anew; with the source that each part is of."""
        name = (key >> 32, key & 0xFFFFFFFF)
        if name not in self._sources and len(self._sources) >= MOST_SOURCES:
            self.unplaced += int((rows < decided).sum())
            return
        source = self._sources.get(name) or self._new(name)
        last = None
        if source.last_number is not None and source.last_tick is not None:
            last = source.last_number, source.last_tick
        cuts = rtp.beginnings(packets.sequence[rows], packets.timestamp[rows], last)
        edges = [0, *cuts.tolist(), len(rows)]
        for number, (begin, end) in enumerate(pairwise(edges)):
            if begin == end:
                continue
            if number and rows[begin] < decided:
                source = self._new(name)
            elif number:
                return  # it begins anew in what is still held
            yield source, rows[begin:end]

    def _new(self, name: tuple[int, int]) -> _Source:
        source = self._sources[name] = _Source(index=self._begun, clock_rate=name[1])
        self._begun += 1
        return source

    def _place(self, source: _Source, packets: Packets, decided: int) -> Iterator[Placed]:
        numbers = rtp.extended(packets.sequence, source.last_number)
        ticks = rtp.extended(packets.timestamp, source.last_tick)
        delays = packets.arrivals_ns - ticks * SECOND_NS // source.clock_rate
        highest = np.maximum.accumulate(np.concatenate(([source.highest], numbers[:-1])))
        in_order = np.flatnonzero(numbers > highest)
        if self._correct is not None and len(in_order):
            first, earliest_ns = int(ticks[in_order[0]]), int(delays[in_order].min())
            delays = delays + self._correct(int(packets.ssrc[0]), source.clock_rate, first, earliest_ns)
        _stretch(source, numbers[in_order], delays[in_order], int((in_order < decided).sum()))
        if not decided:
            return
        source.last_number, source.last_tick = int(numbers[decided - 1]), int(ticks[decided - 1])
        source.highest = max(int(highest[decided - 1]), int(numbers[decided - 1]))
        order = np.argsort(numbers[:decided], kind="stable")
        ordered = numbers[order]
        fresh = np.concatenate(([True], ordered[1:] != ordered[:-1])) & (source.placed[ordered & 0xFFFF] != ordered)
        order, ordered = order[fresh], ordered[fresh]
        if not len(order):
            return
        source.placed[ordered & 0xFFFF] = ordered
        firsts = [stretch.number for stretch in source.stretches]
        begin = 0
        for index in range(max(0, bisect_right(firsts, int(ordered[0])) - 1), len(firsts)):
            end = len(order) if index + 1 == len(firsts) else int(np.searchsorted(ordered, firsts[index + 1]))
            if end > begin:
                yield Placed(
                    packets=packets.some(order[begin:end]),
                    origin_ns=source.stretches[index].anchor_ns,
                    ticks=ticks[order[begin:end]],
                    clock_rate=source.clock_rate,
                    numbers=ordered[begin:end],
                    source=source.index,
                )
            begin = max(begin, end)


def _stretch(source: _Source, numbers: NDArray[np.int64], delays: NDArray[np.int64], decided: int) -> None:
    """Note where stretches begin among packets that came in order; the first ``decided`` of them are placed now."""
    if not decided:
        if not source.stretches and len(numbers):  # only late ones are placed: what is known has to do
            source.stretches.append(_Stretch(number=int(numbers[0]), anchor_ns=int(delays.min())))
        return
    suspects = [index + 1 for index in np.flatnonzero(np.abs(np.diff(delays)) > SUSPECT_NS).tolist()]
    steady = delays[: suspects[0]] if suspects else delays
    if not source.stretches:
        source.stretches.append(_Stretch(number=int(numbers[0]), anchor_ns=int(steady.min())))
    else:
        _follow(source, int(numbers[0]), steady, int(_soon(delays, 0).min()))
    for index in suspects:
        if index >= decided:
            return
        settled = int(_soon(delays, index).min())
        if abs(settled - source.stretches[-1].anchor_ns) > LEAP_NS:
            source.stretches.append(_Stretch(number=int(numbers[index]), anchor_ns=settled))


def _follow(source: _Source, number: int, steady: NDArray[np.int64], settled: int) -> None:
    """Make good what the clocks have drifted since the window before, or a leap between the two."""
    anchor_ns = source.stretches[-1].anchor_ns
    if abs(settled - anchor_ns) > LEAP_NS:
        source.stretches.append(_Stretch(number=number, anchor_ns=settled))
    elif len(steady) >= ENOUGH and abs(int(steady.min()) - anchor_ns) > DRIFT_NS:
        source.stretches.append(_Stretch(number=number, anchor_ns=int(steady.min())))


def _soon(delays: NDArray[np.int64], index: int) -> NDArray[np.int64]:
    """The delays of the seconds that follow; at twenty milliseconds a packet, five hundred of them."""
    return delays[index : index + AHEAD_NS // 20_000_000]
