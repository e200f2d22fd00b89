"""What a recording of the cast is at each of its steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from callvault.model.card import read_card
from callvault.model.ids import time_of
from callvault.model.media import AudioFacts, MediaFormat
from callvault.model.recording import MediaState, Status
from callvault.server.emulator.roles import Role, role_of
from callvault.server.emulator.seed import MadeAudio, SeedRecording, Step
from callvault.vault.enrolment import Heard

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
CALL = "0a4f1c9e-1111-41ef-8a10-02420a0d7e70"
HEARD = Heard(
    facts=AudioFacts(
        format=MediaFormat.WAV, codec="pcm_s16le", sample_rate=8000, channels=2, samples=64_000, duration_ms=8000
    ),
    size_bytes=256_044,
    sha256="ab" * 32,
)
WHOLE_LIFE = (
    (2.0, Status.CAPTURING),
    (6.0, Status.PAUSED),
    (8.0, Status.CAPTURING),
    (12.0, Status.PROCESSING),
    (14.0, Status.AVAILABLE),
)


def seed_of(*steps: tuple[float, Status], **card: object) -> SeedRecording:
    return SeedRecording(
        name="one",
        card=read_card({"call_id": CALL, **card}),
        audio=MadeAudio(kind="speech", duration_ms=8000),
        steps=tuple(Step(after=timedelta(seconds=after), status=status) for after, status in steps),
    )


def role(seed: SeedRecording, *, start: datetime = START, number: int = 1) -> Role:
    return role_of(
        seed,
        HEARD,
        account_id=UUID(int=7 << 76),
        account_name="acme",
        number=number,
        start=start,
        first_start=START,
    )


def test_the_entry_at_each_step() -> None:
    cast = role(seed_of(*WHOLE_LIFE, transcription=None))
    entries = [cast.first(index) for index in range(len(WHOLE_LIFE))]
    assert [entry.status for entry in entries] == [status for _, status in WHOLE_LIFE]
    assert [entry.duration_ms for entry in entries] == [0, 4000, 4000, 8000, 8000]
    assert [entry.media_state for entry in entries] == [MediaState.AWAITED] * 4 + [MediaState.WHOLE]
    assert [entry.updated_at for entry in entries] == [START + timedelta(seconds=after) for after, _ in WHOLE_LIFE]
    began, over = START + timedelta(seconds=2), START + timedelta(seconds=12)
    assert [entry.ended_at for entry in entries] == [None, None, None, over, over]
    assert {entry.started_at for entry in entries} == {began}
    assert [entry.created_at for entry in entries] == [began] * 3 + [over] * 2


def test_one_that_fails_has_nothing_to_hear_and_a_reason() -> None:
    steps = ((0.0, Status.CAPTURING), (5.0, Status.FAILED))
    failed = role(seed_of(*steps)).first(1)
    assert (failed.media_state, failed.duration_ms, failed.error) == (MediaState.ABSENT, 0, "The recording failed.")
    assert role(seed_of(*steps, error="The line broke.")).first(1).error == "The line broke."
    assert role(seed_of(*steps, error="The line broke.")).first(0).error is None


def test_one_that_only_appears_began_as_long_before_as_it_lasts() -> None:
    entry = role(seed_of((30.0, Status.AVAILABLE))).first(0)
    assert entry.started_at == START + timedelta(seconds=22)
    assert entry.ended_at == START + timedelta(seconds=30)


def test_the_words_come_with_the_audio() -> None:
    said = {"transcripts": [{"text": "Hi.", "confidence": 1}], "id": CALL, "status": "available"}
    said |= dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    seed = replace(seed_of(*WHOLE_LIFE, transcription=said), moments={"transcription": timedelta(seconds=1)})
    assert [role(seed).first(index).transcription is None for index in range(5)] == [True] * 4 + [False]
    words = role(seed).first(4).transcription
    assert words is not None
    assert words.completed_at == START + timedelta(seconds=13)


def test_finished_ones_that_say_nothing_lie_an_hour_apart_before_the_start() -> None:
    times = [role(seed_of(), number=number).finished.started_at for number in (1, 2)]
    assert times == [START - timedelta(hours=1), START - timedelta(hours=2)]


@pytest.mark.parametrize(
    "seed",
    [
        seed_of(),
        seed_of(*WHOLE_LIFE),
        seed_of((30.0, Status.AVAILABLE)),
        seed_of(started_at="2026-02-01T10:00:00Z"),
        seed_of(ended_at="2026-02-01T10:00:00Z"),
        replace(seed_of(), moments={"started_at": timedelta(seconds=-60)}),
        replace(seed_of(), moments={"ended_at": timedelta(seconds=-60)}),
    ],
    ids=["silent", "steps", "appears", "started", "ended", "started by the clock", "ended by the clock"],
)
def test_ids_outlast_a_reset_and_tell_the_start_of_the_first_play(seed: SeedRecording) -> None:
    first, later = role(seed), role(seed, start=START + timedelta(hours=5))
    assert later.finished.id == first.finished.id
    assert time_of(first.finished.id) == first.finished.started_at


def test_an_id_of_the_files_own_is_kept() -> None:
    own = UUID("01a00bd4-4703-7546-a365-231c926c4cd1")
    assert role(replace(seed_of(), id=own)).finished.id == own
