"""The shipper: takes shipments that are due, has the files carried, and writes down what became of each.

Several may work on one catalogue.  Each has a shipment for a while (a lease) that it renews while the file is under
way; one that is killed leaves its leases to run out, and the file goes once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from callvault.catalogue.shipments import Taken
from callvault.errors import CallvaultError, HouseError, OperatorError
from callvault.model.shipment import Patience, Shipment, ShipmentState, after_try
from callvault.vault.pushing import AddressOf, Pushing
from callvault.webhooks.carrier import Body, Carried

log = logging.getLogger("callvault.webhooks")

POLL_S = 0.5
"""How often it is looked whether something is due: what a finished file waits for at most."""
LONGEST_REST_S = 10.0
GRACE_S = 5.0
SETTLE_TRIES = 20


class Carries(Protocol):
    """What sends a file."""

    async def send(self, url: str, method: str, content_type: str, size_bytes: int | None, body: Body) -> Carried:
        """One try; whatever the other side does is an outcome.  Raises MediaError, AudioError: of ours."""
        ...

    def close(self) -> None:
        """Let go of everything."""


class Shipper:
    """One worker."""

    def __init__(
        self,
        pushing: Pushing,
        address: AddressOf,
        carrier: Carries,
        *,
        clock: Callable[[], datetime],
        dice: Callable[[], float],
        patience: Patience,
        slots: int = 4,
        lease_s: float = 60.0,
    ) -> None:
        """``slots``: files that are carried at once."""
        self._pushing = pushing
        self._address = address
        self._carrier = carrier
        self._clock = clock
        self._dice = dice
        self._patience = patience
        self._slots = slots
        self._lease = timedelta(seconds=lease_s)
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Work until it is stopped."""
        rest_s = POLL_S
        while not self._stopping:
            self._wake.clear()
            try:
                await self.look()
                rest_s = POLL_S
            except CallvaultError as error:
                log.warning("what is to be pushed cannot be read, which is tried again in %g s: %s", rest_s, error)
                rest_s = min(2 * rest_s, LONGEST_REST_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest_s):
                    await self._wake.wait()

    async def look(self) -> None:
        """Begin with what is due, as far as there is room."""
        room = self._slots - len(self._tasks)
        if room <= 0 or self._stopping:
            return
        now = self._clock()
        for taken in await self._pushing.take(now, now + self._lease, most=room):
            task = asyncio.create_task(self._carry(taken))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    async def quiet(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Take nothing more, and let what is under way come to an end; what does not goes once more later."""
        self._stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._carrier.close()

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("a push met a fault of ours; it is made again", exc_info=task.exception())

    async def _carry(self, taken: Taken) -> None:
        held = asyncio.create_task(self._hold(taken))
        try:
            after = await self._try(taken.shipment)
        finally:
            held.cancel()
        await self._settle(taken, after)
        if after.state is ShipmentState.GIVEN_UP:
            log.warning("the push of %s is given up after %d tries: %s", after.recording_id, after.tries, after.error)

    async def _hold(self, taken: Taken) -> None:
        """Renew the lease while the file is under way."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            with contextlib.suppress(CallvaultError):
                await self._pushing.hold(taken, self._clock() + self._lease)

    async def _try(self, shipment: Shipment) -> Shipment:
        try:
            carried = await self._send(shipment)
        except HouseError as error:  # catalogue or store are away; that passes
            log.warning("the file of %s cannot be read to be pushed: %s", shipment.recording_id, error)
            carried = Carried(status=None, error="The file could not be read here.")
        except OperatorError as error:  # that can be mended
            log.error("the file of %s cannot be pushed: %s", shipment.recording_id, error)  # noqa: TRY400
            carried = Carried(status=None, error="The credentials of the URL could not be read here.")
        except CallvaultError as error:
            now = self._clock()
            return replace(
                shipment, state=ShipmentState.GIVEN_UP, due_at=now, moved_at=now, status=None, error=str(error)
            )
        return after_try(
            shipment,
            status=carried.status,
            error=carried.error,
            now=self._clock(),
            patience=self._patience,
            dice=self._dice(),
        )

    async def _send(self, shipment: Shipment) -> Carried:
        recording = await self._pushing.recording(shipment)
        address = self._address(recording, self._pushing.opened(shipment.push))
        file = await self._pushing.open(recording, address.form)

        def body() -> AsyncIterator[bytes]:
            return file.source.chunks(0, file.size_bytes)

        return await self._carrier.send(address.url, shipment.push.method, address.content_type, file.size_bytes, body)

    async def _settle(self, taken: Taken, after: Shipment) -> None:
        """What was tried is written down, be the catalogue away for a while, or the recording being changed."""
        pause_s = 0.05
        for _ in range(SETTLE_TRIES):
            try:
                await self._pushing.settle(taken, after)
            except CallvaultError as error:
                log.warning("what came of a push could not be written down yet: %s", error)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_REST_S)
            else:
                return
