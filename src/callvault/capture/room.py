"""Room on the spool's disk: what may go goes, the oldest first, before a call is refused; calls under way come last.

What does not live here: who asks (``supervisor``).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger("callvault.supervisor")


class Room:
    """The spool's disk."""

    def __init__(self, spool: Path, *, floor_bytes: int, caches: Sequence[Path]) -> None:
        self._spool = spool
        self._floor_bytes = floor_bytes
        self._caches = caches

    def free_bytes(self) -> int:
        """What whoever writes the spool may still write."""
        status = os.statvfs(self._spool)
        return status.f_frsize * (status.f_bfree if os.geteuid() == 0 else status.f_bavail)

    def is_there(self) -> bool:
        """Whether there is room for another take."""
        return self.free_bytes() >= self._floor_bytes or self.make()

    def make(self) -> bool:
        """Remove what may go, on the spool's disk, until there is room; whether there is."""
        if self.free_bytes() >= self._floor_bytes:
            return True
        device = self._spool.stat().st_dev
        found = []
        for cache in self._caches:
            for path in cache.glob("*/*"):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                if status.st_dev == device and path.is_file() and path.suffix != ".part":
                    found.append((status.st_mtime, path, status.st_size))
        removed = 0
        for _, path, size in sorted(found):
            path.unlink(missing_ok=True)
            removed += size
            if self.free_bytes() >= self._floor_bytes:
                break
        if removed:
            log.warning("the spool's disk is nearly full: %d bytes of finished renditions were removed", removed)
        return self.free_bytes() >= self._floor_bytes
