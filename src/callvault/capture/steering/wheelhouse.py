"""The helms of all calls of one process: an order finds its call, and what is due in calls and late is seen to.

What does not live here: what a helm does (``helm``), and which calls there are (the doors).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from callvault.capture.steering.helm import Helm
from callvault.model.order import OVER, Order, Reply


class Steered(Protocol):
    """A call that may have a helm."""

    @property
    def take(self) -> UUID:
        """Under which it is captured."""

    @property
    def helm(self) -> Helm | None:
        """None where nobody may steer it."""


async def carry_out(order: Order, calls: Iterable[Steered]) -> Reply:
    """A verb for one of the calls."""
    helm = next((call.helm for call in calls if call.take == order.take), None)
    return OVER if helm is None else await helm.carry_out(order.verb)


async def catch_up(calls: Iterable[Steered]) -> None:
    """See to what is due in calls and could not be done: a limit, a cue, a veil."""
    helms = [call.helm for call in calls if call.helm is not None and call.helm.behind]
    await asyncio.gather(*(helm.tick() for helm in helms))
