"""Sorting a catch: what is RTP, what is RTCP, and what is neither and has no place in a spool.

Nothing else of a packet is looked at on its way in.  What does not live here: draining, writing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callvault.capture.media.arena import Arena, Catch
from callvault.protocols.spool.batch import Content

SHORTEST_BYTES = 8
"""An RTCP packet's head and its sender (RFC 3550 section 6.4.2); RTP needs twelve (section 5.1)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sorted:
    """A catch in chunks: packets of one slot and one content, in the order of arrival."""

    slots: NDArray[np.int64]
    contents: NDArray[np.uint8]
    counts: NDArray[np.int64]
    rows: NDArray[np.int64]
    """For each packet that is kept, its row; in the order of the chunks."""
    strays: int
    """Packets that are no RTP version 2: what port scans, STUN and DTLS send."""


def sort(arena: Arena, catch: Catch) -> Sorted:
    """The chunks of a catch; there may be none.

    RTP and RTCP that share a port are told apart by the second byte, as RFC 5761 section 4 says.
    """
    held = catch.packets
    begins = arena.begins(held)  # the first byte is the lower one
    sound = (begins & 0xC0 == 0x80) & (catch.lengths >= SHORTEST_BYTES)
    control = begins >> 13 == 192 >> 5
    if sound.all() and not control.any():
        contents = np.full(len(catch.slots), Content.RTP, dtype=np.uint8)
        return Sorted(slots=catch.slots, contents=contents, counts=catch.counts, rows=np.arange(held), strays=0)
    keys = 2 * np.repeat(np.arange(len(catch.slots)), catch.counts) + control
    rows = np.flatnonzero(sound)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    chunks, counts = np.unique(keys[rows], return_counts=True)
    return Sorted(
        slots=catch.slots[chunks // 2],
        contents=np.where(chunks % 2, np.uint8(Content.RTCP), np.uint8(Content.RTP)),
        counts=counts,
        rows=rows,
        strays=held - len(rows),
    )
