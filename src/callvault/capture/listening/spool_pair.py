"""A take's two files, open for reading: they are read on wherever they are moved meanwhile, and after they are gone.

What does not live here: what is in them (``growing``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from callvault.capture.spools import Spools
from callvault.errors import MediaError


class _File:
    """One of them; until it is there, nothing is in it."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = places
        self._descriptor = -1

    def size(self) -> int:
        """Its bytes at this moment."""
        if not self._is_open():
            return 0
        try:
            return os.fstat(self._descriptor).st_size
        except OSError as error:
            raise _unreadable(self._places[0], error) from error

    def read(self, offset: int, most: int) -> bytes:
        """What lies there."""
        if not self._is_open():
            return b""
        try:
            return os.pread(self._descriptor, most, offset)
        except OSError as error:
            raise _unreadable(self._places[0], error) from error

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _is_open(self) -> bool:
        for place in (*self._places, *self._places) if self._descriptor < 0 else ():  # it may be moved just now
            try:
                self._descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
                break
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _unreadable(place, error) from error
        return self._descriptor >= 0


class SpoolPair:
    """Both files of a take."""

    def __init__(self, spools: Spools, take: UUID) -> None:
        live, ended = spools.live(take), spools.ended(take)
        self._live_journal = live.journal
        self.journal = _File((live.journal, ended.journal))
        self.media = _File((live.media, ended.media))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of both; may be repeated."""
        self.journal.close()
        self.media.close()

    @property
    def live(self) -> bool:
        """Whether the take is under way; once it is not, all of it is in the files."""
        return self._live_journal.exists()


def _unreadable(path: Path, error: OSError) -> MediaError:
    return MediaError(f"The spool {path} cannot be read: {error.strerror}.")
