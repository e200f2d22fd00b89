"""The emulator's clock: it keeps pace with the wall's, runs faster by a factor, or stands until it is advanced."""

from __future__ import annotations

import asyncio
import enum
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callvault.errors import BadRequest
from callvault.server.clock import Clock, wall_clock

MOST_FACTOR = 100_000.0
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Between them every id and every database has room for a time."""
FAR = timedelta(days=365 * 100)


class Pace(enum.StrEnum):
    """How time goes."""

    REAL = "real"
    FAST = "fast"
    STEPPED = "stepped"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockPlan:
    """What the seed file says of the clock."""

    pace: Pace = Pace.REAL
    factor: float = 1.0
    """Seconds that pass in one of the wall's; 0 where the clock stands."""
    start: datetime | None = None
    """None: the wall's time at each start and reset."""


class EmulatedClock:
    """One clock for a whole server; ``now`` is its ``server.clock.Clock``."""

    def __init__(
        self, plan: ClockPlan, *, wall: Clock = wall_clock, counter: Callable[[], float] = time.monotonic
    ) -> None:
        self.plan = plan
        self._wall = wall
        self._counter = counter
        self._stirred = asyncio.Event()
        self.restart()

    def restart(self) -> None:
        """Begin anew, as at the start of the program."""
        self.started_at = _to_milliseconds(self.plan.start or self._wall())
        self._begun = self._counter()
        self._advanced = timedelta()
        self._stir()

    def now(self) -> datetime:
        """The emulator's time, UTC."""
        return self.started_at + self.elapsed()

    def elapsed(self) -> timedelta:
        """How long the play has been on."""
        return timedelta(seconds=(self._counter() - self._begun) * self.plan.factor) + self._advanced

    def check(self, by: timedelta) -> None:
        """See that the clock can be put on by so much.

        Raises:
            BadRequest: backwards, or beyond all calendars.
        """
        if by < timedelta():
            raise BadRequest("Time goes forward only; a reset begins anew.", field="advance_s")
        if by > FAR or (self.now() + by).year > LAST_YEAR:
            raise BadRequest(f"The clock ends with the year {LAST_YEAR}.", field="advance_s")

    def advance(self, by: timedelta) -> None:
        """Put the clock on.  Raises BadRequest as ``check`` does."""
        self.check(by)
        self._advanced += by
        self._stir()

    async def reach(self, moment: datetime | None) -> None:
        """Wait until this moment, or until the clock was put on or back, whichever comes first.  None: no moment."""
        stirred = self._stirred
        left = None if moment is None else (moment - self.now()).total_seconds()
        if left is not None and left <= 0:
            return
        patience = left / self.plan.factor if left is not None and self.plan.factor else None
        try:
            async with asyncio.timeout(patience):
                await stirred.wait()
        except TimeoutError:
            return

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = asyncio.Event()


def _to_milliseconds(moment: datetime) -> datetime:
    """Everything that is kept is kept to the millisecond."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
