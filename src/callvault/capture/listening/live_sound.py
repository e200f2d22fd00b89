"""The live sound: from a take's two growing files to blocks of samples, as they would be in the finished recording.

Each call of ``step`` reads what was appended, and gives out what is due: everything up to ``BEHIND_NS`` before now,
silence where nothing came, and never anything twice.  Two channels always; what is told of a stream for the first time,
or otherwise than before, begins anew from the last part of the spool.  What does not live here: files and waiting
(``listener``), forms (``audio.endless``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from callvault.audio.mix import down_mix
from callvault.audio.mp3 import mp3_rate
from callvault.audio.samples import Samples
from callvault.capture.finishing.plan import Plan, PlannedStream
from callvault.capture.finishing.stream import StreamSound, Unseal
from callvault.capture.finishing.strokes import NOISE, Stroke, playable, sample_rate
from callvault.capture.listening.growing import Growing, JournalTail, MediaTail
from callvault.capture.listening.pilots import pilots
from callvault.capture.listening.track import Track
from callvault.protocols.sender_clocks import SenderClocks
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.journal import StreamAgreed

SECOND_NS: Final = 1_000_000_000
BEHIND_NS: Final = SECOND_NS
"""How far what is heard is behind the call: what is spooled every fifth of a second, and delayed by the network by as
much as two fifths, is there in time."""
AHEAD_NS: Final = 400_000_000
"""How long packets wait for those that follow them, of that second (``Timeline``)."""
USUAL_TICK_MS: Final = 200
BLOCKS_A_SECOND: Final = 5
MOST_DUE_NS: Final = 5 * SECOND_NS
"""Whoever has not listened for so long goes on with what is due now; what lies between is left out."""
HIGHEST_RATE: Final = 48_000
_USUAL_RATE: Final = 8000


def behind_ns(tick_ms: int) -> int:
    """How far one has to be behind, where the spool is written every so often (``media_tick_ms``)."""
    return BEHIND_NS + max(0, tick_ms - USUAL_TICK_MS) * 1_000_000


class LiveSound:
    """One listener's ear in one call."""

    def __init__(
        self,
        journal: Growing,
        media: Growing,
        unseal: Unseal,
        *,
        now_ns: int,
        behind_ns: int = BEHIND_NS,
    ) -> None:
        """Nothing is read yet but what decides the sampling rate.

        Raises:
            ProtocolError, OperatorError: a stream's key is none.
            MediaError: the files cannot be read.
        """
        self.began_ns = now_ns - behind_ns
        """The moment (ns since 1970, UTC) of the first sample that is given out."""
        self._behind_ns = behind_ns
        self._media_file = media
        self._journal = JournalTail(journal)
        self._media = MediaTail(media)
        self._unseal = unseal
        self._clocks = SenderClocks()
        self._streams: dict[int, StreamSound] = {}
        self._tracks: dict[tuple[int, int], Track] = {}
        self._block = 0
        self._on_grid = False
        self._journal.read_on()
        self._plan = Plan.of(self._journal.journal)
        self.sample_rate = self._rate()
        """Of what is given out, as long as it lasts."""

    @property
    def channels(self) -> int:
        """How many the finished recording would have, by what is known now."""
        return min(2, max(1, len(self._plan.streams)))

    @property
    def due_ns(self) -> int:
        """When the next block is due."""
        return self.began_ns + self._behind_ns + (self._block + 1) * SECOND_NS // BLOCKS_A_SECOND

    def step(self, now_ns: int) -> Iterator[Samples]:
        """Read on, and give out the blocks that are due: shape (n, 2); the second channel is silent where there is
        but one stream."""
        due = self._due(now_ns)
        self._read_on(now_ns, last=False)
        while self._block < due:
            yield self._next()

    def rest(self, now_ns: int) -> Iterator[Samples]:
        """The take has ended: what is left of it."""
        self._due(now_ns)
        self._read_on(now_ns, last=True)
        left = [(track.end, track.rate) for track in self._tracks.values()]
        end = max((-(-end * self.sample_rate // rate) for end, rate in left), default=0)
        while (begin := self._position(self._block, self.sample_rate)) < end:
            yield self._next()[: end - begin]

    def mono(self, block: Samples) -> Samples:
        """A block as one channel: the average of both, or the only one."""
        if len(self._plan.streams) < 2:
            return block[:, :1]
        return down_mix(block)

    def _due(self, now_ns: int) -> int:
        """Behind the last block whose time has come; whoever stayed away too long has missed some."""
        due = (now_ns - self._behind_ns - self.began_ns) * BLOCKS_A_SECOND // SECOND_NS
        missed = due - MOST_DUE_NS * BLOCKS_A_SECOND // SECOND_NS
        if missed > self._block:
            self._block = missed
            for track in self._tracks.values():
                track.skip(self._position(missed, track.rate))
        return due

    def _read_on(self, now_ns: int, *, last: bool) -> None:
        if self._media.left_behind:
            self._media = MediaTail(self._media_file)
            self._streams = {}
        batches = self._media.read_on()
        if self._journal.read_on() or not self._streams:  # after the media: what it speaks of is told before
            self._plan = Plan.of(self._journal.journal)
        by_stream: dict[int, list[Batch]] = defaultdict(list)
        for batch in batches:
            if batch.content is Content.RTP:
                by_stream[batch.stream].append(batch)
        if unknown := by_stream.keys() - {stream.index for stream in self._plan.streams}:
            self._plan = self._plan.with_streams(unknown)
        changed = [stream for stream in self._plan.streams if self._differs(stream)]
        if changed:
            self._begin(changed, by_stream)
        for index, stream in self._streams.items():
            for stroke in stream.feed(by_stream.get(index, ()), last=last, now_ns=now_ns):
                self._paint(index, stroke)

    def _differs(self, planned: PlannedStream) -> bool:
        if planned.index not in self._streams:
            return True
        known = self._streams[planned.index].planned
        spans = planned.clear if planned.keys else known.clear
        keys = tuple(dict.fromkeys(planned.keys)), tuple(dict.fromkeys(known.keys))
        return keys[0] != keys[1] or (known.payloads, known.clear) != (planned.payloads, spans)

    def _begin(self, changed: Sequence[PlannedStream], by_stream: dict[int, list[Batch]]) -> None:
        """Begin streams anew, with what came in the last seconds in place of what came just now."""
        before = self._media.again()
        for stream in changed:
            self._streams[stream.index] = StreamSound(stream, self._unseal, self._clocks, ahead_ns=AHEAD_NS)
            reports = [each for each in before if each.stream == stream.index and each.content is Content.RTCP]
            self._streams[stream.index].listen(reports)
            by_stream[stream.index] = [
                each for each in before if each.stream == stream.index and each.content is Content.RTP
            ]
        self._clocks.settle()
        locked = {stream.index for stream in changed if stream.keys}
        if locked:
            for pilot in pilots(self._media_file, locked, self._media.begins_at):
                self._streams[pilot.stream].pass_over([pilot])

    def _paint(self, index: int, stroke: Stroke) -> None:
        if stroke.codec == NOISE:
            return
        if not self._on_grid:
            self._lay_grid(stroke)
        track = self._tracks.get((index, stroke.sample_rate))
        if track is None:
            heard = self._position(self._block, stroke.sample_rate)
            track = self._tracks[index, stroke.sample_rate] = Track(stroke.sample_rate, heard)
        track.paint(stroke.begins_at(stroke.sample_rate, self.began_ns), stroke.as_pcm())

    def _lay_grid(self, stroke: Stroke) -> None:
        """Samples are counted from a moment at which one of the call's own samples was, or would have been."""
        rate = stroke.sample_rate
        moment_ns = stroke.origin_ns + stroke.tick * SECOND_NS // stroke.clock_rate
        samples = round((moment_ns - self.began_ns) * rate / SECOND_NS)
        self.began_ns = moment_ns - round(samples * SECOND_NS / rate)
        self._on_grid = True

    def _next(self) -> Samples:
        """The next block."""
        begin, end = self._block, self._block + 1
        length = self._position(end, self.sample_rate) - self._position(begin, self.sample_rate)
        sums = np.zeros((length, 2), dtype=np.int32)
        for (index, rate), track in self._tracks.items():
            samples = track.take(self._position(begin, rate), self._position(end, rate), self.sample_rate)
            sums[: len(samples), (self._plan.channel_of(index) or 1) - 1] += samples
        self._block = end
        return np.clip(sums, -32_768, 32_767).astype(np.int16)

    @staticmethod
    def _position(block: int, rate: int) -> int:
        return block * rate // BLOCKS_A_SECOND

    def _rate(self) -> int:
        """One of MP3's, so that both forms have it: not below what any stream's preferred payload has."""
        rates = [_USUAL_RATE]
        for record in self._journal.journal.records:
            if isinstance(record, StreamAgreed):
                audible = [sample_rate(payload) for payload in record.payloads if playable(payload)]
                rates += audible[:1]
        return mp3_rate(min(max(rates), HIGHEST_RATE))
