"""Words, times and ids as columns keep them."""

from __future__ import annotations

import copy
import enum
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from callvault.catalogue import codes
from callvault.errors import BadRequest
from callvault.model.life import LISTED
from callvault.model.media import MediaFormat
from callvault.model.query import Span
from callvault.model.recording import Direction, MediaState, Origin, Source, Status
from callvault.model.transcription import TranscriptionStatus

WORDS: Mapping[type[enum.StrEnum], tuple[Mapping[Any, int], Mapping[int, Any]]] = {
    Status: (codes.STATUS, codes.STATUS_OF),
    MediaState: (codes.MEDIA_STATE, codes.MEDIA_STATE_OF),
    Direction: (codes.DIRECTION, codes.DIRECTION_OF),
    Source: (codes.SOURCE, codes.SOURCE_OF),
    Origin: (codes.ORIGIN, codes.ORIGIN_OF),
    MediaFormat: (codes.FORMAT, codes.FORMAT_OF),
    TranscriptionStatus: (codes.TRANSCRIPTION_STATUS, codes.TRANSCRIPTION_STATUS_OF),
}


@pytest.mark.parametrize("words", WORDS)
def test_every_word_has_a_code_of_its_own_and_back(words: type[enum.StrEnum]) -> None:
    there, back = WORDS[words]
    assert set(there) == set(words)
    assert {back[code] for code in there.values()} == set(words)


def test_codes_keep_their_meaning() -> None:
    # They stand in databases: a number that is taken never means anything else.
    assert {word.value: code for word, code in codes.STATUS.items()} == {
        "deleted": 0, "capturing": 1, "paused": 2, "processing": 3, "available": 4, "failed": 5,
    }  # fmt: skip
    assert {word.value: code for word, code in codes.MEDIA_STATE.items()} == {
        "awaited": 1, "whole": 2, "partial": 3, "absent": 4, "deleted": 5,
    }  # fmt: skip
    assert (codes.DIRECTION, codes.SOURCE) == (
        {Direction.INBOUND: 1, Direction.OUTBOUND: 2},
        {Source.CALL: 1, Source.CONFERENCE: 2},
    )
    assert {word.value: code for word, code in codes.ORIGIN.items()} == {
        "dial": 1, "record-verb": 2, "call-creation": 3, "call-command": 4, "conference": 5, "conference-command": 6,
        "trunk": 7,
    }  # fmt: skip
    assert {word.value: code for word, code in codes.FORMAT.items()} == {"wav": 1, "mp3": 2, "ogg": 3, "flac": 4}
    assert {word.value: code for word, code in codes.TRANSCRIPTION_STATUS.items()} == {
        "processing": 1, "available": 2, "failed": 3, "timed-out": 4, "too-long": 5, "too-short": 6,
    }  # fmt: skip


def test_what_is_listed_is_what_is_greater_than_deleted() -> None:
    assert {status for status, code in codes.STATUS.items() if code > codes.DELETED} == LISTED


@pytest.mark.parametrize(
    ("iso", "down", "up"),
    [
        ("1970-01-01T00:00:00+00:00", 0, 0),
        ("1970-01-01T00:00:00.000001+00:00", 0, 1),
        ("1969-12-31T23:59:59.999999+00:00", -1, 0),
        ("2026-03-01T10:00:00.123+01:00", 1772355600123, 1772355600123),
        ("2026-03-01T10:00:00.1239+01:00", 1772355600123, 1772355600124),
    ],
)
def test_times_are_rounded_down_or_up(iso: str, down: int, up: int) -> None:
    moment = datetime.fromisoformat(iso)
    assert (codes.milliseconds(moment), codes.milliseconds_up(moment)) == (down, up)


def test_a_span_without_bounds_holds_every_time_that_can_be_told() -> None:
    first, last = codes.window(Span())
    assert first < codes.milliseconds(datetime.min.replace(tzinfo=timezone(timedelta(hours=23))))
    assert last > codes.milliseconds_up(datetime.max.replace(tzinfo=timezone(timedelta(hours=-23))))


def test_a_uuid_made_of_octets_is_like_any_other() -> None:
    octets = bytes(range(240, 256))
    uuid = codes.uuid_of(octets)
    assert uuid == UUID(bytes=octets)
    assert (hash(uuid), str(uuid), uuid.bytes, uuid.is_safe) == (
        hash(UUID(bytes=octets)), str(UUID(bytes=octets)), octets, UUID(bytes=octets).is_safe,
    )  # fmt: skip
    assert pickle.loads(pickle.dumps(uuid)) == copy.deepcopy(uuid) == uuid


def test_a_text_that_leads_an_index_is_short_and_sound() -> None:
    for text in ("", "+15550100", "ü" * 1024, "x" * 2048, None):
        assert codes.keepable(text)
        assert codes.check_key(text, "number") == text
    for text in ("\0", "a\0ü", "ü" * 1025, "x" * 2049, "\ud800"):
        assert not codes.keepable(text)
        with pytest.raises(BadRequest) as refused:
            codes.check_key(text, "number")
        assert refused.value.field == "number"


def test_moments_are_utc() -> None:
    assert codes.moment_of(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert codes.moment_of(-1).tzinfo is UTC
    assert codes.moment_of(1).tzinfo is UTC
