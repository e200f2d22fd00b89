"""Whoever has live calls, with nothing behind it: orders are carried out by the real steering, and no audio flows."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from callvault.capture.steering.steering import Steering
from callvault.errors import CallerError
from callvault.model.ids import new_id
from callvault.model.live import LiveCall, Phase
from callvault.model.order import Done, NotDone, Order, Reply
from callvault.model.party import Party
from callvault.model.policy import RECORD_NONE, CallFacts, Policy
from callvault.vault.live_calls import LiveCalls
from callvault.vault.vault import Vault


def an_id() -> UUID:
    return new_id(clock(), secrets.token_bytes(10))


def clock() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass
class Wheel:
    """Whoever has the calls: carries orders out as the capture does, with nothing behind it."""

    calls: dict[UUID, LiveCall] = field(default_factory=dict)
    steerings: dict[UUID, Steering] = field(default_factory=dict)
    carried_out: list[Order] = field(default_factory=list)

    def begin(self, call: LiveCall, policy: Policy = RECORD_NONE) -> LiveCall:
        now_ns = time.time_ns()
        steering = Steering(
            call.take, policy, began_ns=now_ns, new_id=lambda _: new_id(clock(), secrets.token_bytes(10))
        )
        steering.take(steering.decide(CallFacts(), now_ns), now_ns)
        self.steerings[call.take] = steering
        self.calls[call.take] = replace(call, recordings=steering.recordings)
        return self.calls[call.take]

    async def __call__(self, order: Order) -> Reply:
        self.carried_out.append(order)
        steering, now_ns = self.steerings[order.take], time.time_ns()
        try:
            step = steering.carry_out(order.verb, answered=True, bridged=True, at_ns=now_ns)
        except CallerError as error:
            return NotDone(fault=error.code, sentence=str(error))
        steering.take(step, now_ns)
        call = replace(self.calls[order.take], recordings=steering.recordings, masked=steering.masked)
        self.calls[order.take] = call
        return Done(call=call, recordings=step.recordings)


@dataclass
class Recorder:
    """A node that has calls and takes orders for them, over a vault's catalogue."""

    lives: LiveCalls
    account_id: UUID
    wheel: Wheel = field(default_factory=Wheel)

    async def call(self, policy: Policy = RECORD_NONE, **known: Any) -> LiveCall:
        """A call that is being received, as the catalogue has it."""
        call_id = an_id()
        usual: dict[str, Any] = {
            "take": an_id(),
            "account_id": self.account_id,
            "call_id": call_id,
            "session_id": call_id,
            "node": "north",
            "door": "siprec",
            "sip_call_id": f"{call_id.hex}@pbx.example.net",
            "caller": Party(number="+12025550143"),
            "began_at": clock(),
        }
        call = self.wheel.begin(LiveCall(**{**usual, **known}), policy)
        self.lives.note(call)
        await self.lives.flush()
        return call

    def phases(self, call: LiveCall) -> list[Phase]:
        """Of the call's recordings, oldest first."""
        return [each.phase for each in self.wheel.calls[call.take].recordings]


@asynccontextmanager
async def recorder(vault: Vault, account_id: UUID, now: Callable[[], datetime] = clock) -> AsyncIterator[Recorder]:
    """It takes orders while the block runs."""
    node = Recorder(lives=LiveCalls(vault.catalogue, "north", clock=now), account_id=account_id)
    running = asyncio.create_task(node.lives.run(node.wheel))
    try:
        yield node
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
