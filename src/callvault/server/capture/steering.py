"""Live calls in the catalogue: others know of them, and steer them, once it can be opened.

What does not live here: what an order does to a call (``capture.steering``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callvault.errors import CallvaultError
from callvault.server.capture.trunks import CATALOGUE_S, LateTrunks
from callvault.vault.live_calls import CarryOut, LiveCalls

log = logging.getLogger("callvault.live")


@asynccontextmanager
async def steering(live: LiveCalls, trunks: LateTrunks, carry_out: CarryOut) -> AsyncIterator[None]:
    """Others know of the calls, and steer them, while the block runs; at its end they know which are over."""

    async def run() -> None:
        await trunks.opened.wait()
        await live.run(carry_out)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if trunks.opened.is_set():
            try:
                async with asyncio.timeout(CATALOGUE_S):
                    await live.flush()
            except (CallvaultError, TimeoutError) as error:
                log.warning("calls that are over may be listed as live for a while: %r", error)
