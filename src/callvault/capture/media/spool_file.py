"""A take's media file, open for appending.

What the disk did not take is kept and put in front of what comes next; until it is on the disk nothing more is drained
for this take, so that its packets wait in the kernel's buffers.  What does not live here: what is written (``chunks``).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from callvault.errors import MediaError
from callvault.protocols.spool.chunks import HEAD

log = logging.getLogger("callvault.media")


class SpoolFile:
    """Only ever appended to."""

    def __init__(self, path: str | Path) -> None:
        """Open it, or make it.

        Raises:
            MediaError: the folder takes no file; the disk may be full.
        """
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            status = os.fstat(self._descriptor)
        except OSError as error:
            raise MediaError(f"The spool file {path} cannot be opened: {error.strerror}.") from error
        self.written_ns = status.st_mtime_ns if status.st_size else None
        """When somebody before us last appended to it; None: nobody has."""
        self._waiting = b""

    @property
    def waits(self) -> bool:
        """Whether there is something that the disk did not take."""
        return bool(self._waiting)

    def append(self, data: memoryview | bytes) -> bool:
        """Write it all; False where some of it has to wait for room, and is kept."""
        if self._waiting:
            data = self._waiting + bytes(data)
        done, size = 0, len(data)
        try:
            done = os.write(self._descriptor, data)
            while done < size:  # a disk that gets full takes a part first
                done += os.write(self._descriptor, data[done:])
        except OSError as error:
            if not self._waiting:
                log.error("the spool takes nothing now, and packets wait in their sockets: %s", error)  # noqa: TRY400
        if done < size:
            self._waiting = bytes(data[done:])
            return False
        self._waiting = b""
        return True

    def complete(self, data: bytes) -> bool:
        """Append what somebody may have begun to write who was killed: as far as it is not there; see ``append``.

        ``data``: chunks.
        """
        size = os.fstat(self._descriptor).st_size
        begins = max(0, size - len(data))
        tail = os.pread(self._descriptor, size - begins, begins)
        found = tail.find(data[: HEAD.itemsize])  # which has a check sum and a time: nothing else begins so
        there = len(tail) - found if found >= 0 and data.startswith(tail[found:]) else 0
        return self.append(data[there:])

    def sync(self) -> None:
        """Return when what was appended survives a power cut."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)
