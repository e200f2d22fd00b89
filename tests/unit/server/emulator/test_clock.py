"""The emulator's clock, driven by a counter of the test's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from callvault.errors import BadRequest
from callvault.server.emulator.clock import ClockPlan, EmulatedClock, Pace

WALL = datetime(2026, 3, 1, 9, 0, 2, 114_999, tzinfo=UTC)
BEGAN = WALL.replace(microsecond=114_000)


class Counter:
    """A monotonic clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def clock_of(plan: ClockPlan) -> tuple[EmulatedClock, Counter]:
    counter = Counter()
    return EmulatedClock(plan, wall=lambda: WALL, counter=counter), counter


@pytest.mark.parametrize(("pace", "factor"), [(Pace.REAL, 1.0), (Pace.FAST, 60.0), (Pace.STEPPED, 0.0)])
def test_time_goes_by_the_factor(pace: Pace, factor: float) -> None:
    clock, counter = clock_of(ClockPlan(pace=pace, factor=factor))
    assert clock.now() == BEGAN
    counter.seconds += 2.5
    assert clock.now() == BEGAN + timedelta(seconds=2.5 * factor)


@pytest.mark.parametrize("factor", [0.0, 1.0, 60.0])
def test_every_clock_can_be_put_on(factor: float) -> None:
    clock, counter = clock_of(ClockPlan(factor=factor))
    clock.advance(timedelta(minutes=10))
    counter.seconds += 1
    assert clock.now() == BEGAN + timedelta(minutes=10, seconds=factor)


def test_a_restart_goes_back_to_the_start_that_was_planned() -> None:
    start = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    clock, counter = clock_of(ClockPlan(factor=60.0, start=start))
    counter.seconds += 5
    clock.advance(timedelta(days=1))
    clock.restart()
    assert clock.now() == start


@pytest.mark.parametrize("by", [timedelta(seconds=-1), timedelta(days=365 * 200), timedelta(days=365 * 7900)])
def test_it_goes_neither_backwards_nor_off_the_calendar(by: timedelta) -> None:
    clock, _ = clock_of(ClockPlan(factor=0.0))
    with pytest.raises(BadRequest):
        clock.advance(by)
    assert clock.now() == BEGAN


async def test_whoever_waits_on_a_clock_that_stands_wakes_when_it_is_put_on() -> None:
    clock, _ = clock_of(ClockPlan(factor=0.0))
    waiting = asyncio.create_task(clock.reach(BEGAN + timedelta(hours=1)))
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.advance(timedelta(hours=1))
    await waiting


async def test_a_moment_that_is_over_is_not_waited_for() -> None:
    clock, _ = clock_of(ClockPlan(factor=0.0))
    await clock.reach(BEGAN)


async def test_a_fast_clock_is_waited_for_no_longer_than_it_takes() -> None:
    clock = EmulatedClock(ClockPlan(factor=10_000.0))
    await clock.reach(clock.now() + timedelta(seconds=100))
    assert clock.elapsed() >= timedelta(seconds=100)
