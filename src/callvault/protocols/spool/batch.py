"""A batch: the packets of one stream that were drained from its socket together, as they are read back from a spool.

What does not live here: how batches are laid out in bytes (``chunks``), what the packets mean (``rtp``, ``rtcp``).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class Content(enum.IntEnum):
    """What a batch's packets are; on a shared port RTP and RTCP are told apart as RFC 5761 section 4 says."""

    RTP = 0
    """RTP or SRTP, as it came."""
    RTCP = 1
    MASKED = 2
    """Headers of RTP packets, of twelve octets each, whose payloads were never written."""
    DROPS = 3
    """No packets of the stream's, but what is known of those that the kernel had no room for: ``drops``."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Batch:
    """Packets in the order in which the kernel had them.  The arrays are views of the spool, and never written to."""

    stream: int
    """The stream's index within its take: ``journal.StreamAgreed.stream``."""
    content: Content
    arrivals_ns: NDArray[np.int64]
    """For each packet, when the kernel had it: nanoseconds since 1970, UTC."""
    lengths: NDArray[np.uint16]
    """For each packet, its bytes."""
    data: NDArray[np.uint8]
    """All packets, one behind the other; as many bytes as the lengths add up to."""

    def packets(self) -> list[bytes]:
        """Each packet on its own: slow, for the few that are looked at one by one."""
        ends = np.cumsum(self.lengths, dtype=np.int64)
        return [
            self.data[end - length : end].tobytes() for end, length in zip(ends, self.lengths.tolist(), strict=True)
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Damage:
    """A stretch of a spool that cannot be read; what lies before and behind it can."""

    offset: int
    """Of the first unreadable byte."""
    size_bytes: int
    sentence: str
    """What was found, for whoever operates the server."""
