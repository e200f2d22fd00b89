"""Drops: how many packets reached the machine and found a stream's socket full, as a spool tells it.

What does not live here: who asks the kernel (``capture.media``), what is said of it (``capture.finishing``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_DROPS = struct.Struct("<8sI")


def write_drops(socket: bytes, packets: int) -> bytes:
    """One packet of ``Content.DROPS``.

    ``socket``: eight octets that no other socket has; ``packets``: since it was opened, so the last one counts.
    """
    return _DROPS.pack(socket, packets)


def drops_in(packets: Iterable[bytes]) -> int:
    """Of all sockets that one stream had; what is no such packet says nothing."""
    found: dict[bytes, int] = {}
    for packet in packets:
        if len(packet) == _DROPS.size:
            socket, count = _DROPS.unpack(packet)
            found[socket] = max(count, found.get(socket, 0))
    return sum(found.values())
