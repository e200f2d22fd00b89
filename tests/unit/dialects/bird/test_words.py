"""Bird's words are there for everything that the core can say, and its numbers are looked for in both spellings."""

from __future__ import annotations

from itertools import product

import pytest

from callvault.dialects.bird import words
from callvault.model.media import MediaFormat
from callvault.model.recording import Direction, MediaState, Origin, Source, Status
from callvault.model.transcription import TranscriptionStatus
from tests.unit.dialects.visits import TEA_ORDER, recording

ID = str(TEA_ORDER.id)


def test_every_table_is_total() -> None:
    assert set(words.STATUS) == set(Status)
    assert set(words.DIRECTION) == set(words.DIRECTIONS.values()) == set(Direction)
    assert set(words.SOURCE) == set(Source)
    assert set(words.ORIGIN) == set(Origin)
    assert set(words.FORMAT) == set(MediaFormat)
    assert set(words.FORMAT.values()) == set(words.EXTENSIONS.values())


@pytest.mark.parametrize("word", words.STATUSES)
def test_a_filter_finds_what_is_shown_so(word: str) -> None:
    statuses, silent = words.STATUSES[word]
    for status, state in product(set(Status) - {Status.DELETED}, MediaState):
        lost = state in {MediaState.ABSENT, MediaState.DELETED}
        found = status in statuses and silent in {None, lost}
        assert found is (words.status_word(recording(status=status, media_state=state)) == word)


def test_every_status_of_a_transcription_has_a_word() -> None:
    assert set(words.TRANSCRIPTION_STATUS) == set(TranscriptionStatus)


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (ID, (ID, None)),
        (f"{ID}.mp3", (ID, MediaFormat.MP3)),
        (f"{ID}.wav", (ID, MediaFormat.WAV)),
        (f"{ID}.json", (f"{ID}.json", None)),
        (f"{ID}.MP3", (f"{ID}.MP3", None)),
        (".mp3", (".mp3", None)),
        ("", ("", None)),
    ],
)
def test_extensions(segment: str, expected: tuple[str, MediaFormat | None]) -> None:
    assert words.split_extension(segment) == expected


@pytest.mark.parametrize("number", ["+1555010", "+351919150029", "+123456789012345"])
def test_numbers_of_the_public_network(number: str) -> None:
    assert words.is_e164(number)


@pytest.mark.parametrize(
    "number", ["15550100", "+0555010", "+155501", "+1234567890123456", "+1555 0100", "+1555010a", ""]
)
def test_other_numbers(number: str) -> None:
    assert not words.is_e164(number)
