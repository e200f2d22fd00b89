"""RTP (RFC 3550 section 5.1): the headers of many packets at once.

What does not live here: what the payloads are (``audio.payloads``), where they belong in time (``capture.finishing``),
RTCP (``rtcp``), decryption (``srtp``).  Everything is worked out in columns, since a call has a hundred packets a
second and is finished thousands of times faster than it lasted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 12
RESTART = 3000
"""A step in sequence numbers that may be a new beginning (RFC 3550 appendix A.1, MAX_DROPOUT)."""
_VERSION = 0x80
_RTCP_FIRST, _RTCP_LAST = 64, 95
"""Payload types that cannot be told from RTCP's packet types on a shared port (RFC 5761 section 4)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Packets:
    """RTP packets in the order of their arrival: one row of each column a packet."""

    arrivals_ns: NDArray[np.int64]
    data: NDArray[np.uint8]
    """What the payloads lie in."""
    starts: NDArray[np.int64]
    """Where in ``data`` each payload begins."""
    sizes: NDArray[np.int64]
    """Octets of each payload, without padding."""
    sequence: NDArray[np.uint16]
    timestamp: NDArray[np.uint32]
    ssrc: NDArray[np.uint32]
    payload_type: NDArray[np.uint8]
    marker: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.arrivals_ns)

    def some(self, which: NDArray[np.bool_] | NDArray[np.int64] | slice) -> Packets:
        """Some of the rows, in the order in which they are named."""
        return Packets(
            arrivals_ns=self.arrivals_ns[which],
            data=self.data,
            starts=self.starts[which],
            sizes=self.sizes[which],
            sequence=self.sequence[which],
            timestamp=self.timestamp[which],
            ssrc=self.ssrc[which],
            payload_type=self.payload_type[which],
            marker=self.marker[which],
        )

    def payload(self, row: int) -> bytes:
        """One payload on its own."""
        start = int(self.starts[row])
        return self.data[start : start + int(self.sizes[row])].tobytes()


def joined(first: Packets, second: Packets) -> Packets:
    """The rows of one, then those of the other."""
    if not len(first):
        return second
    return Packets(
        arrivals_ns=np.concatenate((first.arrivals_ns, second.arrivals_ns)),
        data=np.concatenate((first.data, second.data)),
        starts=np.concatenate((first.starts, second.starts + len(first.data))),
        sizes=np.concatenate((first.sizes, second.sizes)),
        sequence=np.concatenate((first.sequence, second.sequence)),
        timestamp=np.concatenate((first.timestamp, second.timestamp)),
        ssrc=np.concatenate((first.ssrc, second.ssrc)),
        payload_type=np.concatenate((first.payload_type, second.payload_type)),
        marker=np.concatenate((first.marker, second.marker)),
    )


def compact(packets: Packets) -> Packets:
    """The same rows with nothing in ``data`` but their payloads: for the few that are kept for later."""
    return Packets(
        arrivals_ns=packets.arrivals_ns.copy(),
        data=payloads(packets),
        starts=np.cumsum(packets.sizes) - packets.sizes,
        sizes=packets.sizes.copy(),
        sequence=packets.sequence.copy(),
        timestamp=packets.timestamp.copy(),
        ssrc=packets.ssrc.copy(),
        payload_type=packets.payload_type.copy(),
        marker=packets.marker.copy(),
    )


def payloads(packets: Packets) -> NDArray[np.uint8]:
    """All payloads, one behind the other."""
    starts, sizes, data = packets.starts, packets.sizes, packets.data
    if not len(sizes) or not sizes.any():
        return data[:0]
    size = int(sizes[0])
    if (sizes == size).all():  # copied as items of that size, which may begin at every byte
        item = np.dtype(f"V{size}")
        flat: NDArray[np.uint8] = np.ndarray((len(data) - size + 1,), item, data, 0, (1,))[starts].view(np.uint8)
        return flat
    return np.concatenate([data[at : at + size] for at, size in zip(starts.tolist(), sizes.tolist(), strict=True)])


def extended(numbers: NDArray[np.uint16] | NDArray[np.uint32], last: int | None) -> NDArray[np.int64]:
    """Numbers that run over, as numbers that do not: each the nearest to the one before it.

    ``last``: the extended number before the first; None: they begin with the first as it is.
    """
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    signed = np.dtype(np.int16 if numbers.dtype == np.uint16 else np.int32)
    before = numbers[0] if last is None else numbers.dtype.type(last & np.iinfo(numbers.dtype).max)
    steps = np.diff(numbers, prepend=before).view(signed).astype(np.int64)
    return np.cumsum(steps) + (int(before) if last is None else last)


def beginnings(
    sequence: NDArray[np.uint16], timestamp: NDArray[np.uint32], last: tuple[int, int] | None
) -> NDArray[np.int64]:
    """The rows with which a source begins to count anew.

    ``last``: number and timestamp of the packet before the first row; None: there was none.  A step of more than
    ``RESTART`` is no new beginning where timestamps have gone as far as that many packets go: then so much was lost,
    or comes so late.
    """
    number, tick = last if last is not None else (int(sequence[0]), int(timestamp[0]))
    steps = np.diff(sequence, prepend=np.uint16(number & 0xFFFF)).view(np.int16).astype(np.int64)
    found: NDArray[np.int64] = np.flatnonzero(np.abs(steps) > RESTART)
    if len(found):
        lasting = np.diff(timestamp, prepend=np.uint32(tick & 0xFFFFFFFF)).view(np.int32).astype(np.int64)
        even = lasting[steps == 1]
        if len(even):
            found = found[lasting[found] != steps[found] * int(np.median(even))]
    return found


def read(arrivals_ns: NDArray[np.int64], lengths: NDArray[np.uint16], data: NDArray[np.uint8]) -> tuple[Packets, int]:
    """The packets that are RTP, and how many are not.

    ``data``: all packets, one behind the other, of these lengths.
    """
    sizes = lengths.astype(np.int64)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    long_enough = sizes >= HEADER_BYTES
    if not long_enough.all():
        starts, sizes, arrivals_ns = starts[long_enough], sizes[long_enough], arrivals_ns[long_enough]
    head = _heads(data, starts, sizes)
    skipped, padding = _around(head[:, 0], data, starts, sizes)
    payloads = sizes - skipped - padding
    sound = (head[:, 0] & 0xC0 == _VERSION) & (payloads >= 0) & ~_is_rtcp(head[:, 1])
    packets = Packets(
        arrivals_ns=arrivals_ns,
        data=data,
        starts=starts + skipped,
        sizes=payloads,
        sequence=head[:, 2].astype(np.uint16) << np.uint16(8) | head[:, 3],
        timestamp=_word(head, 4),
        ssrc=_word(head, 8),
        payload_type=head[:, 1] & np.uint8(0x7F),
        marker=head[:, 1] >= _VERSION,
    )
    if not sound.all():
        packets = packets.some(sound)
    return packets, len(lengths) - len(packets)


def _heads(data: NDArray[np.uint8], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The fixed headers: shape (packets, 12)."""
    if len(sizes) and len(data) == len(sizes) * sizes[0] and (sizes == sizes[0]).all():
        return data.reshape(len(sizes), int(sizes[0]))[:, :HEADER_BYTES]
    heads: NDArray[np.uint8] = data[starts[:, None] + np.arange(HEADER_BYTES)]
    return heads


def _around(
    first: NDArray[np.uint8], data: NDArray[np.uint8], starts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Octets ahead of each payload and behind it; more than the packet has where its header lies."""
    skipped = np.full(len(sizes), HEADER_BYTES, dtype=np.int64)
    padding = np.zeros(len(sizes), dtype=np.int64)
    if not (first & 0x3F).any():  # as every telephone sends it
        return skipped, padding
    skipped += 4 * (first & 0x0F).astype(np.int64)
    extended = np.flatnonzero((first & 0x10 != 0) & (skipped + 4 <= sizes))
    at = starts[extended] + skipped[extended] + 2
    skipped[extended] += 4 + 4 * (data[at].astype(np.int64) << 8 | data[at + 1])
    skipped[(first & 0x10 != 0) & (skipped == HEADER_BYTES + 4 * (first & 0x0F))] = 1 << 20  # cut off inside
    padded = np.flatnonzero(first & 0x20)
    padding[padded] = data[starts[padded] + sizes[padded] - 1]
    padding[padded[padding[padded] == 0]] = 1 << 20  # the count counts itself (RFC 3550 section 5.1)
    return skipped, padding


def _is_rtcp(second: NDArray[np.uint8]) -> NDArray[np.bool_]:
    kind = second & np.uint8(0x7F)
    return (kind >= _RTCP_FIRST) & (kind <= _RTCP_LAST)


def _word(head: NDArray[np.uint8], at: int) -> NDArray[np.uint32]:
    """Four octets of each header, in network order."""
    return np.ascontiguousarray(head[:, at : at + 4]).view(">u4")[:, 0].astype(np.uint32)
