"""What was asked for: the recordings of a take, read off its journal, each with the spans of time that it holds.

What does not live here: the audio, and how it is cut (``cutting``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
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

    @property
    def is_whole(self) -> bool:
        """Whether it is just the call as it came: a rule's, from the beginning to the end."""
        if self.rule is None or len(self.spans) != 1:
            return False
        (span,) = self.spans
        return span.until_ns is None and not span.silent and self.wish.as_it_comes


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
    ends = [move.at_ns for move in moves[1:]]
    last = moves[-1] if moves else None
    return Asked(
        id=record.recording,
        wish=read_wish(record.wish),
        rule=record.rule,
        asked_ns=record.at_ns,
        spans=tuple(_span(move, until_ns) for move, until_ns in zip_longest(moves, ends) if _is_in_it(move)),
        stopped=last.why if last is not None and last.phase == Phase.STOPPED else None,
    )


def _is_in_it(move: RecordingMoved) -> bool:
    return move.phase == Phase.RUNNING or (move.phase == Phase.PAUSED and move.silent)


def _span(move: RecordingMoved, until_ns: int | None) -> Span:
    return Span(from_ns=move.at_ns, until_ns=until_ns, silent=move.phase == Phase.PAUSED)
