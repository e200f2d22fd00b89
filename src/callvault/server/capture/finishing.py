"""The finishers' process: ended takes become recordings, at low priority, so that capture never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from uuid import UUID

from callvault.capture.finished import Finished
from callvault.capture.finisher import Finisher
from callvault.capture.finishing.spool_files import finish_files
from callvault.capture.spools import SpoolPaths, Spools
from callvault.errors import AudioError
from callvault.server.build import build_vault, master_key
from callvault.server.capture.places import spool_folder
from callvault.server.capture.process import run
from callvault.server.clock import wall_clock
from callvault.server.settings import Settings
from callvault.vault.media_keys import unseal_media_keys
from callvault.vault.secrets import Secrets

PR_SET_PDEATHSIG = 1
NICE = 10
"""How much less than capture it counts, where both want the processor."""
log = logging.getLogger("callvault.finishing")


def main() -> None:
    """Finish until SIGTERM; settings come from the environment."""
    os.nice(NICE)
    run(finish_until_told)


async def finish_until_told(settings: Settings, told: asyncio.Event) -> None:
    """Finish what lies in the spool, and what comes."""
    vault = build_vault(settings)
    await vault.catalogue.open()
    pool = Pool(settings["finishers"], master_key(settings, settings.path("data")))
    spools = Spools(spool_folder(settings))
    finisher = Finisher(spools, vault.finishing, pool.make, at_once=settings["finishers"], clock=wall_clock)
    running = asyncio.create_task(finisher.run())
    try:
        await asyncio.wait([running, asyncio.create_task(told.wait())], return_when=asyncio.FIRST_COMPLETED)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        pool.close()
        await vault.catalogue.close()


class Pool:
    """Processes that make audio; one that dies is followed by another."""

    def __init__(self, workers: int, master: bytes) -> None:
        self._workers = workers
        self._master = master
        self._pool = self._started()

    async def make(
        self, paths: SpoolPaths, folder: Path, only: UUID | None = None, but: AbstractSet[UUID] = frozenset()
    ) -> Finished:
        """The sound files of a take; ``only``, ``but``: as ``finish`` has them.

        Raises:
            AudioError: the process that made them died; they may be tried again.
        """
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, _make, paths, folder, only, but)
        except BrokenProcessPool as error:
            if pool is self._pool:
                self._pool = self._started()
            raise AudioError("The process that made a recording's audio was killed.") from error

    def close(self) -> None:
        """Let go of the processes; what they were about is begun anew by the next."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001 - there is no other way to end them
            process.terminate()

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, initializer=_begin, initargs=(self._master,))


_secrets: Secrets | None = None


def _begin(master: bytes) -> None:
    global _secrets  # noqa: PLW0603 - one for the process, which does nothing else
    _secrets = Secrets(master)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # or it would keep the take that its parent had claimed
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _make(paths: SpoolPaths, folder: Path, only: UUID | None, but: AbstractSet[UUID]) -> Finished:
    if _secrets is None:
        raise AudioError("The finishing process was not begun.")
    held = _secrets
    return finish_files(paths, folder, lambda text: unseal_media_keys(held, text), only=only, but=but)


if __name__ == "__main__":
    main()
