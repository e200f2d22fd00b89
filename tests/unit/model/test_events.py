"""Which changes are events, and in which order they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from callvault.model.events import EventKind, events_between, kinds_between
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.storage import Trouble
from callvault.model.transcription import Transcription, TranscriptionStatus
from tests.unit.dialects.visits import NOW, TEA_ORDER

LIVE = replace(TEA_ORDER, status=Status.CAPTURING, media_state=MediaState.AWAITED, media=None)
assert TEA_ORDER.media is not None
STRAYED = replace(TEA_ORDER, media=replace(TEA_ORDER.media, trouble=Trouble.REFUSED))
SAID = Transcription(
    id=UUID("019cbb40-0000-7e35-9e35-eeeeeeeeee35"),
    status=TranscriptionStatus.PROCESSING,
    created_at=NOW,
    updated_at=NOW,
)


def as_(status: Status, recording: Recording = LIVE) -> Recording:
    states = {Status.FAILED: MediaState.ABSENT, Status.DELETED: MediaState.DELETED, Status.AVAILABLE: MediaState.WHOLE}
    return replace(recording, status=status, media_state=states.get(status, MediaState.AWAITED))


def said(status: TranscriptionStatus, recording: Recording = TEA_ORDER) -> Recording:
    return replace(recording, transcription=replace(SAID, status=status))


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (None, as_(Status.CAPTURING), ["started"]),
        (as_(Status.CAPTURING), as_(Status.PAUSED), ["paused"]),
        (as_(Status.PAUSED), as_(Status.CAPTURING), ["resumed"]),
        (as_(Status.CAPTURING), as_(Status.PROCESSING), ["ended"]),
        (as_(Status.PAUSED), as_(Status.PROCESSING), ["ended"]),
        (as_(Status.PROCESSING), as_(Status.AVAILABLE), ["available"]),
        (as_(Status.PROCESSING), as_(Status.FAILED), ["failed"]),
        (as_(Status.CAPTURING), as_(Status.FAILED), ["ended", "failed"]),
        (None, as_(Status.PROCESSING), ["ended"]),
        (None, as_(Status.AVAILABLE), ["ended", "available"]),
        (None, STRAYED, ["ended", "misplaced", "available"]),
        (as_(Status.PROCESSING, STRAYED), STRAYED, ["misplaced", "available"]),
        (STRAYED, replace(STRAYED, label="Tea"), ["changed"]),
        (None, as_(Status.FAILED), ["ended", "failed"]),
        (None, replace(as_(Status.AVAILABLE), media_state=MediaState.ABSENT), ["ended", "failed"]),
        (None, replace(as_(Status.AVAILABLE), media_state=MediaState.PARTIAL), ["ended", "available"]),
        (as_(Status.AVAILABLE), as_(Status.DELETED), ["deleted"]),
        (as_(Status.FAILED), as_(Status.DELETED), ["deleted"]),
        (TEA_ORDER, replace(TEA_ORDER, label="Tea"), ["changed"]),
        (TEA_ORDER, replace(TEA_ORDER, media_state=MediaState.DELETED), ["changed"]),
        (TEA_ORDER, replace(TEA_ORDER, updated_at=NOW, revision=9), []),
    ],
)
def test_a_move_is_told_in_its_order(before: Recording | None, after: Recording, kinds: list[str]) -> None:
    assert list(kinds_between(before, after)) == [EventKind(f"recording.{kind}") for kind in kinds]


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (TEA_ORDER, said(TranscriptionStatus.PROCESSING), []),
        (said(TranscriptionStatus.PROCESSING), said(TranscriptionStatus.AVAILABLE), ["transcription.available"]),
        (said(TranscriptionStatus.PROCESSING), said(TranscriptionStatus.FAILED), ["transcription.failed"]),
        (said(TranscriptionStatus.PROCESSING), said(TranscriptionStatus.TIMED_OUT), ["transcription.failed"]),
        (TEA_ORDER, said(TranscriptionStatus.TOO_SHORT), ["transcription.failed"]),
        (TEA_ORDER, said(TranscriptionStatus.TOO_LONG), ["transcription.failed"]),
        (said(TranscriptionStatus.AVAILABLE), said(TranscriptionStatus.AVAILABLE), []),
        (said(TranscriptionStatus.AVAILABLE), TEA_ORDER, ["recording.changed"]),
        (said(TranscriptionStatus.AVAILABLE), as_(Status.DELETED), ["recording.deleted"]),
        (
            None,
            said(TranscriptionStatus.AVAILABLE),
            ["recording.ended", "recording.available", "transcription.available"],
        ),
        (
            TEA_ORDER,
            said(TranscriptionStatus.AVAILABLE, replace(TEA_ORDER, label="Tea")),
            ["recording.changed", "transcription.available"],
        ),
    ],
)
def test_words_are_told_when_they_are_there_or_never_will_be(
    before: Recording | None, after: Recording, kinds: list[str]
) -> None:
    assert list(kinds_between(before, after)) == [EventKind(kind) for kind in kinds]


def test_the_same_change_has_the_same_events_however_often_it_is_tried() -> None:
    later = replace(TEA_ORDER, updated_at=TEA_ORDER.updated_at + timedelta(hours=1))
    assert events_between(None, TEA_ORDER) == events_between(None, TEA_ORDER)
    ids = {event.id for event in (*events_between(None, TEA_ORDER), *events_between(None, later))}
    ids |= {event.id for event in events_between(TEA_ORDER, as_(Status.DELETED, TEA_ORDER))}
    assert len(ids) == 5


def test_an_event_says_whose_it_is_and_when_it_was() -> None:
    (event,) = events_between(TEA_ORDER, replace(TEA_ORDER, label="Tea", updated_at=NOW))
    assert (event.account_id, event.recording_id, event.at) == (TEA_ORDER.account_id, TEA_ORDER.id, NOW)
