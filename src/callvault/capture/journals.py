"""Journals as files: appended to by whoever talks to the client, a whole line at a time.

What does not live here: what a line says (``protocols.spool.journal``).  A line is handed to the kernel before what it
tells of is answered, so it outlives this process; that it outlives a power cut is the media side's matter, which syncs
the folder's file system every second or two.
"""

from __future__ import annotations

import os
from pathlib import Path

from callvault.errors import MediaError
from callvault.protocols.spool import journal
from callvault.protocols.spool.journal import Journal, Record


class JournalFile:
    """One take's journal, open for appending."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            MediaError: it cannot be written; the disk may be full.
        """
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            size = os.fstat(self._descriptor).st_size
            torn = size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"
        except OSError as error:
            raise MediaError(f"The journal {path} cannot be opened: {error.strerror}.") from error
        self._pending = b"\n" if torn else b""  # what is written next begins a line of its own

    def write(self, *records: Record) -> None:
        """Append records, all at once.

        Raises:
            MediaError: they could not be written whole; they will be tried again with the next ones.
        """
        self._pending += b"".join(map(journal.write, records))
        try:
            while self._pending:
                self._pending = self._pending[os.write(self._descriptor, self._pending) :]
        except OSError as error:
            raise MediaError(f"The journal {self.path} cannot be written: {error.strerror}.") from error

    def commit(self, *records: Record) -> None:
        """Append records, and all that still waits before them: all of them, or none, and then they are forgotten.

        Raises:
            MediaError: none of them was written.
        """
        self.write()
        try:
            size = os.fstat(self._descriptor).st_size
            try:
                self.write(*records)
            except MediaError:
                self._pending = b""
                os.ftruncate(self._descriptor, size)
                raise
        except OSError as error:
            self._pending = b"\n"  # half a line may stand there
            raise MediaError(f"The journal {self.path} cannot be written: {error.strerror}.") from error

    def close(self) -> None:
        """Let go of the file; may be repeated."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_journal(path: Path) -> Journal:
    """What can be read of a journal; nothing where the file is missing."""
    try:
        return Journal.read(path.read_bytes())
    except FileNotFoundError:
        return Journal(records=(), spoilt=0)
    except OSError as error:
        raise MediaError(f"The journal {path} cannot be read: {error.strerror}.") from error
