"""From the painted files of a take to its recordings: those that every call becomes, and those that were asked for.

What does not live here: the painting, and how a recording is cut out (``cutting``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from uuid import UUID

from callvault.audio.late_header import Coding
from callvault.capture.finished import Finished, FinishedAudio, Missed
from callvault.capture.finishing.asked import Asked, asked_in
from callvault.capture.finishing.cut_capture import capture_of_cut
from callvault.capture.finishing.cutting import SECOND_NS, Whole, cut
from callvault.capture.finishing.painting import Painted
from callvault.capture.finishing.plan import Plan
from callvault.model.capture import Capture
from callvault.model.recording import Direction
from callvault.model.trunk import Parts
from callvault.protocols.spool.journal import Begun, Journal, Named, Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which recordings are to be made."""

    asked: tuple[Asked, ...] | None
    """None: the whole take, since nothing was said of any recording."""
    take: UUID | None
    inbound: bool
    """Whether the recorded leg is the caller's."""
    early: bool = False
    """Whether the take may still be under way."""

    @classmethod
    def of(cls, journal: Journal, *, only: UUID | None, but: AbstractSet[UUID]) -> Self:
        """Read a journal."""
        asked = asked_in(journal)
        if asked is not None:
            asked = tuple(each for each in asked if only in (None, each.id) and each.id not in but)
        begun = journal.begun
        said = begun.settings.get("direction") if begun else None
        named = (record.direction for record in journal.records if isinstance(record, Named))
        direction = next((each for each in named if each), said)
        return cls(
            asked=asked,
            take=begun.take if begun else None,
            inbound=direction != Direction.OUTBOUND,
            early=only is not None,
        )

    @property
    def nothing(self) -> bool:
        """Whether nobody wants anything of the take."""
        return self.asked is not None and not self.asked

    @property
    def parts(self) -> bool:
        """Whether recordings of single streams may be wanted: they go with the recording of the whole call."""
        return self.asked is None or any(each.is_whole and each.id == self.take for each in self.asked)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A take whose audio has been painted."""

    plan: Plan
    begun: Begun
    painted: tuple[Painted, ...]
    """The whole call first; nothing where no audio came."""
    coding: Coding
    """Of the whole call's file."""
    began_ns: int
    sample_rate: int
    capture: Capture
    partial: bool

    @property
    def many(self) -> bool:
        """Whether there are more streams than channels."""
        return len(self.plan.streams) > 2


def recordings_of(taken: Taken, wanted: Wanted, folder: Path) -> Finished:
    """What the take becomes.

    Raises:
        MediaError: a file cannot be read or written.
    """
    if wanted.asked is None:
        files = tuple(_files(taken, None))
        return Finished(files=files, missed=() if files else (_missed(taken, None, None),))
    found: list[FinishedAudio] = []
    missed: list[Missed] = []
    for asked in wanted.asked:
        if not taken.painted or not asked.spans:
            if asked.rule is None or asked.spans:
                missed.append(_missed(taken, asked, _why_nothing(asked)))
            continue
        made = list(_files(taken, asked)) if asked.is_whole and not wanted.early else _cut(taken, asked, wanted, folder)
        length_s = made[0].samples / made[0].sample_rate if made else 0.0
        if not made:
            missed.append(_missed(taken, asked, "Nothing was to be heard while it ran."))
        elif length_s < asked.wish.least_s:
            sentence = f"It was {length_s:.1f} s long, and at least {asked.wish.least_s:g} s were asked for."
            missed.append(_missed(taken, asked, sentence))
        else:
            found += made
    return Finished(files=tuple(found), missed=tuple(missed))


def _why_nothing(asked: Asked) -> str | None:
    return None if asked.spans else f"It never began, since nobody was {asked.wish.cue}."


def _files(taken: Taken, asked: Asked | None) -> Iterator[FinishedAudio]:
    """The call as it came: everybody, and each stream alone where there are many and somebody wants that."""
    for place, file in enumerate(taken.painted):
        is_whole = place == 0
        if is_whole and taken.many and taken.plan.parts is Parts.EACH:
            continue
        every = len(file.streams) == len(taken.plan.streams)
        yield FinishedAudio(
            path=file.path,
            streams=file.streams,
            channels=file.channels,
            began_ns=taken.began_ns,
            sample_rate=taken.sample_rate,
            samples=file.samples,
            capture=taken.capture if every else _only(taken.capture, file.streams),
            partial=taken.partial,
            recording=asked.id if asked is not None and asked.id != taken.begun.take and is_whole else None,
            wish=asked.wish if asked is not None else None,
        )


def _cut(taken: Taken, asked: Asked, wanted: Wanted, folder: Path) -> list[FinishedAudio]:
    file = taken.painted[0]
    whole = Whole(
        path=file.path,
        coding=taken.coding,
        channels=file.channels,
        sample_rate=taken.sample_rate,
        samples=file.samples,
        began_ns=taken.began_ns,
    )
    made = cut(whole, asked, folder / f"{asked.id}.wav", inbound=wanted.inbound)
    if made is None:
        return []
    reason = Reason.STOPPED if asked.stopped is not None else taken.capture.reason
    first, last = made.pieces[0].begin, made.pieces[-1].end
    return [
        FinishedAudio(
            path=made.path,
            streams=file.streams,
            channels=made.channels,
            began_ns=taken.began_ns + first * SECOND_NS // taken.sample_rate,
            sample_rate=made.sample_rate,
            samples=made.samples,
            capture=capture_of_cut(taken.capture, made, whole_rate=taken.sample_rate, reason=reason),
            partial=taken.partial,
            recording=asked.id,
            wish=asked.wish,
            ended_ns=taken.began_ns + last * SECOND_NS // taken.sample_rate,
        )
    ]


def _missed(taken: Taken, asked: Asked | None, sentence: str | None) -> Missed:
    own = asked is None or asked.id == taken.begun.take
    return Missed(
        recording=None if own or asked is None else asked.id,
        wish=asked.wish if asked is not None else None,
        at_ns=asked.asked_ns if asked is not None else taken.begun.at_ns,
        capture=taken.capture,
        sentence=sentence,
    )


def _only(capture: Capture, streams: Sequence[int]) -> Capture:
    """The capture as far as it is about some of the streams."""
    return replace(capture, streams=tuple(quality for quality in capture.streams if quality.stream in streams))
