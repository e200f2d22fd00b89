"""Roles: what a recording of the cast is at each of its steps, in the catalogue's words.  Pure.

A recording has no audio before it is available, its length grows while it is captured, and its entry is final once
nothing more is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from callvault.model.ids import new_id
from callvault.model.life import LIVE
from callvault.model.recording import MediaState, Recording, Status
from callvault.server.emulator.seed import SeedRecording, Step, entropy_of
from callvault.vault.enrolment import Heard, enrol

FAILED_WHY = "The recording failed."
APART = timedelta(hours=1)
"""Between finished recordings that do not say when they began: each is so much older than the one before it."""
BEGINNINGS = ("started_at", "ended_at")
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """One recording of the cast, with the times of this play."""

    name: str
    account_name: str
    finished: Recording
    """As it is once it is available, but for its bytes."""
    heard: Heard
    steps: tuple[Step, ...]
    start: datetime
    """Of the play."""
    line: int = 0
    """Where the file speaks of it."""

    def moment(self, index: int) -> datetime:
        """When a step is due."""
        return self.start + self.steps[index].after

    def first(self, index: int) -> Recording:
        """The entry, where it comes into being with this step."""
        return replace(self.finished, **self.changes(index))

    def changes(self, index: int) -> dict[str, Any]:
        """What a step makes of the entry; the bytes of one that is available are not among it."""
        status, moment = self.steps[index].status, self.moment(index)
        anew: dict[str, Any] = {"status": status, "updated_at": moment, "taken_in_at": moment, "error": None}
        if status is Status.AVAILABLE:
            return anew | {
                "media_state": self.finished.media_state,
                "duration_ms": self.finished.duration_ms,
                "transcription": self.finished.transcription,
                **self._ended(),
            }
        anew |= {"media_state": MediaState.AWAITED, "duration_ms": self._captured_ms(index), "transcription": None}
        if status in LIVE:
            return anew | {"ended_at": None, "created_at": self.finished.started_at}
        if status is Status.FAILED:
            why = self.finished.error or FAILED_WHY
            anew |= {"media_state": MediaState.ABSENT, "duration_ms": 0, "error": why}
        return anew | self._ended()

    def _ended(self) -> dict[str, Any]:
        return {"ended_at": self.finished.ended_at, "created_at": self.finished.created_at}

    def _captured_ms(self, index: int) -> int:
        """How much was recorded before a step."""
        captured = timedelta()
        for step, following in zip(self.steps, self.steps[1 : index + 1], strict=False):
            if step.status is Status.CAPTURING:
                captured += following.after - step.after
        return captured // MILLISECOND


def role_of(
    seed: SeedRecording,
    heard: Heard,
    *,
    account_id: UUID,
    account_name: str,
    number: int,
    start: datetime,
    first_start: datetime,
) -> Role:
    """Cast a recording.

    ``number``: its place in the account, from 1.  ``first_start``: of the first play, which the ids are made from, so
    that they outlast a reset.
    """
    length = timedelta(milliseconds=heard.facts.duration_ms)
    times: dict[str, Any] = _times(seed, length, number, start)
    card = replace(seed.card, **times)
    entry = enrol(
        card,
        heard,
        account_id=account_id,
        call_id=None,
        now=start,
        entropy=entropy_of("recording", account_name, seed.name)[:20],
    )
    by_clock = seed.card.started_at is None and not times.keys().isdisjoint(BEGINNINGS)
    began = entry.started_at - start + first_start if by_clock else entry.started_at
    made_id = new_id(began, entropy_of("recording", account_name, seed.name))
    kept_at = entry.created_at
    entry = replace(entry, id=seed.id or made_id, updated_at=kept_at, taken_in_at=kept_at)
    if "transcription" in seed.moments and entry.transcription is not None:
        said_at = (entry.ended_at or kept_at) + seed.moments["transcription"]
        said = replace(entry.transcription, created_at=said_at, updated_at=said_at, completed_at=said_at)
        entry = replace(entry, transcription=said)
    return Role(
        name=seed.name,
        account_name=account_name,
        finished=entry,
        heard=heard,
        steps=seed.steps,
        start=start,
        line=seed.line,
    )


def _times(seed: SeedRecording, length: timedelta, number: int, start: datetime) -> dict[str, datetime]:
    """The card's times that the play's clock tells."""
    told = {name: start + offset for name, offset in seed.moments.items() if name != "transcription"}
    if not seed.steps:
        said = seed.card.started_at or seed.card.ended_at or not told.keys().isdisjoint(BEGINNINGS)
        return told if said else {**told, "started_at": start - number * APART}
    over = next((start + step.after for step in seed.steps if step.status not in LIVE), None)
    first = seed.steps[0]
    began = start + first.after if first.status in LIVE else start + first.after - length
    return {"started_at": began, "ended_at": over} if over else {"started_at": began}
