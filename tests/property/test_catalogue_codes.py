"""No recording is lost or added by rounding, and every time comes out as it went in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callvault.catalogue.codes import milliseconds, milliseconds_up, moment_of, uuid_of, window
from callvault.model.query import Span

MILLISECOND = timedelta(milliseconds=1)
AROUND_2096 = datetime(2096, 10, 2, tzinfo=UTC)

moments = st.one_of(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is beside
    st.integers(-(10**12), 10**12).map(lambda us: AROUND_2096 + timedelta(microseconds=us)),
)
near = st.integers(-2500, 2500).map(lambda us: timedelta(microseconds=us))


@given(moment=moments)
def test_a_time_comes_out_as_it_went_in_to_the_millisecond(moment: datetime) -> None:
    kept = moment_of(milliseconds(moment))
    assert kept <= moment < kept + MILLISECOND
    assert kept.microsecond % 1000 == 0
    assert milliseconds(kept) == milliseconds_up(kept) == milliseconds(moment)


@given(moment=moments)
def test_rounding_up_is_rounding_down_from_the_other_side(moment: datetime) -> None:
    up = moment_of(milliseconds_up(moment))
    assert up - MILLISECOND < moment <= up


@given(moment=moments, from_=st.none() | near, before=st.none() | near, through=st.none() | near)
def test_a_window_holds_exactly_the_kept_times_that_are_in_the_span(
    moment: datetime, from_: timedelta | None, before: timedelta | None, through: timedelta | None
) -> None:
    span = Span(
        from_=None if from_ is None else moment + from_,
        before=None if before is None else moment + before,
        through=None if through is None else moment + through,
    )
    kept = moment_of(milliseconds(moment))
    inside = (
        (span.from_ is None or kept >= span.from_)
        and (span.before is None or kept < span.before)
        and (span.through is None or kept <= span.through)
    )
    first, last = window(span)
    assert (first <= milliseconds(kept) <= last) == inside


@given(octets=st.binary(min_size=16, max_size=16))
def test_an_id_comes_out_as_it_went_in(octets: bytes) -> None:
    assert uuid_of(octets).bytes == octets
