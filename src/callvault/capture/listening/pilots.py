"""Pilots: single packets from all of a spool, by which SRTP's rollover counters are right when listening begins late.

SRTP numbers packets by 48 bits of which 16 are sent (RFC 3711 section 3.3.1): who comes later has to know how often
these have run over.  A packet out of every thousand tells, and no check sum is worked out to find it.  What does not
live here: decryption (``protocols.srtp``).
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from typing import Final

import numpy as np

from callvault.capture.listening.growing import MOST_AT_ONCE, Growing
from callvault.protocols.rtp import HEADER_BYTES
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunks import MAGIC, MOST_PACKETS, PER_PACKET

EVERY: Final = 1024
"""Packets from one pilot to the next: few enough that none of 65,536 numbers is passed unseen, whatever is lost."""
_HEAD: Final = struct.Struct("<4sIHBxHxxq")


def pilots(file: Growing, streams: Collection[int], until: int) -> Iterator[Batch]:
    """Packets of these streams from chunks that begin before ``until``, in their order, one a batch."""
    last: dict[tuple[int, int], int] = {}
    for stream, base_ns, packet in _first_packets(file, streams, until):
        if len(packet) < HEADER_BYTES:
            continue
        source = stream, int.from_bytes(packet[8:12])
        number = int.from_bytes(packet[2:4])
        step = (number - last[source]) & 0xFFFF if source in last else EVERY
        if EVERY <= step < 1 << 15:
            last[source] = number
            yield Batch(
                stream=stream,
                content=Content.RTP,
                arrivals_ns=np.array([base_ns], dtype=np.int64),
                lengths=np.array([len(packet)], dtype=np.uint16),
                data=np.frombuffer(packet, dtype=np.uint8),
            )


def _first_packets(file: Growing, streams: Collection[int], until: int) -> Iterator[tuple[int, int, bytes]]:
    """Of each chunk of these streams: the stream, its moment, the first packet."""
    offset = 0
    while offset < until:
        data = file.read(offset, MOST_AT_ONCE)
        position = 0
        while offset + position < until:
            found = _chunk_at(data, position)
            if found is None:
                following = data.find(MAGIC, position + 1)
                if following < 0:
                    break
                position = following
                continue
            stream, content, base_ns, packets_at, first, size = found
            if size > len(data) - position:
                break
            if content == Content.RTP and stream in streams:
                yield stream, base_ns, data[packets_at : packets_at + first]
            position += size
        if len(data) < MOST_AT_ONCE:
            return
        offset += position or len(data) - len(MAGIC) + 1


def _chunk_at(data: bytes, start: int) -> tuple[int, int, int, int, int, int] | None:
    """Stream, content, moment, where the packets begin, the first one's bytes and the chunk's; None: there is none.

    Of one that breaks off in its head the size is more than there is.
    """
    if data[start : start + len(MAGIC)] != MAGIC:
        return None
    lengths_at = start + _HEAD.size
    if lengths_at > len(data):
        return 0, -1, 0, 0, 0, len(data) - start + 1
    _, _, stream, content, count, base_ns = _HEAD.unpack_from(data, start)
    if not 0 < count <= MOST_PACKETS:
        return None
    packets_at = lengths_at + PER_PACKET * count
    if packets_at > len(data):
        return 0, -1, 0, 0, 0, len(data) - start + 1
    lengths = struct.unpack_from(f"<{count}H", data, lengths_at)
    return stream, content, base_ns, packets_at, lengths[0], packets_at - start + sum(lengths)
