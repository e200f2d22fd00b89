"""From a take's journal and packets to its finished files, window after window.

What does not live here: which processes do this, and what becomes of the files (``capture.finisher``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from callvault.audio.late_header import Coding
from callvault.capture.finished import Finished
from callvault.capture.finishing import oddities
from callvault.capture.finishing.painting import BLANK, Form, Painting, Wider
from callvault.capture.finishing.plan import Plan
from callvault.capture.finishing.stream import StreamSound, Unseal
from callvault.capture.finishing.strokes import Stroke
from callvault.capture.finishing.takes import Taken, Wanted, recordings_of
from callvault.errors import BadRequest
from callvault.model.capture import Capture, Oddity, StreamQuality
from callvault.protocols.sender_clocks import SenderClocks
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.journal import Begun, Journal, Reason

WINDOW_NS = 60_000_000_000
OpenMedia = Callable[[], Iterable[Batch | Damage]]
"""Reads the spool from its beginning; may be called again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Window:
    """What came within a minute."""

    batches: dict[int, list[Batch]]
    reports: dict[int, list[Batch]]
    """RTCP, in which sender reports are."""
    drops: dict[int, list[Batch]]
    damages: list[Damage]
    now_ns: int
    """The last arrival of all."""
    last: bool


def finish(
    journal: Journal,
    open_media: OpenMedia,
    *,
    folder: Path,
    unseal: Unseal,
    only: UUID | None = None,
    but: AbstractSet[UUID] = frozenset(),
) -> Finished:
    """The files of a take, in ``folder``.

    ``only``: of one recording, while the take may still be under way.  ``but``: recordings that are safe already.

    Raises:
        BadRequest: the journal says too little for anything to be made.
        ProtocolError: a stream's key is none.
        MediaError: a file cannot be read or written.
    """
    begun = journal.begun
    if begun is None:
        raise BadRequest("The journal has no beginning, so nobody knows whose call it was.")
    plan = Plan.of(journal)
    wanted = Wanted.of(journal, only=only, but=but)
    if wanted.nothing:
        return Finished(files=())
    form: Form | None = None
    while True:
        try:
            return _Finishing(journal, begun, plan, unseal, wanted).run(open_media, form, folder)
        except Wider as wider:
            form = wider.form
        except _Unplanned as unplanned:
            plan = plan.with_streams(unplanned.streams)


class _Unplanned(Exception):
    """Packets came of streams that the plan does not know: the journal's line is spoilt."""

    def __init__(self, streams: AbstractSet[int]) -> None:
        super().__init__()
        self.streams = streams


class _Finishing:
    def __init__(self, journal: Journal, begun: Begun, plan: Plan, unseal: Unseal, wanted: Wanted) -> None:
        self._journal = journal
        self._begun = begun
        self._plan = plan
        self._wanted = wanted
        self._clocks = SenderClocks()
        self._streams = {stream.index: StreamSound(stream, unseal, self._clocks) for stream in plan.streams}
        self._damages: list[Damage] = []

    def run(self, open_media: OpenMedia, form: Form | None, folder: Path) -> Finished:
        waiting: list[tuple[StreamSound, list[Stroke]]] = []
        painting: Painting | None = None
        try:
            for window in _windows(open_media()):
                self._damages += window.damages
                if unknown := window.batches.keys() - self._streams.keys():
                    raise _Unplanned(unknown)
                for index, stream in self._streams.items():
                    stream.listen(window.reports.get(index, ()))
                    stream.lose(window.drops.get(index, ()))
                self._clocks.settle()
                for index, stream in self._streams.items():
                    strokes = stream.feed(window.batches.get(index, ()), last=window.last, now_ns=window.now_ns)
                    if strokes:
                        waiting.append((stream, strokes))
                if painting is None and any(stroke.codec != "CN" for _, strokes in waiting for stroke in strokes):
                    form = form or _form(waiting)
                    painting = Painting(self._plan, form, folder, whole_only=not self._wanted.parts)
                    painting.begin(_with_masked(_beginning_ns(waiting, form), self._masked_ns, form))
                if painting is not None:
                    for stream, strokes in waiting:
                        painting.paint(stream, strokes)
                    waiting = []
                    painting.write_out()
            if (masked_ns := self._masked_ns) is not None:
                if painting is None:
                    form = form or BLANK
                    painting = Painting(self._plan, form, folder, whole_only=True)
                    painting.begin(masked_ns[0])
                painting.lasts_until(masked_ns[1])
            painted = painting.finish() if painting is not None else []
        finally:
            if painting is not None:
                painting.__exit__(None)
        began_ns = painting.beginning_ns if painting is not None else self._begun.at_ns
        samples = painting.samples if painting is not None else 0
        rate = form.sample_rate if form else 8000
        qualities = [
            stream.quality(self._plan, began_ns=began_ns, samples=samples, rate=rate)
            for stream in self._streams.values()
        ]
        take = Taken(
            plan=self._plan,
            begun=self._begun,
            painted=tuple(painted),
            coding=painting.coding if painting is not None else Coding.PCM,
            began_ns=began_ns,
            sample_rate=rate,
            capture=self._capture(qualities, began_ns, samples, rate),
            partial=self._partial(qualities),
        )
        return recordings_of(take, self._wanted, folder)

    @property
    def _masked_ns(self) -> tuple[int, int] | None:
        """From when until when something was masked, in whatever stream."""
        found = [each.masked_ns for each in self._streams.values() if each.masked_ns is not None]
        return (min(first for first, _ in found), max(last for _, last in found)) if found else None

    def _partial(self, qualities: Sequence[StreamQuality]) -> bool:
        ended = self._journal.ended
        interrupted = ended.reason is Reason.INTERRUPTED if ended is not None else not self._wanted.early
        damages = self._damages[:-1] if self._wanted.early else self._damages  # the last chunk may be half written
        return (
            interrupted
            or bool(damages)
            or self._journal.spoilt > self._wanted.early
            or any(quality.unreadable or quality.dropped for quality in qualities)
        )

    def _capture(self, qualities: Sequence[StreamQuality], began_ns: int, samples: int, rate: int) -> Capture:
        ended = self._journal.ended
        ended_ns = began_ns + samples * 1_000_000_000 // rate
        if not samples and ended is not None:
            ended_ns = max(ended.at_ns, began_ns)
        return Capture(
            door=self._begun.door,
            trunk=self._begun.trunk,
            peer=self._begun.peer,
            reason=ended.reason if ended else Reason.STOPPED if self._wanted.early else Reason.INTERRUPTED,
            streams=tuple(qualities),
            attendances=self._plan.attendances(began_ns, ended_ns),
            oddities=(*self._plan.oddities(began_ns), *self._oddities(qualities)),
        )

    def _oddities(self, qualities: Sequence[StreamQuality]) -> Iterator[Oddity]:
        """What the media had of its own."""
        yield from oddities.of_drops(qualities)
        for index, stream in self._streams.items():
            yield from oddities.of_stream(index + 1, stream)
        yield from oddities.of_files(self._journal, self._damages)


def _windows(media: Iterable[Batch | Damage]) -> Iterator[_Window]:
    """What came, a minute at a time; the last window may be empty."""
    window = _Window(batches={}, reports={}, drops={}, damages=[], now_ns=0, last=False)
    until: int | None = None
    now_ns = 0
    for item in media:
        if isinstance(item, Damage):
            window.damages.append(item)
            continue
        if item.content is Content.DROPS:
            window.drops.setdefault(item.stream, []).append(item)
            continue
        if not len(item.lengths):
            continue
        first = int(item.arrivals_ns[0])
        if until is None:
            until = first + WINDOW_NS
        elif first >= until:
            yield replace(window, now_ns=now_ns)
            window = _Window(batches={}, reports={}, drops={}, damages=[], now_ns=0, last=False)
            until = first + WINDOW_NS
        now_ns = max(now_ns, int(item.arrivals_ns[-1]))
        kept = window.reports if item.content is Content.RTCP else window.batches
        kept.setdefault(item.stream, []).append(item)
    yield replace(window, last=True, now_ns=now_ns)


def _form(waiting: Sequence[tuple[StreamSound, Sequence[Stroke]]]) -> Form:
    """What takes everything that came first; usually all that comes."""
    audible = [stroke for _, strokes in waiting for stroke in strokes if stroke.codec != "CN"]
    return Form(
        codecs=frozenset(stroke.codec for stroke in audible),
        sample_rate=max(stroke.sample_rate for stroke in audible),
    )


def _with_masked(beginning_ns: int, masked_ns: tuple[int, int] | None, form: Form) -> int:
    """The beginning, where the call was masked before anything could be heard, on the same grid."""
    if masked_ns is None or masked_ns[0] >= beginning_ns:
        return beginning_ns
    samples = (beginning_ns - masked_ns[0]) * form.sample_rate // 1_000_000_000
    return beginning_ns - round(samples * 1_000_000_000 / form.sample_rate)


def _beginning_ns(waiting: Sequence[tuple[StreamSound, Sequence[Stroke]]], form: Form) -> int:
    """When the first sample of all was spoken, on the grid of the samples."""
    origin_ns = min(stroke.origin_ns for _, strokes in waiting for stroke in strokes)
    first = min(stroke.begins_at(form.sample_rate, origin_ns) for _, strokes in waiting for stroke in strokes)
    return origin_ns + round(first * 1_000_000_000 / form.sample_rate)
