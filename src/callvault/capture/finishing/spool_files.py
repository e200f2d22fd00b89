"""A take's two files, read for finishing.

What does not live here: what is in them (``protocols.spool``), where they lie (``capture.spools``).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from uuid import UUID

from callvault.capture.finished import Finished
from callvault.capture.finishing.finish import finish
from callvault.capture.finishing.stream import Unseal
from callvault.capture.journals import read_journal
from callvault.capture.spools import SpoolPaths
from callvault.errors import MediaError
from callvault.protocols.spool import bulk
from callvault.protocols.spool.batch import Batch, Damage


def finish_files(
    paths: SpoolPaths,
    folder: Path,
    unseal: Unseal,
    *,
    only: UUID | None = None,
    but: AbstractSet[UUID] = frozenset(),
) -> Finished:
    """Make the sound files of a take in a folder; ``only``, ``but``: as ``finish`` has them.

    Raises:
        BadRequest, ProtocolError: nothing can be made of it.
        MediaError: a file cannot be read or written.
    """
    journal = read_journal(paths.journal)
    return finish(journal, lambda: _batches(paths.media), folder=folder, unseal=unseal, only=only, but=but)


def _batches(path: Path) -> Iterator[Batch | Damage]:
    """All that can be read of a media spool; nothing where no packet ever came."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                return
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        return
    except OSError as error:
        raise MediaError(f"The spool {path} cannot be read: {error.strerror}.") from error
    mapped.madvise(mmap.MADV_SEQUENTIAL)
    yield from bulk.read(
        memoryview(mapped),
        # what has been read would count as this process's memory: an hour's call has 70 MB
        lambda passed: mapped.madvise(mmap.MADV_DONTNEED, 0, passed // mmap.PAGESIZE * mmap.PAGESIZE),
    )
