"""What was asked for: the recordings of a take, read off its journal, each with the spans of time that it holds.

What does not live here: the audio, and how it is cut (``cutting``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from callvault.model.live import Phase
from callvault.model.wish import Wish, read_wish
from callvault.protocols.spool.journal import Journal, RecordingAsked, RecordingMoved, Unasked


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time that is in a recording."""

    from_ns: int
    until_ns: int | None
    """None: to the end of the call."""
    silent: bool = False
    """Whether it is silence: a pause that was to leave its length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One recording of a take."""

    id: UUID
    wish: Wish
    rule: str | None
    """Of the policy; None where somebody asked during the call."""
    asked_ns: int
    spans: tuple[Span, ...]
    """In their order; none where it never began."""
    stopped: str | None = None
    """Why it ended before the call: ``RecordingMoved.why``."""
    cut_out: tuple[tuple[int, int], ...] = field(default=())
    """Pauses that are not in it, as pairs of moments (ns)."""

    @property
    def is_whole(self) -> bool:
        """Whether it is just the call as it came."""
        plain = Wish(
            format=self.wish.format,
            file_name=self.wish.file_name,
            label=self.wish.label,
            origin=self.wish.origin,
            push=self.wish.push,
            extras=self.wish.extras,
            most_s=self.wish.most_s if self.stopped is None else None,
            least_s=self.wish.least_s,
            follows_transfer=self.wish.follows_transfer,
        )
        (only, *others) = self.spans or (None,)
        beginning = self.rule is not None and only is not None and only.until_ns is None and not only.silent
        return beginning and not others and self.wish == plain


def asked_in(journal: Journal) -> tuple[Asked, ...] | None:
    """The recordings, oldest first; None where nothing was said of any: then the whole take is one."""
    asked: dict[UUID, RecordingAsked] = {}
    moves: dict[UUID, list[RecordingMoved]] = {}
    unasked = False
    for record in journal.records:
        if isinstance(record, RecordingAsked):
            asked.setdefault(record.recording, record)
        elif isinstance(record, RecordingMoved):
            moves.setdefault(record.recording, []).append(record)
        unasked = unasked or isinstance(record, Unasked)
    if not asked and not unasked:
        return None
    return tuple(_asked(record, moves.get(name, ())) for name, record in asked.items())


def _asked(record: RecordingAsked, moves: Sequence[RecordingMoved]) -> Asked:
    spans: list[Span] = []
    cut_out: list[tuple[int, int]] = []
    since: RecordingMoved | None = None
    for move in moves:
        if since is not None:
            _close(since, move.at_ns, spans, cut_out)
        since = move
    stopped = since.why if since is not None and since.phase == Phase.STOPPED else None
    if since is not None and stopped is None:
        _close(since, None, spans, cut_out)
    return Asked(
        id=record.recording,
        wish=read_wish(record.wish),
        rule=record.rule,
        asked_ns=record.at_ns,
        spans=tuple(spans),
        stopped=stopped,
        cut_out=tuple(cut_out),
    )


def _close(since: RecordingMoved, until_ns: int | None, spans: list[Span], cut_out: list[tuple[int, int]]) -> None:
    if since.phase == Phase.RUNNING or (since.phase == Phase.PAUSED and since.silent):
        spans.append(Span(from_ns=since.at_ns, until_ns=until_ns, silent=since.phase == Phase.PAUSED))
    elif since.phase == Phase.PAUSED and until_ns is not None:
        cut_out.append((since.at_ns, until_ns))
