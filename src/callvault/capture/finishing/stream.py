"""One stream of a take while it is being finished: its packets become strokes, and are counted.

What does not live here: the canvas that all streams share (``painting``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from callvault.capture.finishing.gaps import Stretches, gaps
from callvault.capture.finishing.plan import Plan, PlannedStream
from callvault.capture.finishing.strokes import EVENTS, NOISE, Brush, Stroke, playable
from callvault.model.capture import Digit, StreamQuality
from callvault.protocols import rtp
from callvault.protocols.reception import Reception, mos
from callvault.protocols.rtp import Packets
from callvault.protocols.sender_clocks import SenderClocks
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.drops import drops_in
from callvault.protocols.srtp import Opener
from callvault.protocols.srtp_keys import SrtpKey
from callvault.protocols.telephone_events import Keypad
from callvault.protocols.timeline import AHEAD_NS, Placed, Timeline

PACKET_MS = 20
"""What a packet usually holds."""
Unseal = Callable[[str], Sequence[SrtpKey]]
"""From what the journal keeps of a line's keys to these."""


class StreamSound:
    """Takes batches, gives strokes."""

    def __init__(
        self, planned: PlannedStream, unseal: Unseal, clocks: SenderClocks, *, ahead_ns: int = AHEAD_NS
    ) -> None:
        """``ahead_ns``: see ``Timeline``.

        Raises:
            ProtocolError: the stream's key is none.
        """
        self.planned = planned
        self.reception = Reception()
        self.stretches = Stretches()
        self.codecs: list[str] = []
        keys = [key for sealed in planned.keys for key in unseal(sealed)]
        self._opener = Opener(keys, clear=planned.clear) if keys else None
        self._report_opener = Opener(keys, clear=planned.clear, reports=True) if keys else None
        self._clocks = clocks
        audible = {number: payload for number, payload in planned.payloads.items() if playable(payload)}
        quiet = {number: payload for number, payload in planned.payloads.items() if payload.name == NOISE}
        self._brush = Brush(audible | quiet)
        self._events = _mask(number for number, payload in planned.payloads.items() if payload.name == EVENTS)
        self._rates = {number: payload.clock_rate for number, payload in planned.payloads.items()}
        rates = {number: self._rates[number] for number in audible | quiet}
        self._timeline = Timeline(rates, partial(clocks.correction_ns, planned.index), ahead_ns=ahead_ns)
        self._keypad = Keypad()
        self._unreadable = 0
        self._other_numbers: set[int] = set()
        self._masked: list[tuple[int, int]] = []
        """First and last arrival of packets whose payloads were never written."""
        self._drops: list[bytes] = []
        self._shut = deque(planned.shut_until)

    @property
    def came(self) -> bool:
        """Whether anything was received that is RTP."""
        return self.reception.received > 0

    @property
    def unreadable(self) -> int:
        """Packets of which nothing could be made."""
        refused = self._opener.refused if self._opener else 0
        return self._unreadable + refused + self._timeline.unplaced + self._brush.undecoded

    @property
    def unknown_keys(self) -> int:
        """Packets among the unreadable that name a master key which nobody told (MKI)."""
        return self._opener.unknown if self._opener else 0

    @property
    def worn(self) -> Sequence[tuple[int, int]]:
        """For how many packets a key was to be good, and how many came under it, where these are more."""
        found = self._opener.worn if self._opener else ()
        return [(key.lifetime or 0, packets) for key, packets in found]

    @property
    def masked_ns(self) -> tuple[int, int] | None:
        """From when until when packets came whose payloads were never written; None: none did."""
        if not self._masked:
            return None
        return min(first for first, _ in self._masked), max(last for _, last in self._masked) + PACKET_MS * 1_000_000

    def listen(self, batches: Sequence[Batch]) -> None:
        """Note what a window's RTCP says of the sender's clock."""
        for batch in batches:
            reports = self._report_opener.open(batch) if self._report_opener is not None else batch
            for packet, arrival_ns in zip(reports.packets(), reports.arrivals_ns.tolist(), strict=True):
                self._clocks.note(self.planned.index, packet, arrival_ns)

    def lose(self, batches: Iterable[Batch]) -> None:
        """Note what the kernel had no room for."""
        for batch in batches:
            self._drops += batch.packets()

    def pass_over(self, batches: Iterable[Batch]) -> None:
        """Some of what came before that which is fed: SRTP's packets are numbered from the first one on."""
        if self._opener is not None:
            for batch in batches:
                self._opener.open(batch)

    def feed(self, batches: Sequence[Batch], *, last: bool, now_ns: int) -> list[Stroke]:
        """The strokes of a window's batches, and of what was held back of earlier ones.

        ``now_ns``: until when everything has come, of all streams.
        """
        self._masked += _masked_spans(batches)
        packets = self._packets(batches)
        if packets is not None and len(packets):
            packets = self._sorted_out(packets)
        strokes = self._strokes(self._timeline.feed(packets or _NOTHING, last=last, now_ns=now_ns))
        for stroke in strokes:
            if stroke.codec != NOISE and stroke.codec not in self.codecs:
                self.codecs.append(stroke.codec)
        return strokes

    def quality(self, plan: Plan, *, began_ns: int, samples: int, rate: int) -> StreamQuality:
        """How it arrived, in a recording of so many samples."""
        reception = self.reception
        ended_ns = began_ns + samples * 1_000_000_000 // rate if rate else began_ns
        found = gaps(
            self.stretches.in_order(),
            samples=samples,
            rate=rate,
            held=plan.held(self.planned.index, began_ns, ended_ns),
            others=frozenset(self._other_numbers),
            masked=self._masked_ms(began_ns),
        )
        repeated = self._opener.repeated if self._opener else 0
        return StreamQuality(
            stream=self.planned.index,
            label=self.planned.label,
            channel=plan.channel_of(self.planned.index),
            codecs=tuple(self.codecs),
            ssrcs=tuple(reception.ssrcs),
            expected=reception.expected,
            received=reception.received,
            lost=max(0, reception.lost),
            late=reception.late,
            duplicated=reception.duplicated + repeated,
            unreadable=self.unreadable,
            jitter_ms=round(reception.jitter_ms, 3),
            jitter_most_ms=round(reception.jitter_most_ms, 3),
            mos=mos(self.codecs[0] if self.codecs else "", reception.expected, reception.lost),
            gaps=tuple(found),
            digits=self._digits(began_ns),
            dropped=drops_in(self._drops),
        )

    def _packets(self, batches: Sequence[Batch]) -> Packets | None:
        if self._opener is not None:
            opener = self._opener
            batches = [batch if batch.content is Content.MASKED else opener.open(batch) for batch in batches]
        if not batches:
            return None
        packets, unreadable = rtp.read(
            np.concatenate([batch.arrivals_ns for batch in batches]),
            np.concatenate([batch.lengths for batch in batches]),
            np.concatenate([batch.data for batch in batches]),
        )
        self._unreadable += unreadable
        if any(batch.content is Content.MASKED for batch in batches):  # which were read apart from the others
            packets = packets.some(np.argsort(packets.arrivals_ns, kind="stable"))
        return packets

    def _sorted_out(self, packets: Packets) -> Packets:
        """What has a place in time; keys are noted, and everything is counted."""
        for stretch in self._between_shut(packets):
            self.reception.count(stretch)
        empty = packets.sizes == 0
        if empty.any():  # masked; or they keep a NAT's door open, and have nothing to say (RFC 6263 section 4.1)
            self._other_numbers |= set(packets.sequence[empty].tolist())
            packets = packets.some(~empty)
        events = self._events[packets.payload_type]
        if events.any():
            pressed = packets.some(events)
            self._unreadable += self._keypad.feed(pressed, self._rates)
            self._other_numbers |= set(pressed.sequence.tolist())
            packets = packets.some(~events)
        if len(packets):
            self.reception.measure(packets, self._rates.get(int(packets.payload_type[0]), 8000))
        return packets

    def _between_shut(self, packets: Packets) -> Iterator[Packets]:
        """Stretches of packets between which nobody recorded; what was thrown away there is not lost."""
        begin = 0
        while self._shut and len(packets) and self._shut[0] <= int(packets.arrivals_ns[-1]):
            end = int(np.searchsorted(packets.arrivals_ns, self._shut.popleft()))
            if end > begin:
                yield packets.some(slice(begin, end))
            self.reception.begin_anew()
            begin = end
        if begin < len(packets):
            yield packets.some(slice(begin, len(packets)))

    def _masked_ms(self, began_ns: int) -> Sequence[tuple[int, int]]:
        """When it was masked: spans of milliseconds, put together where one packet follows the other."""
        spans: list[tuple[int, int]] = []
        for first_ns, last_ns in self._masked:
            first, last = (first_ns - began_ns) // 1_000_000, (last_ns - began_ns) // 1_000_000 + PACKET_MS
            if spans and first <= spans[-1][1] + PACKET_MS:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
        return spans

    def _strokes(self, placed: Iterator[Placed]) -> list[Stroke]:
        strokes: list[Stroke] = []
        for part in placed:
            strokes += self._brush.strokes(part)
        return strokes

    def _digits(self, began_ns: int) -> tuple[Digit, ...]:
        return tuple(
            Digit(
                at_ms=(pressed.arrival_ns - began_ns) // 1_000_000,
                key=pressed.key,
                duration_ms=pressed.duration_ms,
            )
            for pressed in self._keypad.pressed
        )


def _masked_spans(batches: Sequence[Batch]) -> Iterator[tuple[int, int]]:
    """First and last arrival of masked packets between which nothing else came: a batch may hold those of many."""
    hidden = [batch.arrivals_ns for batch in batches if batch.content is Content.MASKED]
    if not hidden:
        return
    shown = [batch.arrivals_ns for batch in batches if batch.content is not Content.MASKED]
    masked = np.sort(np.concatenate(hidden))
    before = np.searchsorted(np.sort(np.concatenate(shown)), masked) if shown else np.zeros(len(masked), dtype=np.int64)
    for span in np.split(masked, np.flatnonzero(np.diff(before)) + 1):
        yield int(span[0]), int(span[-1])


def _mask(numbers: Iterable[int]) -> NDArray[np.bool_]:
    mask = np.zeros(128, dtype=np.bool_)
    mask[list(numbers)] = True
    return mask


_NOTHING = rtp.read(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint16), np.zeros(0, dtype=np.uint8))[0]
