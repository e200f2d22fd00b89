"""Times round-trip through every form, durations parse back, and any text is a time or a refusal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from hypothesis import example, given
from hypothesis import strategies as st

from callvault.dialects.toolbox import times
from callvault.errors import BadRequest

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - a bound
    max_value=datetime(9000, 1, 1),  # noqa: DTZ001 - a bound
    timezones=st.just(UTC),
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?")


def milliseconds_of(text: str) -> int:
    match = _DURATION.fullmatch(text)
    assert match is not None
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "").ljust(3, "0"))


@given(MOMENTS)
def test_iso_is_read_back_to_the_millisecond(moment: datetime) -> None:
    back = times.parse_iso(times.iso_ms(moment), "at")
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
    assert times.iso_ms(back) == times.iso_ms(moment)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_of_every_year_are_written_alike(moment: datetime) -> None:
    assert times.iso_ms(moment) == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert times.rfc2822(moment)[-14:] == f"{moment:%H:%M:%S} +0000"
    assert times.rfc2822(moment)[12:16] == f"{moment.year:04}"


@given(MOMENTS, OFFSETS)
def test_an_offset_changes_the_writing_and_not_the_moment(moment: datetime, offset: timezone) -> None:
    written = moment.astimezone(offset).isoformat()
    assert times.parse_iso(written, "at") == moment
    assert times.parse_iso(written.replace("+", " "), "at") == moment


@given(MOMENTS)
def test_rfc_2822_is_read_back_to_the_second(moment: datetime) -> None:
    assert parsedate_to_datetime(times.rfc2822(moment)) == moment.replace(microsecond=0)
    assert parsedate_to_datetime(times.http_date(moment)) == moment.replace(microsecond=0)


@given(MOMENTS)
def test_gregorian_seconds_are_read_back(moment: datetime) -> None:
    assert times.from_gregorian(times.gregorian(moment)) == moment.replace(microsecond=0)


@given(st.integers(0, 10**12))
@example(0)
@example(59_999)
@example(3_600_000)
def test_durations_parse_back(duration_ms: int) -> None:
    text = times.duration_iso(duration_ms)
    assert milliseconds_of(text) == duration_ms
    assert re.search(r"[A-Z]0+[HM]|\.\d*0S", text) is None


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?([Z +-]\d\d:?\d\d)?"))
def test_any_text_is_a_moment_in_utc_or_refused(text: str) -> None:
    try:
        moment = times.parse_iso(text, "at")
    except BadRequest:
        return
    assert moment.tzinfo is UTC
