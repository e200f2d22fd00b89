"""Writing chunks: the packets of hundreds of streams become bytes at once, without a step for each packet.

What does not live here: how a chunk lies (``chunks``), the files that the bytes go to (``capture.media``).
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from isal.isal_zlib import crc32
from numpy.typing import NDArray

from callvault.protocols.spool.chunks import CHECKED_FROM, HEAD, MAGIC, PER_PACKET

_MOST_OFFSET_US = 0xFFFF_FFFF
_CHECKED_HEAD = struct.Struct("<HBBHHq")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Drained:
    """What was drained of many sockets, a chunk a socket: columns by chunk, then columns by packet."""

    streams: NDArray[np.uint16]
    contents: NDArray[np.uint8]
    counts: NDArray[np.int64]
    """How many packets each chunk has: 1 to ``MOST_PACKETS``.  The packets below are in the order of the chunks."""
    arrivals_ns: NDArray[np.int64]
    lengths: NDArray[np.uint16]
    rows: NDArray[np.int64]
    """Which row of the arena each packet is."""
    arena: NDArray[np.uint8]
    """A packet a row, from the row's beginning."""


class ChunkWriter:
    """Makes chunks, in a room of its own that is used again and again."""

    def __init__(self) -> None:
        self._room: NDArray[np.uint8] = np.empty(1 << 20, dtype=np.uint8)

    def write(self, drained: Drained) -> tuple[memoryview, list[int]]:
        """All chunks one behind the other, and where each begins; the last bound is the end of the last one.

        The bytes are good until the next call.
        """
        counts, lengths = drained.counts, drained.lengths
        packet_ends = np.cumsum(lengths, dtype=np.int64)
        last = np.cumsum(counts)
        first = last - counts
        before = packet_ends[first] - lengths[first]  # bytes of packets ahead of each chunk
        sizes = packet_ends[last - 1] - before + HEAD.itemsize + PER_PACKET * counts
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        starts = bounds[:-1]
        room = self._room_for(int(bounds[-1]))
        base_ns = np.minimum.reduceat(drained.arrivals_ns, first)

        heads = np.zeros(len(counts), dtype=HEAD)
        heads["magic"], heads["stream"], heads["content"] = MAGIC, drained.streams, drained.contents
        heads["count"], heads["base_ns"] = counts, base_ns
        _at_any_byte(room, f"V{HEAD.itemsize}")[starts] = heads.view(f"V{HEAD.itemsize}")

        lengths_at = starts + HEAD.itemsize - 2 * first
        number = np.arange(len(lengths), dtype=np.int64)
        _at_any_byte(room, "<u2")[np.repeat(lengths_at, counts) + 2 * number] = lengths
        offsets_us = (drained.arrivals_ns - np.repeat(base_ns, counts)) * 1e-3
        offsets_at = starts + HEAD.itemsize + 2 * counts - 4 * first
        _at_any_byte(room, "<u4")[np.repeat(offsets_at, counts) + 4 * number] = np.minimum(
            offsets_us, _MOST_OFFSET_US
        ).astype("<u4")
        packets_at = starts + HEAD.itemsize + PER_PACKET * counts - before
        _copy_packets(room, np.repeat(packets_at, counts) + packet_ends - lengths, drained)

        view, marks = room.data, bounds.tolist()
        sums = [crc32(view[start + CHECKED_FROM : end]) for start, end in itertools.pairwise(marks)]
        _at_any_byte(room, "<u4")[starts + 4] = sums
        return view, marks

    def _room_for(self, size: int) -> NDArray[np.uint8]:
        if self._room.size < size + HEAD.itemsize:
            self._room = np.empty(2 * size + HEAD.itemsize, dtype=np.uint8)
        return self._room


def _copy_packets(room: NDArray[np.uint8], places: NDArray[np.int64], drained: Drained) -> None:
    """Packets of one length at a time, as items of that size; most streams have one length, and most calls too."""
    lengths, rows = drained.lengths, drained.rows
    one = lengths.min() == lengths.max()
    for length in lengths[:1].tolist() if one else np.flatnonzero(np.bincount(lengths)).tolist():
        if length:
            same = slice(None) if one else lengths == length
            item = f"V{length}"
            packets = np.ndarray(
                (len(drained.arena),), dtype=item, buffer=drained.arena, strides=(drained.arena.strides[0],)
            )
            _at_any_byte(room, item)[places[same]] = packets[rows[same]]


def _at_any_byte(room: NDArray[np.uint8], item: str) -> NDArray[Any]:
    """The room as items that begin at every byte of it."""
    kind = np.dtype(item)
    return np.ndarray((room.size - kind.itemsize + 1,), dtype=kind, buffer=room, strides=(1,))


def write_packets(stream: int, content: int, arrivals_ns: Sequence[int], packets: Sequence[bytes]) -> bytes:
    """One chunk of at most ``MOST_PACKETS`` packets that are at hand one by one: quicker so where they are a few."""
    base_ns = min(arrivals_ns)
    count = len(packets)
    offsets_us = [min((arrival - base_ns) // 1000, _MOST_OFFSET_US) for arrival in arrivals_ns]
    checked = b"".join(
        (
            _CHECKED_HEAD.pack(stream, content, 0, count, 0, base_ns),
            struct.pack(f"<{count}H{count}I", *map(len, packets), *offsets_us),
            *packets,
        )
    )
    return MAGIC + crc32(checked).to_bytes(4, "little") + checked
