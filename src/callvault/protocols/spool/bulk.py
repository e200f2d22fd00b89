"""Reading a spool in bulk: the chunks of half a minute at once, a batch for each stream, for whoever wants all of it.

A call of an hour has 36,000 chunks; looked at one by one in NumPy they take longer than everything else that is done
with them.  What does not live here: the format, and the search for the next chunk behind a damage (``chunks``).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from isal.isal_zlib import crc32
from numpy.typing import NDArray

from callvault.protocols.spool import chunks
from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.chunks import CHECKED_FROM, MAGIC, MOST_PACKETS, PER_PACKET

MOST_BYTES: Final = 1 << 20
MOST_NS: Final = 30_000_000_000
_HEAD: Final = struct.Struct("<4sIHBxHxxq")
_CONTENTS: Final = {int(content): content for content in Content}


_Chunk = tuple[int, int, int, int]
"""Where its lengths and where it ends, how many packets it has, and its earliest arrival (ns)."""


def read(data: memoryview, passed: Callable[[int], None] | None = None) -> Iterator[Batch | Damage]:
    """What ``chunks.read`` reads, but for the order of different streams within ``MOST_NS``; nothing is a view.

    ``passed`` is called now and then with the offset before which nothing of ``data`` is needed any more.
    """
    position = began = 0
    until_ns: int | None = None
    gathered: dict[int, list[_Chunk]] = {}
    while position < len(data):
        found = _chunk_at(data, position)
        if found is None:
            yield from _batches(data, gathered)
            gathered, until_ns = {}, None
            damage = next(item for item in chunks.read(data[position:]) if isinstance(item, Damage))
            yield Damage(offset=position, size_bytes=damage.size_bytes, sentence=damage.sentence)
            position += damage.size_bytes
            continue
        key, chunk = found
        _, end, _, base_ns = chunk
        if until_ns is None:
            until_ns, began = base_ns + MOST_NS, position
        elif base_ns >= until_ns or end - began > MOST_BYTES:
            yield from _batches(data, gathered)
            if passed is not None:
                passed(position)
            gathered, until_ns, began = {}, base_ns + MOST_NS, position
        pieces = gathered.get(key)
        if pieces is None:
            gathered[key] = [chunk]
        else:
            pieces.append(chunk)
        position = end
    yield from _batches(data, gathered)


def _chunk_at(data: memoryview, start: int) -> tuple[int, _Chunk] | None:
    """The chunk that begins there, and whose it is; None where there is none that is sound."""
    lengths_at = start + _HEAD.size
    if lengths_at > len(data):
        return None
    magic, said, stream, content, count, base_ns = _HEAD.unpack_from(data, start)
    packets_at = lengths_at + PER_PACKET * count
    if magic != MAGIC or not 0 < count <= MOST_PACKETS or content not in _CONTENTS or packets_at > len(data):
        return None
    end = packets_at + sum(_lengths(count)(data, lengths_at))
    if end > len(data) or crc32(data[start + CHECKED_FROM : end]) != said:
        return None
    return stream << 8 | content, (lengths_at, end, count, base_ns)


@functools.lru_cache(maxsize=256)
def _lengths(count: int) -> Callable[[memoryview, int], tuple[int, ...]]:
    return struct.Struct(f"<{count}H").unpack_from


def _batches(data: memoryview, gathered: dict[int, list[_Chunk]]) -> Iterator[Batch]:
    for key, pieces in gathered.items():
        counts = [count for _, _, count, _ in pieces]
        bases_ns: NDArray[np.int64] = np.repeat(np.array([base for *_, base in pieces], dtype=np.int64), counts)
        offsets_us = b"".join([data[at + 2 * count : at + PER_PACKET * count] for at, _, count, _ in pieces])
        packets = b"".join([data[at + PER_PACKET * count : end] for at, end, count, _ in pieces])
        lengths = b"".join([data[at : at + 2 * count] for at, _, count, _ in pieces])
        yield Batch(
            stream=key >> 8,
            content=_CONTENTS[key & 0xFF],
            arrivals_ns=bases_ns + np.frombuffer(offsets_us, dtype="<u4").astype(np.int64) * 1000,
            lengths=np.frombuffer(lengths, dtype="<u2"),
            data=np.frombuffer(packets, dtype=np.uint8),
        )
