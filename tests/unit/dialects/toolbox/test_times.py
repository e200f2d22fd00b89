"""Times and durations as the vendors write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callvault.dialects.toolbox import times
from callvault.errors import BadRequest

MOMENT = datetime(2026, 3, 1, 9, 0, 2, 114_999, tzinfo=UTC)


def test_one_moment_in_every_form() -> None:
    assert times.iso_ms(MOMENT) == "2026-03-01T09:00:02.114Z"
    assert times.rfc2822(MOMENT) == "Sun, 01 Mar 2026 09:00:02 +0000"
    assert times.http_date(MOMENT) == "Sun, 01 Mar 2026 09:00:02 GMT"
    assert times.gregorian(MOMENT) == 63_939_574_802


def test_a_moment_without_a_fraction_keeps_its_zeros() -> None:
    assert times.iso_ms(MOMENT.replace(microsecond=0)) == "2026-03-01T09:00:02.000Z"


def test_gregorian_seconds_begin_with_the_year_0() -> None:
    # calendar:datetime_to_gregorian_seconds({{1970,1,1},{0,0,0}}) in Erlang's own documentation
    assert times.gregorian(datetime(1970, 1, 1, tzinfo=UTC)) == 62_167_219_200
    assert times.from_gregorian(62_167_219_200) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [-1, 31_622_399, 10**12])
def test_gregorian_seconds_outside_the_calendar(seconds: int) -> None:
    with pytest.raises(OverflowError):
        times.from_gregorian(seconds)


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "PT0S"),
        (1, "PT0.001S"),
        (1_415, "PT1.415S"),
        (1_500, "PT1.5S"),
        (60_000, "PT1M"),
        (90_500, "PT1M30.5S"),
        (3_600_000, "PT1H"),
        (3_600_010, "PT1H0.01S"),
        (90_061_000, "PT25H1M1S"),
    ],
)
def test_durations(duration_ms: int, text: str) -> None:
    assert times.duration_iso(duration_ms) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:00:02Z",
        "2026-03-01T09:00:02",
        "2026-03-01 09:00:02",
        "2026-03-01T09:00:02.000000Z",
        "2026-03-01T10:30:02+01:30",
        "2026-03-01T10:30:02 01:30",
        "2026-03-01T10:30:02 0130",
        "2026-03-01T10:30:02.000 01:30",
        "2026-03-01T04:00:02-0500",
        " 2026-03-01T09:00:02Z ",
    ],
)
def test_what_is_read_as_that_moment(text: str) -> None:
    assert times.parse_iso(text, "startAt") == datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)


def test_a_date_is_its_midnight() -> None:
    assert times.parse_iso("2026-03-01", "startAt") == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1772355602",
        "2026-02-30T00:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T09:00:02+99:00",
        "0001-01-01T00:00:00+01:00",
        "2026-03-01T09:00:02ZZ",
        "2026-03-01T09:00:02\x00",
    ],
)
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        times.parse_iso(text, "startAt")
    assert (refused.value.field, refused.value.value) == ("startAt", text)
