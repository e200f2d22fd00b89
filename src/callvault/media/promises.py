"""Promises: one small file for each object that is coming or going, so that a crash leaves no stray bytes.

The rule after a crash is the same for both: an object stays if, and only if, a living row of the catalogue names it.
A promise is written and synced before the object is put (or before the row is struck out), and removed when object
and row agree.  While its maker lives it holds a lock on the file, so that whoever tidies up sees which are orphaned.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from callvault.errors import MediaError
from callvault.media.store import sync_folder

SUFFIX = ".promise"
NEW = ".new"
PART = ".part"
SEALED = ".sealed"


@dataclass(frozen=True, kw_only=True, slots=True)
class PromisedObject:
    """What a promise is about."""

    recording_id: UUID
    store: str
    key: str


class Promise:
    """One intake or one deletion under way.  ``part`` is the file that an intake fills.

    ``sealed``: where its encrypted form is made, before it takes that file's place.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.part = folder / (name + PART)
        self.sealed = folder / (name + SEALED)
        self.named = False
        """Whether an object may exist because of it."""
        self._path = folder / (name + SUFFIX)
        fresh = folder / (name + NEW)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fresh.replace(self._path)  # only ever seen locked
        except OSError as error:
            raise MediaError(f"Nothing can be written to {folder}: {error.strerror}.") from error

    def name_object(self, promised: PromisedObject) -> None:
        """Write down which object it is, durably, before the object is touched; in place of any other."""
        text = json.dumps({"recording_id": str(promised.recording_id), "store": promised.store, "key": promised.key})
        self.named = True
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)
            os.fsync(self._descriptor)
            sync_folder(self._path.parent)
        except OSError as error:
            raise MediaError(f"The promise for {promised.key} cannot be written: {error.strerror}.") from error

    def keep(self) -> None:
        """Object and row agree: forget it."""
        self.part.unlink(missing_ok=True)
        self.sealed.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """Let go of it without knowing how it ended; the next tidying finds out."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphan:
    """A promise whose maker died."""

    promised: PromisedObject | None
    """None: it died before it touched any object."""
    path: Path

    def forget(self) -> None:
        """Remove its files."""
        self.path.with_suffix(PART).unlink(missing_ok=True)
        self.path.with_suffix(SEALED).unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def orphans(folder: Path) -> Iterator[Orphan]:
    """The promises that nobody holds any more, each locked while it is looked at."""
    for path in sorted(folder.glob("*" + SUFFIX)) + sorted(folder.glob("*" + NEW)):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Orphan(promised=_read(os.pread(descriptor, 1 << 16, 0)), path=path)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)


def _read(text: bytes) -> PromisedObject | None:
    try:
        entry = json.loads(text)
        return PromisedObject(recording_id=UUID(entry["recording_id"]), store=entry["store"], key=entry["key"])
    except (ValueError, KeyError, TypeError):
        return None  # torn before it was synced, so before any object was touched
