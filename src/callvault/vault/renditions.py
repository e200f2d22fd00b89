"""Renditions: made when somebody asks, read while they are made, kept in a cache that may be emptied at any time.

A rendition's length is known before it exists (WAV, MP3 at a constant bit rate), so ranges and lengths are answered at
once; a reader that is ahead of the maker waits for it.  Two requests for the same rendition make it once.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from callvault.audio.render import is_identity, render, rendition_size
from callvault.errors import AudioError, CallvaultError, Conflict, MediaError
from callvault.media.store import PIECE, MediaStore, read_file
from callvault.model.media import AudioFacts, RenditionSpec
from callvault.model.recording import Recording, StoredMedia
from callvault.model.sealed import SealedMedia
from callvault.vault.stores import Stores
from callvault.wire import ByteSource

log = logging.getLogger("callvault.renditions")

VERSION = 1
"""Part of every entity tag: goes up when the same original would give other bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendition:
    """Audio in the form that was asked for, ready or under way."""

    source: ByteSource
    size_bytes: int | None
    etag: str


class StoredObject:
    """An original, or a stretch of what was kept in its place, as a byte source."""

    def __init__(self, store: MediaStore, key: str, start: int, size_bytes: int) -> None:
        self._store = store
        self._key = key
        self._start = start
        self._size_bytes = size_bytes

    def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """A stretch of it."""
        last = self._size_bytes if stop is None else stop
        return self._store.chunks(self._key, self._start + start, self._start + last)


class CachedFile:
    """A finished rendition, as a byte source."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """A stretch of it."""
        return read_file(self._path, start, self._path.stat().st_size if stop is None else stop)


class Making:
    """A rendition that a thread is writing, as a byte source for whoever reads along."""

    def __init__(self, part: Path, done: Path) -> None:
        self.part = part
        self.done = done
        self._written = 0
        self._finished = False
        self._error: CallvaultError | None = None
        self._loop = asyncio.get_running_loop()
        self._progress = asyncio.Event()

    def advance(self, written: int) -> None:
        """Called by the maker's thread after each piece."""
        self._loop.call_soon_threadsafe(self._note, written, None, False)

    def end(self, error: CallvaultError | None) -> None:
        """Called by the maker's thread, once."""
        self._loop.call_soon_threadsafe(self._note, self._written, error, True)

    def _note(self, written: int, error: CallvaultError | None, finished: bool) -> None:  # noqa: FBT001
        self._written, self._error, self._finished = max(written, self._written), error, finished
        self._progress.set()
        self._progress = asyncio.Event()

    async def reach(self, position: int) -> int:
        """Wait until the bytes before ``position`` are there, or all are; how many there are.

        Raises:
            AudioError: it cannot be made.
        """
        while not self._finished and self._written < position:
            await self._progress.wait()
        if self._error is not None:
            raise self._error
        return self._written

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """A stretch of it, as it comes to be."""
        try:
            descriptor = os.open(self.part, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # the maker has finished since it was asked for
            descriptor = os.open(self.done, os.O_RDONLY | os.O_CLOEXEC)
        try:
            position = start
            while stop is None or position < stop:
                there = await self.reach(position + 1)
                if there <= position:
                    if stop is not None:
                        raise MediaError(f"The rendition {self.done.name} ends at byte {there}, not {stop}.")
                    return
                wanted = min(PIECE, there - position, (stop or there) - position)
                piece = os.pread(descriptor, wanted, position)
                position += len(piece)
                yield piece
        finally:
            os.close(descriptor)


class Renditions:
    """Makes them, and keeps what was made up to a limit."""

    def __init__(self, stores: Stores, cache: Path, *, most_bytes: int) -> None:
        self._stores = stores
        self._cache = cache
        self._most_bytes = most_bytes
        self._making: dict[Path, Making] = {}
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="rendition")

    def close(self) -> None:
        """Stop making; what is half made is thrown away at the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def tidy(self) -> None:
        """Throw away what a dead process left half made."""
        for part in self._cache.glob("*/*.part"):
            part.unlink(missing_ok=True)

    async def original(self, recording: Recording) -> Rendition:
        """The bytes as they arrived."""
        media = _media(recording)
        return Rendition(
            source=StoredObject(await self._stores.named(media.store), media.key, 0, media.size_bytes),
            size_bytes=media.size_bytes,
            etag=media.sha256[:32],
        )

    async def open(self, recording: Recording, spec: RenditionSpec) -> Rendition:
        """The recording in a form, from the cache or from now on; encrypted, where it was encrypted for its account.

        Raises:
            Conflict: it is encrypted, and was not made in this form before.
            AudioError: the original cannot be decoded.
            MediaError: it cannot be read.
        """
        media = _media(recording)
        if media.sealed is not None:
            return await self._sealed(recording, media, media.sealed, spec)
        facts = facts_of(recording, media)
        if is_identity(facts, spec):
            return await self.original(recording)
        etag = f"{media.sha256[:24]}-{spec.format}{spec.channels or facts.channels}-{VERSION}"
        done = self._cache / str(recording.id) / f"{etag}.{spec.format}"
        if done.exists():
            os.utime(done)
            return Rendition(source=CachedFile(done), size_bytes=done.stat().st_size, etag=etag)
        making = self._making.get(done)
        if making is None:
            making = self._begin(media, facts, spec, done)
        await making.reach(1)
        return Rendition(source=making, size_bytes=rendition_size(facts, spec), etag=etag)

    async def _sealed(
        self, recording: Recording, media: StoredMedia, sealed: SealedMedia, spec: RenditionSpec
    ) -> Rendition:
        made = sealed.find(spec.format, spec.channels or recording.channels)
        if made is None:
            there = ", ".join(sorted({each.format.value for each in sealed.forms}))
            raise Conflict(
                f"The recording is encrypted, and {spec.format} was not made of it before; there is {there}."
            )
        store = await self._stores.named(media.store)
        return Rendition(
            source=StoredObject(store, media.key, made.start, made.size_bytes),
            size_bytes=made.size_bytes,
            etag=f"{media.sha256[:24]}-{made.format}{made.channels}",
        )

    def forget(self, recording_id: UUID) -> None:
        """Remove every cached rendition of a recording."""
        folder = self._cache / str(recording_id)
        for path in folder.glob("*"):
            path.unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()

    def _begin(self, media: StoredMedia, facts: AudioFacts, spec: RenditionSpec, done: Path) -> Making:
        done.parent.mkdir(parents=True, exist_ok=True)
        part = done.with_name(f"{done.name}.{os.getpid()}.part")
        part.touch()
        making = self._making[done] = Making(part, done)
        task = asyncio.create_task(self._make(media, facts, spec, making))
        task.add_done_callback(lambda _: self._making.pop(done, None))
        return making

    async def _make(self, media: StoredMedia, facts: AudioFacts, spec: RenditionSpec, making: Making) -> None:
        fetched = making.part.with_suffix(".original.part")
        error: CallvaultError | None = None
        try:
            store = await self._stores.named(media.store)
            source = store.local_path(media.key)
            if source is None:
                await store.fetch(media.key, fetched)
                source = fetched
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._pool, _write_rendition, source, facts, spec, making)
            await asyncio.to_thread(self._shrink)
        except CallvaultError as known:
            error = known
        except Exception as fault:
            log.exception("making %s failed", making.done.name)
            error = AudioError(f"The rendition cannot be made: {fault}")
        finally:
            fetched.unlink(missing_ok=True)
            if error is not None:
                making.part.unlink(missing_ok=True)
            making.end(error)

    def _shrink(self) -> None:
        """Let the renditions go that nobody has asked for longest, until the rest fits."""
        files = [(path.stat(), path) for path in self._cache.glob("*/*") if path.suffix != ".part"]
        held = sum(status.st_size for status, _ in files)
        for status, path in sorted(files, key=lambda entry: entry[0].st_mtime):
            if held <= self._most_bytes:
                break
            path.unlink(missing_ok=True)
            held -= status.st_size


def facts_of(recording: Recording, media: StoredMedia) -> AudioFacts:
    """What probing said when it was taken in."""
    return AudioFacts(
        format=media.format,
        codec=media.codec,
        sample_rate=media.sample_rate,
        channels=recording.channels,
        samples=media.samples,
        duration_ms=recording.duration_ms,
        repaired=media.repaired,
    )


def _media(recording: Recording) -> StoredMedia:
    if recording.media is None:
        raise MediaError(f"The recording {recording.id} has no audio.")
    return recording.media


def _write_rendition(source: Path, facts: AudioFacts, spec: RenditionSpec, making: Making) -> None:
    written = 0
    try:
        with making.part.open("wb", buffering=0) as file:
            for piece in render(source, facts, spec):
                file.write(piece)
                written += len(piece)
                making.advance(written)
        making.part.replace(making.done)
    except OSError as error:
        raise MediaError(f"The rendition cannot be written: {error.strerror}.") from error
