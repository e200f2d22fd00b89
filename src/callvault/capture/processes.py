"""Processes that the supervisor keeps alive: how they are started, and how their end is noticed.

What does not live here: what media workers are told (``seat``), the order of it all (``supervisor``).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from callvault.capture.plan import Command

log = logging.getLogger("callvault.supervisor")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 5.0
STEADY_S = 10.0
"""Whoever lived this long is started again at once."""
GRACE_S = 10.0
"""How long a process may take to end when it is asked to."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def watch(pid: int, then: Callable[[], None]) -> Callable[[], None]:
    """Call something once when a process has ended, a child or not; what is returned takes that back."""
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(pid)

    def forget() -> None:
        nonlocal descriptor
        if descriptor >= 0:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            descriptor = -1

    def ended() -> None:
        forget()
        then()

    loop.add_reader(descriptor, ended)
    return forget


class Kept:
    """A command that is started again whenever it ends."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._pause_s = FIRST_PAUSE_S
        self._stopping = False
        self._ended = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, and from now on again and again."""
        if self._stopping:
            return
        nice = self._command.nice

        def between() -> None:  # it must not outlive the supervisor, whose successor starts it anew; killed, since
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # asked to end, signalling would end all calls
            if nice:
                os.nice(nice)

        began = time.monotonic()
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is the operator's plan
                self._command.argv,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                env={**os.environ, **self._command.environment},
                preexec_fn=between,  # noqa: PLW1509 - this process has no threads
            )
        except OSError:
            log.exception("%s cannot be started", self._command.name)
            asyncio.get_running_loop().call_later(LONGEST_PAUSE_S, self.start)
            return
        self._process = process
        self._ended.clear()
        watch(process.pid, lambda: self._again(process, began))

    def _again(self, process: subprocess.Popen[bytes], began: float) -> None:
        status = process.wait()
        self._process = None
        self._ended.set()
        if self._stopping:
            return
        lived_s = time.monotonic() - began
        self._pause_s = FIRST_PAUSE_S if lived_s > STEADY_S else min(2 * self._pause_s, LONGEST_PAUSE_S)
        log.warning("%s ended with %d after %.1f s, and is started again", self._command.name, status, lived_s)
        asyncio.get_running_loop().call_later(self._pause_s, self.start)

    async def stop(self) -> None:
        """Ask it to end, and see that it does."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), GRACE_S)
            return
        log.warning("%s did not end when it was asked to, and is killed", self._command.name)
        process.kill()
        await self._ended.wait()
