"""One small wrapper on the object-store library: put a file, read a stretch, delete, list.

A local folder is written by our own rename and fsync, because an object that the catalogue names must survive a power
cut; and read by large ``pread`` pieces, which is how players' ranges become cheap.  Every other store (S3, GCS, Azure,
memory) goes through obstore.  Deleting what is not there is a success everywhere.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, ObjectStore

from callvault.errors import MediaError, MediaRefused

PIECE = 1 << 20
"""Bytes read at once: large enough that the loop is not what a download waits for."""
UPLOAD_PART = 8 << 20

Answer = TypeVar("Answer")


class MediaStore:
    """One place where originals are kept.  ``name`` is what the catalogue's rows call it."""

    def __init__(self, name: str, backend: ObjectStore, root: Path | None = None) -> None:
        self.name = name
        self._backend = backend
        self._root = root

    @classmethod
    def in_folder(cls, name: str, root: Path) -> MediaStore:
        """Objects are files below ``root``, which is made where it is missing."""
        root.mkdir(parents=True, exist_ok=True)
        return cls(name, LocalStore(root), root)

    def local_path(self, key: str) -> Path | None:
        """The file that is this object, where the store is a folder."""
        return self._root / key if self._root is not None else None

    async def put_file(self, key: str, path: Path) -> None:
        """Make the object from a finished file, which is used up.  Durable when this returns.

        Raises:
            MediaRefused: the store does not take our keys.
            MediaError: it could not be kept; the file may or may not be there still.
        """
        target = self.local_path(key)
        if target is not None:
            await asyncio.to_thread(_wrapped, f"keep {key}", lambda: _move_durably(path, target))
            return
        try:
            await obstore.put_async(self._backend, key, path, use_multipart=True, chunk_size=UPLOAD_PART)
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise MediaRefused(f"The store {self.name!r} did not let us keep {key}: {error}") from error
        except (BaseError, OSError) as error:
            raise MediaError(f"The store {self.name!r} did not keep {key}: {error}") from error
        path.unlink(missing_ok=True)

    async def size(self, key: str) -> int | None:
        """Bytes in the object; None where there is none."""
        path = self.local_path(key)
        if path is not None:
            return path.stat().st_size if path.is_file() else None
        try:
            return (await obstore.head_async(self._backend, key))["size"]
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise MediaError(f"The store {self.name!r} did not answer for {key}: {error}") from error

    async def chunks(self, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """The object's bytes from ``start`` up to ``stop`` (excluded), in pieces.

        Raises:
            MediaError: there is no such object, it is shorter, or the store does not answer.
        """
        path = self.local_path(key)
        pieces = read_file(path, start, stop) if path is not None else self._remote(key, start, stop)
        async for piece in pieces:
            yield piece

    async def fetch(self, key: str, target: Path) -> None:
        """Copy the object into a file."""
        size = await self.size(key)
        if size is None:
            raise MediaError(f"The store {self.name!r} has no {key}.")
        with target.open("wb") as file:
            async for piece in self.chunks(key, 0, size):
                await asyncio.to_thread(file.write, piece)

    async def delete(self, key: str) -> None:
        """Remove the object."""
        path = self.local_path(key)
        if path is not None:
            await asyncio.to_thread(_wrapped, f"delete {key}", lambda: self._unlink(path))
            return
        try:
            await obstore.delete_async(self._backend, key)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise MediaError(f"The store {self.name!r} did not delete {key}: {error}") from error

    async def keys(self, prefix: str = "") -> AsyncIterator[str]:
        """Every object's key below a prefix, in no particular order."""
        try:
            async for batch in obstore.list(self._backend, prefix or None):
                for entry in batch:
                    yield entry["path"]
        except BaseError as error:
            raise MediaError(f"The store {self.name!r} did not list its objects: {error}") from error

    async def _remote(self, key: str, start: int, stop: int) -> AsyncIterator[bytes]:
        if start >= stop:
            return
        try:
            answer = await obstore.get_async(self._backend, key, options={"range": (start, stop)})
            async for piece in answer.stream(min_chunk_size=PIECE):
                whole = bytes(piece)
                for at in range(0, len(whole), PIECE):
                    yield whole[at : at + PIECE]
        except (BaseError, FileNotFoundError) as error:
            raise MediaError(f"The store {self.name!r} did not give {key}: {error}") from error

    def _unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self._root:
                break
            try:
                folder.rmdir()
            except OSError:
                break  # somebody else's object lies there


async def read_file(path: Path, start: int, stop: int) -> AsyncIterator[bytes]:
    """A stretch of a file, in large pieces.

    Raises:
        MediaError: the file is not there, or ends before ``stop``.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise MediaError(f"The object {path.name} cannot be opened: {error.strerror}.") from error
    try:
        position = start
        while position < stop:
            piece = os.pread(descriptor, min(PIECE, stop - position), position)
            if not piece:
                raise MediaError(f"The object {path.name} ends at byte {position}, not {stop}.")
            position += len(piece)
            yield piece
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _move_durably(path: Path, target: Path) -> None:
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    _sync_file(path)
    try:
        path.replace(target)
    except OSError:  # another file system
        staged = target.with_name(target.name + ".part")
        shutil.copyfile(path, staged)
        _sync_file(staged)
        staged.replace(target)
        path.unlink()
    sync_folder(target.parent)
    for folder in made:
        sync_folder(folder.parent)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _wrapped(deed: str, do: Callable[[], Answer]) -> Answer:
    try:
        return do()
    except OSError as error:
        raise MediaError(f"Could not {deed}: {error.strerror}.") from error
