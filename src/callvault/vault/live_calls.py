"""Live calls, from the side of whoever has them: they are written into the catalogue, and orders are taken from there.

Nothing here is waited for by a call: what is known is written in groups, a moment later; while the catalogue is away
nobody can steer, and calls go on.  What does not live here: the verbs (``live``), carrying them out
(``capture.steering``).
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.errors import CallvaultError
from callvault.model.live import LiveCall
from callvault.model.order import OVER, Done, NotDone, Order, Reply
from callvault.vault.known_calls import known_call

log = logging.getLogger("callvault.live")

FLUSH_S = 0.2
"""How long what is known of a call waits to be written at most."""
BUSY_S, IDLE_S = 0.05, 0.5
"""How often orders are looked for, with live calls and without."""
AWAY_S = 2.0
"""The pause after the catalogue was away."""
SIGN_S = 3.0
"""How often whoever has calls says that it still has them; ``catalogue.live_nodes`` says how long others wait."""
GROUP = 100
"""How many calls are written at once: ten thousand are written anew after an outage, and calls go on meanwhile."""
TOO_OLD = timedelta(seconds=10)
"""Whoever gave such an order has stopped waiting for it."""

CarryOut = Callable[[Order], Awaitable[Reply]]


class LiveCalls:
    """Of one node's process."""

    def __init__(self, catalogue: Catalogue, node: str, *, clock: Callable[[], datetime]) -> None:
        """``node``: where orders for these calls go; nobody else has the name."""
        self._catalogue = catalogue
        self._node = node
        self._clock = clock
        self._calls: dict[UUID, LiveCall] = {}
        self._known: dict[UUID, UUID] = {}
        """What a take's call is called by an earlier recording of it; itself where by none."""
        self._changed: set[UUID] = set()
        self._ended: set[UUID] = set()
        self._anew = True
        self._away = False
        self._signed_s = -math.inf
        """When the catalogue heard of this node last, by the loop's clock."""
        self._writing = asyncio.Lock()
        """Held while anything is written: what is older must not come after what is newer."""

    def note(self, call: LiveCall) -> None:
        """A call is as this says."""
        if self._calls.get(call.take) != call:
            self._calls[call.take] = call
            self._changed.add(call.take)

    def forget(self, take: UUID) -> None:
        """A call is over."""
        if self._calls.pop(take, None) is not None:
            self._changed.discard(take)
            self._known.pop(take, None)
            self._ended.add(take)

    async def run(self, carry_out: CarryOut) -> None:
        """Write and take orders, until cancelled."""
        under_way: set[asyncio.Task[None]] = set()
        flushing = asyncio.create_task(self._keep_flushing())
        try:
            while True:
                for order in await self._taken():
                    task = asyncio.create_task(self._serve(order, carry_out))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                await asyncio.sleep(AWAY_S if self._away else BUSY_S if self._calls else IDLE_S)
        finally:
            flushing.cancel()
            await asyncio.gather(flushing, *under_way, return_exceptions=True)

    async def flush(self) -> None:
        """Write what has changed.

        Raises:
            CatalogueError: it is away; everything will be written anew.
        """
        async with self._writing:
            try:
                if self._anew:
                    self._changed |= self._calls.keys()
                    await self._catalogue.forget_live(self._node, but=list(self._calls))
                    self._anew = False
                await self._write()
                await self._sign()
            except BaseException:
                self._anew = True
                raise

    async def _write(self) -> None:
        changed, ended = sorted(self._changed), sorted(self._ended)
        self._changed, self._ended = set(), set()
        await self._catalogue.keep_live([], ended=ended)
        for first in range(0, len(changed), GROUP):
            group = changed[first : first + GROUP]
            calls = [await self._as_known(self._calls[take]) for take in group if take in self._calls]
            await self._catalogue.keep_live(calls)
            self._signed_s = asyncio.get_running_loop().time()

    async def _sign(self) -> None:
        """Calls of which there is nothing new are still there."""
        if self._sign_is_due():
            self._signed_s = asyncio.get_running_loop().time()
            if not await self._catalogue.sign_of_life(self._node):
                self._anew = True  # forgotten after a day's silence, and with it what it had told

    def _sign_is_due(self) -> bool:
        return bool(self._calls) and asyncio.get_running_loop().time() - self._signed_s >= SIGN_S

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(AWAY_S if self._away else FLUSH_S)
            try:
                if self._anew or self._changed or self._ended or self._sign_is_due():
                    await self.flush()
                self._away = False
            except CallvaultError as error:
                self._note_away(error)
            except Exception:
                log.exception("live calls cannot be written")

    async def _taken(self) -> list[Order]:
        try:
            return list(await self._catalogue.take_orders(self._node, self._clock()))
        except CallvaultError as error:
            self._note_away(error)
        except Exception:
            log.exception("orders cannot be read")
            self._away = True
        return []

    def _note_away(self, error: CallvaultError) -> None:
        if not self._away:
            log.warning("calls go on, and cannot be steered: %s", error)
        self._away = self._anew = True

    async def _serve(self, order: Order, carry_out: CarryOut) -> None:
        reply = await self._carried_out(order, carry_out)
        try:
            if isinstance(reply, Done):
                if order.take in self._calls:  # it may have ended while this was done
                    self.note(reply.call)
                reply = replace(reply, call=await self._as_known(reply.call))
                await self.flush()  # the next order may name what this one has made
            await self._catalogue.answer_order(order.id, reply)
        except CallvaultError as error:
            self._note_away(error)

    async def _carried_out(self, order: Order, carry_out: CarryOut) -> Reply:
        try:
            age = self._clock() - order.made_at
            if age > TOO_OLD:
                seconds = f"{age.total_seconds():.0f} s"
                log.warning("an order is %s old; see whether the clocks of the servers agree", seconds)
                return NotDone(fault="failed", sentence=f"The order was {seconds} old, and was not carried out.")
            if order.take not in self._calls:
                return OVER
            return await carry_out(order)
        except Exception:
            log.exception("the order %s could not be carried out", order.id)
            return NotDone(fault="failed", sentence="Something went wrong here; look at the log.")

    async def _as_known(self, call: LiveCall) -> LiveCall:
        """The call under the name that an earlier recording of it has."""
        known = self._known.get(call.take)
        if known is None:
            found = await known_call(self._catalogue, call.account_id, call.foreign, call.sip_call_id)
            known = found or call.call_id
            await asyncio.sleep(0)  # SQLite answers at once, and others want their turn
            if call.take in self._calls and (found is not None or call.foreign or call.sip_call_id):
                self._known[call.take] = known
        if known == call.call_id:
            return call
        alone = call.session_id == call.call_id
        return replace(call, call_id=known, session_id=known if alone else call.session_id)
