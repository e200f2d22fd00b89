"""The courier: takes deliveries that are due from the outbox, has them sent, and writes down what became of each.

Several couriers may work on one outbox, in one process or in many.  Each takes deliveries for a while (a lease), a few
of every hook, so that a customer's server that is slow or gone keeps nobody else waiting.  One that is killed leaves
its leases to run out; one that is stopped gives back what it has not sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from callvault.catalogue.outbox import Claim, Claims, Outbox
from callvault.errors import CallvaultError, CatalogueError, NotFound
from callvault.model.actor import Account
from callvault.model.hook import Attempt, Delivery, DeliveryState, Failure, Hook
from callvault.model.notice import Notice, Outcome, Rules
from callvault.webhooks.schedule import after, destination
from callvault.webhooks.sender import Sent

log = logging.getLogger("callvault.webhooks")

POLL_S = 0.25
"""How long the outbox is left alone when nothing was due and nothing was posted in this process: what another process
posted, and what is tried again, waits so long at most.
"""
LONGEST_REST_S = 10.0
"""How long a catalogue that fails is left alone at most."""
TIDY_S = 3600.0
TIDY_MOST = 500
GRACE_S = 5.0
"""How long those that are being sent may go on when the courier is stopped."""
GONE = 410
_NO_RULES = Rules(timeout_s=15.0, pauses_s=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """A notice ready to go, with the hook's own credentials."""

    notice: Notice
    authorization: str | None = None


class Speaker(Protocol):
    """What puts an event into a hook's dialect; made of the dialects by whoever builds the server."""

    def rules(self, hook: Hook) -> Rules:
        """The vendor's rules for this hook."""
        ...

    async def speak(self, delivery: Delivery, hook: Hook, account: Account, url: str) -> Spoken:
        """The notice of the next attempt.  Raises CallvaultError where it cannot be said."""
        ...


class Carrier(Protocol):
    """What sends."""

    async def send(self, notice: Notice, rules: Rules, *, authorization: str | None = None) -> Sent:
        """One attempt; whatever happens is an outcome."""
        ...

    async def close(self) -> None:
        """Let go of everything."""


class Courier:
    """One worker on the outbox."""

    def __init__(
        self,
        outbox: Outbox,
        speaker: Speaker,
        carrier: Carrier,
        *,
        clock: Callable[[], datetime],
        dice: Callable[[], float],
        slots: int = 64,
        lease_s: float = 90.0,
        keep_days: int = 30,
    ) -> None:
        """``slots``: notices that are sent at once, a quarter of them to one hook; ``lease_s``: longer than it takes to
        send two; ``keep_days``: how long settled deliveries can be looked at.
        """
        self._outbox = outbox
        self._speaker = speaker
        self._carrier = carrier
        self._clock = clock
        self._dice = dice
        self._lease = timedelta(seconds=lease_s)
        self._keep = timedelta(days=keep_days)
        self._share = max(1, slots // 4)
        self._most = 2 * slots
        self._slots = asyncio.Semaphore(slots)
        self._lanes: dict[UUID, asyncio.Semaphore] = {}
        self._taken: Counter[UUID] = Counter()
        self._tasks: dict[asyncio.Task[None], Claim] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._unsent: list[Claim] = []
        outbox.listen(self.wake)

    def wake(self) -> None:
        """Look at once: something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Work until it is stopped."""
        rest_s, tidied = POLL_S, float("-inf")
        loop = asyncio.get_running_loop()
        while not self._stopping:
            self._wake.clear()
            try:
                if loop.time() - tidied >= TIDY_S:
                    await self._tidy()
                    tidied = loop.time()
                busy = await self._take()
                rest_s = POLL_S
            except CallvaultError as error:
                log.warning("the outbox cannot be read, which is tried again in %g s: %s", rest_s, error)
                busy, rest_s = False, min(2 * rest_s, LONGEST_REST_S)
            if not busy:
                await self._rest(rest_s)

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Take nothing more, let what is being sent come to an end, and give the rest back."""
        self._stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        left = dict(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        try:
            await self._outbox.let_go([*self._unsent, *left.values()])
        except CallvaultError as error:
            log.warning("what was not sent goes out when its lease is over: %s", error)
        await self._carrier.close()

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _tidy(self) -> None:
        """Forget what is settled and old."""
        gone = TIDY_MOST
        while gone == TIDY_MOST:
            gone = await self._outbox.forget_deliveries(self._clock() - self._keep, most=TIDY_MOST)

    async def _take(self) -> bool:
        """Take what is due, a share of every hook; whether there may be more at once."""
        more = False
        for hook_id in await self._outbox.due_hooks(self._clock()):
            room = min(2 * self._share - self._taken[hook_id], self._most - len(self._tasks))
            if self._stopping or room < self._share:
                continue  # it is fetched in bundles, not one by one as each slot gets free
            now = self._clock()
            claims = await self._outbox.claim(hook_id, now=now, until=now + self._lease, most=room)
            if claims is not None:
                self._begin(claims, now + self._lease)
                more = more or len(claims.items) == room
        return more

    def _begin(self, claims: Claims, until: datetime) -> None:
        lane = self._lanes.setdefault(claims.hook.id, asyncio.Semaphore(self._share))
        for claim in claims.items:
            task = asyncio.create_task(self._carry(claim, claims.hook, claims.account, until, lane))
            self._taken[claims.hook.id] += 1
            self._tasks[task] = claim
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        hook_id = self._tasks.pop(task).delivery.hook_id
        self._taken[hook_id] -= 1
        if self._taken[hook_id] <= self._share:
            self._wake.set()
        if not self._taken[hook_id]:
            del self._taken[hook_id], self._lanes[hook_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("a delivery met a fault of ours; it is made again", exc_info=task.exception())

    async def _carry(
        self, claim: Claim, hook: Hook, account: Account, until: datetime, lane: asyncio.Semaphore
    ) -> None:
        async with lane, self._slots:
            rules = self._rules(hook)
            if self._stopping:
                self._unsent.append(claim)
                return
            if until - self._clock() < min(timedelta(seconds=rules.timeout_s), self._lease / 2):
                return  # the lease could end while it is sent; whoever has the next one sends it
            sent = await self._attempt(claim.delivery, hook, account, rules)
        delivery = after(claim.delivery, sent.outcome, hook=hook, rules=rules, now=self._clock(), dice=self._dice())
        await self._insist(lambda: self._outbox.settle(claim, delivery, sent.attempt))
        if delivery.state is DeliveryState.GIVEN_UP:
            log.warning(
                "delivery %s to hook %s is given up after %d attempts: %s",
                delivery.id,
                hook.id,
                delivery.attempts,
                sent.attempt.error or f"it was answered with {sent.attempt.status}",
            )
        if sent.outcome.status == GONE and rules.gone_ends:
            log.warning("hook %s is removed: it was answered with %d", hook.id, GONE)
            with contextlib.suppress(NotFound):
                await self._outbox.remove_hook(account.id, hook.id, self._clock())

    def _rules(self, hook: Hook) -> Rules:
        try:
            return self._speaker.rules(hook)
        except Exception:
            log.exception("the rules of hook %s cannot be told", hook.id)
            return _NO_RULES

    async def _attempt(self, delivery: Delivery, hook: Hook, account: Account, rules: Rules) -> Sent:
        url = destination(delivery, hook)
        try:
            spoken = await self._speaker.speak(delivery, hook, account, url)
        except CatalogueError:
            raise  # that passes, and so does the lease
        except CallvaultError as error:
            return self._came_to_nothing(Failure.UNSPOKEN, url, hook, str(error))
        except Exception:
            log.exception("delivery %s cannot be put into words", delivery.id)
            why = "A fault of ours kept it from being put into words."
            return self._came_to_nothing(Failure.UNSPOKEN, url, hook, why)
        try:
            return await self._carrier.send(spoken.notice, rules, authorization=spoken.authorization)
        except Exception:  # counted as an attempt, so that it has an end
            log.exception("delivery %s met a fault of ours while it was sent", delivery.id)
            return self._came_to_nothing(Failure.SILENT, url, hook, "A fault of ours kept it from being sent.")

    def _came_to_nothing(self, failure: Failure, url: str, hook: Hook, error: str) -> Sent:
        attempt = Attempt(
            at=self._clock(),
            method=hook.method,
            url=url,
            headers=(),
            body=b"",
            status=None,
            answer=b"",
            failure=failure,
            error=error,
            took_ms=0,
        )
        return Sent(attempt=attempt, outcome=Outcome(failure=failure))

    async def _insist(self, write: Callable[[], Awaitable[bool]]) -> None:
        """What was sent is written down, be the catalogue away for a while; in vain once the lease is over."""
        pause_s = POLL_S
        give_up = self._clock() + self._lease
        while True:
            try:
                await write()
            except CallvaultError as error:
                if self._stopping or self._clock() > give_up:
                    log.warning("an attempt could not be written down, and is made again: %s", error)
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_REST_S)
            else:
                return
