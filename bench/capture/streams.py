"""What the sender sends, worked out again: every octet is a function of seed, stream and number.

The same words as ``sender.c``, in NumPy.  What does not live here: the sending.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HEADER_BYTES = 12

Octets = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """The first packet's numbers."""

    ssrc: int
    sequence: int
    timestamp: int


def mix(counter: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64's finaliser: a counter in, 64 good bits out."""
    bits = counter * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ bits >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ bits >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = bits ^ bits >> np.uint64(31)
    return mixed


def _begin(seed: int, stream: int) -> int:
    return int(mix(np.array([seed ^ stream << 32], dtype=np.uint64))[0])


def beginning(seed: int, stream: int) -> Beginning:
    """How a stream begins."""
    begin = _begin(seed, stream)
    return Beginning(ssrc=stream + 1, sequence=begin & 0xFFFF, timestamp=begin >> 16 & 0xFFFFFFFF)


def payloads(seed: int, stream: int, packets: int, *, payload_bytes: int = 160) -> Octets:
    """The payloads of a stream: shape (packets, payload_bytes)."""
    words = (payload_bytes + 7) // 8
    begin = np.uint64(_begin(seed, stream) & ~0xFF)
    packet = np.arange(packets, dtype=np.uint64)[:, None] << np.uint64(8)
    numbers: npt.NDArray[np.uint64] = np.bitwise_or(packet, np.arange(words, dtype=np.uint64))
    octets = mix(np.add(begin, numbers, dtype=np.uint64)).astype("<u8").view(np.uint8)
    return np.ascontiguousarray(octets[:, :payload_bytes])


def digest(seed: int, stream: int, packets: int, *, payload_bytes: int = 160) -> str:
    """SHA-256 of all payloads of a stream, in order: for G.711 what the finished audio must be, octet by octet."""
    return hashlib.sha256(payloads(seed, stream, packets, payload_bytes=payload_bytes).tobytes()).hexdigest()


def gathered(written: bytes, *, payload_bytes: int = 160) -> dict[int, Octets]:
    """Whole packets, one behind the other, as the bare receiver writes them: payloads by stream, as they came."""
    packets = np.frombuffer(written, dtype=np.uint8).reshape(-1, HEADER_BYTES + payload_bytes)
    ssrcs = np.ascontiguousarray(packets[:, 8:12]).view(">u4").reshape(-1).astype(np.int64)
    order = np.argsort(ssrcs, kind="stable")
    found, starts = np.unique(ssrcs[order], return_index=True)
    parts = np.split(packets[order, HEADER_BYTES:], starts[1:])
    return {int(ssrc) - 1: part for ssrc, part in zip(found, parts, strict=True)}
