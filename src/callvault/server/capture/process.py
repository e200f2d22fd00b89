"""What every process of live capture begins and ends with: its settings, its log, and being told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from callvault.errors import OperatorError
from callvault.server.settings import Settings, resolve

log = logging.getLogger("callvault.capture")

FAREWELL_S = 5.0
"""How long ending everybody's calls may take."""
LINGER_S = 0.3
"""For the last messages to leave."""


def run(work: Callable[[Settings, asyncio.Event], Awaitable[None]]) -> None:
    """Do the work until SIGTERM or SIGINT, which set the event; settings come from the environment.

    An ``OperatorError`` ends the process with its sentence.
    """
    try:
        settings = resolve({}, os.environ)
        logging.basicConfig(
            level=settings["log_level"].upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
        )
        asyncio.run(_until_told(work, settings))
    except OperatorError as error:
        sys.exit(str(error))


async def _until_told(work: Callable[[Settings, asyncio.Event], Awaitable[None]], settings: Settings) -> None:
    told = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await work(settings, told)


async def stay(told: asyncio.Event, end_all: Callable[[], Awaitable[None]]) -> None:
    """Wait until told to stop; then end the calls, in good order if that can be had soon."""
    await told.wait()
    try:
        async with asyncio.timeout(FAREWELL_S):
            await end_all()
    except TimeoutError:
        log.warning("not all calls could be ended within %.0f s; the next start finishes them", FAREWELL_S)
    await asyncio.sleep(LINGER_S)
