"""Chunks: how batches lie in a spool, one behind the other, so that a damage costs the chunks that it touches, no more.

A chunk, all numbers little-endian::

    0   4  magic
    4   4  CRC-32 of everything behind it
    8   2  the stream's index within its take
    10  1  content: 0 RTP, 1 RTCP, 2 headers of RTP that was masked
    11  1  zero
    12  2  packets, 1 to 4096
    14  2  zero
    16  8  the earliest arrival: nanoseconds since 1970, UTC
    24     for each packet its length in bytes, 2 each
           for each packet how much later it came, in microseconds, 4 each
           the packets

What does not live here: files, and the writing of chunks (``chunk_writer``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from isal.isal_zlib import crc32  # zlib's figures, at several times its speed

from callvault.protocols.spool.batch import Batch, Content, Damage

MAGIC: Final = b"\xc5\x9eCV"
MOST_PACKETS: Final = 4096
HEAD: Final = np.dtype(
    {
        "names": ["magic", "crc", "stream", "content", "count", "base_ns"],
        "formats": ["S4", "<u4", "<u2", "u1", "<u2", "<i8"],
        "offsets": [0, 4, 8, 10, 12, 16],
        "itemsize": 24,
    }
)
CHECKED_FROM: Final = 8
"""Where in a chunk the bytes begin that its CRC covers."""
PER_PACKET: Final = 6
"""Bytes of length and arrival."""

_WINDOW = 1 << 20
_CONTENTS = {int(content): content for content in Content}


def read(data: memoryview) -> Iterator[Batch | Damage]:
    """Everything that can be read of a spool, in its order; the batches are views of ``data``.

    What cannot be read is passed over up to the next chunk whose CRC is right, and told as one damage.
    """
    position = sound_to = 0
    sentence = ""
    while position < len(data):
        found = _chunk_at(data, position)
        if isinstance(found, str):
            sentence = sentence if position > sound_to else found
            position = _next_magic(data, position + 1)
            continue
        if position > sound_to:
            yield Damage(offset=sound_to, size_bytes=position - sound_to, sentence=sentence)
        batch, size = found
        yield batch
        position = sound_to = position + size
    if position > sound_to:
        yield Damage(offset=sound_to, size_bytes=len(data) - sound_to, sentence=sentence)


def _chunk_at(data: memoryview, start: int) -> tuple[Batch, int] | str:
    """The chunk that begins there and its size, or why there is none."""
    if bytes(data[start : start + 4]) != MAGIC:
        return "There are bytes here that belong to no chunk."
    if len(data) - start < HEAD.itemsize:
        return "The last chunk broke off in its head."
    head = np.frombuffer(data, dtype=HEAD, count=1, offset=start)[0]
    count = int(head["count"])
    lengths_at = start + HEAD.itemsize
    packets_at = lengths_at + PER_PACKET * count
    if not 0 < count <= MOST_PACKETS or int(head["content"]) not in _CONTENTS:
        return "A chunk's head holds what no chunk has."
    if packets_at > len(data):
        return "The last chunk broke off before its packets."
    lengths = np.frombuffer(data, dtype="<u2", count=count, offset=lengths_at)
    end = packets_at + int(lengths.sum(dtype=np.int64))
    if end > len(data):
        return "A chunk is said to be longer than what is there."
    if crc32(data[start + CHECKED_FROM : end]) != int(head["crc"]):
        return "A chunk is not what was written: its check sum is another."
    offsets_us = np.frombuffer(data, dtype="<u4", count=count, offset=lengths_at + 2 * count)
    batch = Batch(
        stream=int(head["stream"]),
        content=_CONTENTS[int(head["content"])],
        arrivals_ns=offsets_us.astype(np.int64) * 1000 + int(head["base_ns"]),
        lengths=lengths,
        data=np.frombuffer(data, dtype=np.uint8, count=end - packets_at, offset=packets_at),
    )
    return batch, end - start


def _next_magic(data: memoryview, start: int) -> int:
    """Where the next chunk may begin; the end of the data where none does."""
    while start < len(data):
        found = bytes(data[start : start + _WINDOW]).find(MAGIC)
        if found >= 0:
            return start + found
        start += _WINDOW - len(MAGIC) + 1
    return len(data)
