"""Syncing: a thread that sees to it that what was written survives a power cut, every second and when a call ends.

Calls that end together are synced together.  What does not live here: what is written.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.media.system import lib

log = logging.getLogger("callvault.media")

EVERY_S = 1.0
FEW = 8
"""As many files are synced one by one; more, with the whole file system."""


class Syncing:
    """The thread, and what it is asked for."""

    def __init__(self, folder: Path, *, whole: bool) -> None:
        """With ``whole``, the folder's file system is synced each second: one worker of a node does that for all."""
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._live = folder / "live"
        self._whole = whole
        self._asked: deque[tuple[SpoolFile, Callable[[], None]]] = deque()
        self._done: deque[Callable[[], None]] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        """Readable when something was synced that somebody waits for."""
        self._thread = threading.Thread(target=self._run, name="syncing", daemon=True)
        self._thread.start()

    def ask(self, file: SpoolFile, then: Callable[[], None]) -> None:
        """Sync a file; what then has to happen happens in ``settle``."""
        self._asked.append((file, then))
        self._wake.set()

    def settle(self) -> None:
        """Do what waited for a sync that is done."""
        try:
            os.eventfd_read(self.bell)
        except BlockingIOError:
            return
        while self._done:
            self._done.popleft()()

    def stop(self) -> None:
        """Sync once more, and end."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self.settle()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(EVERY_S if self._whole else None)
            self._wake.clear()
            self._sync()
        self._sync()

    def _sync(self) -> None:
        asked = [self._asked.popleft() for _ in range(len(self._asked))]
        try:
            if 0 < len(asked) <= FEW:
                for file, _ in asked:
                    file.sync()
            else:
                self._sync_all()
        except OSError:
            log.exception("the spool cannot be synced, and a power cut might take what it holds")
        self._done.extend(then for _, then in asked)
        if asked:
            os.eventfd_write(self.bell, 1)

    def _sync_all(self) -> None:
        with os.scandir(self._live) as live:
            if next(live, None) is None:
                return
        if lib.syncfs(self._folder) != 0:
            os.fsync(self._folder)  # says which error it is
