"""Reading what grows: whole journal lines and whole chunks, however much of the next one is there already.

What does not live here: files (``spool_pair``), what lines and chunks mean (``protocols.spool``).
"""

from __future__ import annotations

from typing import Final, Protocol

from callvault.protocols.spool import bulk
from callvault.protocols.spool.batch import Batch, Damage
from callvault.protocols.spool.journal import (
    Attended,
    Begun,
    Ended,
    Flowed,
    Journal,
    Record,
    StreamAgreed,
)

TAIL_BYTES: Final = 512 << 10
"""Of a media spool, where listening begins: half a minute of a call in G.711, some seconds at the highest rates."""
MOST_AT_ONCE: Final = 4 << 20
"""Bytes that are read in one go; also the longest chunk that is waited for."""
_LINE_BYTES: Final = 4 << 20
_HEARD = (Begun, StreamAgreed, Attended, Flowed, Ended)
"""The records that say what is to be heard; signalling's own are many, and long."""


class Growing(Protocol):
    """A file that somebody else appends to."""

    def size(self) -> int:
        """Its bytes at this moment; 0 where it is not there yet."""
        ...

    def read(self, offset: int, most: int) -> bytes:
        """What lies there; fewer bytes than ``most`` where it ends."""
        ...


class JournalTail:
    """All records so far, read once each."""

    def __init__(self, file: Growing) -> None:
        self._file = file
        self._offset = 0
        self._torn = b""
        self._records: list[Record] = []

    def read_on(self) -> bool:
        """Take what was appended; whether it says anything new of what is to be heard."""
        known = len(self._records)
        while piece := self._file.read(self._offset, MOST_AT_ONCE):
            self._offset += len(piece)
            whole, line_feed, torn = (self._torn + piece).rpartition(b"\n")
            self._torn = torn if len(torn) < _LINE_BYTES else b""
            if line_feed:
                self._records += [each for each in Journal.read(whole).records if isinstance(each, _HEARD)]
        return len(self._records) > known

    @property
    def journal(self) -> Journal:
        """What is known."""
        return Journal(records=tuple(self._records), spoilt=0)


class MediaTail:
    """The chunks of a media spool from near its end on."""

    def __init__(self, file: Growing, tail_bytes: int = TAIL_BYTES) -> None:
        self._file = file
        self._tail_bytes = tail_bytes
        self._offset: int | None = None
        self._torn = b""

    def read_on(self) -> list[Batch]:
        """The batches that have become whole since the last time; the first time, those of the spool's last part."""
        if self._offset is None:
            self._offset = self.begins_at
        found: list[Batch] = []
        while piece := self._file.read(self._offset, MOST_AT_ONCE):
            self._offset += len(piece)
            batches, self._torn = _sound(self._torn + piece)
            found += batches
        return found

    def again(self) -> list[Batch]:
        """What is whole of the last part of what was read, once more: for a stream that has to be begun anew."""
        start, until = self.begins_at, (self._offset or 0) - len(self._torn)
        return _sound(self._file.read(start, until - start))[0]

    @property
    def begins_at(self) -> int:
        """Where the last part of what was read begins; of what is there, where nothing was."""
        until = self._file.size() if self._offset is None else self._offset - len(self._torn)
        return max(0, until - self._tail_bytes)

    @property
    def left_behind(self) -> bool:
        """Whether so much was appended meanwhile that one had better begin at the end again."""
        return self._offset is not None and self._file.size() - self._offset > MOST_AT_ONCE


def _sound(data: bytes) -> tuple[list[Batch], bytes]:
    """The batches, and what may be the beginning of one more; what is damaged is passed over."""
    found: list[Batch] = []
    torn = b""
    for item in bulk.read(memoryview(data)):
        if isinstance(item, Batch):
            found.append(item)
        elif isinstance(item, Damage) and item.offset + item.size_bytes == len(data):
            torn = data[item.offset :]
    return found, torn if len(torn) < MOST_AT_ONCE else b""
