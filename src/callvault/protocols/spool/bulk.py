"""Reading a spool in bulk: the chunks of half a minute at once, a batch for each stream, for whoever wants all of it.

A call of an hour has 36,000 chunks; looked at one by one in NumPy they take longer than everything else that is done
with them.  What does not live here: the format, and the search for the next chunk behind a damage (``chunks``).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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


@dataclass(kw_only=True, slots=True)
class _Gathered:
    """Pieces of one stream's chunks, one entry a chunk."""

    bases_ns: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    lengths: list[memoryview] = field(default_factory=list)
    offsets_us: list[memoryview] = field(default_factory=list)
    packets: list[memoryview] = field(default_factory=list)


def read(data: memoryview, passed: Callable[[int], None] | None = None) -> Iterator[Batch | Damage]:
    """What ``chunks.read`` reads, but for the order of different streams within ``MOST_NS``; nothing is a view.

    ``passed`` is called now and then with the offset before which nothing of ``data`` is needed any more.
    """
    position = began = 0
    until_ns: int | None = None
    gathered: dict[tuple[int, int], _Gathered] = {}
    while position < len(data):
        found = _chunk_at(data, position)
        if found is None:
            yield from _batches(gathered)
            gathered, until_ns = {}, None
            damage = next(item for item in chunks.read(data[position:]) if isinstance(item, Damage))
            yield Damage(offset=position, size_bytes=damage.size_bytes, sentence=damage.sentence)
            position += damage.size_bytes
            continue
        stream, content, count, base_ns, end = found
        if until_ns is None:
            until_ns, began = base_ns + MOST_NS, position
        elif base_ns >= until_ns or end - began > MOST_BYTES:
            yield from _batches(gathered)
            if passed is not None:
                passed(position)
            gathered, until_ns, began = {}, base_ns + MOST_NS, position
        each = gathered.get((stream, content))
        if each is None:
            each = gathered[stream, content] = _Gathered()
        lengths_at = position + _HEAD.size
        offsets_at = lengths_at + 2 * count
        packets_at = lengths_at + PER_PACKET * count
        each.bases_ns.append(base_ns)
        each.counts.append(count)
        each.lengths.append(data[lengths_at:offsets_at])
        each.offsets_us.append(data[offsets_at:packets_at])
        each.packets.append(data[packets_at:end])
        position = end
    yield from _batches(gathered)


def _chunk_at(data: memoryview, start: int) -> tuple[int, int, int, int, int] | None:
    """Stream, content, count, base and end of the chunk that begins there; None where there is none that is sound."""
    lengths_at = start + _HEAD.size
    if lengths_at > len(data):
        return None
    magic, said, stream, content, count, base_ns = _HEAD.unpack_from(data, start)
    packets_at = lengths_at + PER_PACKET * count
    if magic != MAGIC or not 0 < count <= MOST_PACKETS or content not in _CONTENTS or packets_at > len(data):
        return None
    end = packets_at + sum(_lengths(count).unpack_from(data, lengths_at))
    if end > len(data) or crc32(data[start + CHECKED_FROM : end]) != said:
        return None
    return stream, content, count, base_ns, end


@functools.lru_cache(maxsize=256)
def _lengths(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}H")


def _batches(gathered: dict[tuple[int, int], _Gathered]) -> Iterator[Batch]:
    for (stream, content), each in gathered.items():
        bases_ns: NDArray[np.int64] = np.repeat(np.array(each.bases_ns, dtype=np.int64), each.counts)
        offsets_us = np.frombuffer(b"".join(each.offsets_us), dtype="<u4")
        yield Batch(
            stream=stream,
            content=_CONTENTS[content],
            arrivals_ns=bases_ns + offsets_us.astype(np.int64) * 1000,
            lengths=np.frombuffer(b"".join(each.lengths), dtype="<u2"),
            data=np.frombuffer(b"".join(each.packets), dtype=np.uint8),
        )
