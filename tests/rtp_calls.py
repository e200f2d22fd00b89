"""Made-up RTP streams, as they arrive: with jitter, loss, drift and everything else that a network or a phone can do.

Everything follows from a seed.  What does not live here: sockets; these streams have never been on a wire.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callvault.protocols import rtp
from callvault.protocols.rtcp import NTP_EPOCH_NS
from callvault.protocols.rtp import Packets
from callvault.protocols.spool.batch import Batch, Content

MS = 1_000_000
EPOCH_NS = 1_772_355_600 * 10**9
SAMPLES = 160
PACKET_NS = 20 * MS


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Packets as they left: one row a packet, in order."""

    sent_ns: NDArray[np.int64]
    sequence: NDArray[np.int64]
    """Extended."""
    timestamp: NDArray[np.int64]
    """Extended."""
    payloads: NDArray[np.uint8]
    """Shape (packets, octets)."""
    ssrc: int = 7
    payload_type: int = 0

    def __len__(self) -> int:
        return len(self.sent_ns)


def stream(
    packets: int,
    seed: int = 1,
    *,
    start_ns: int = 0,
    drift_ppm: float = 0.0,
    first_sequence: int = 65_000,
    first_timestamp: int = 2**32 - 8000,
    ssrc: int = 7,
    payload_type: int = 0,
) -> Sent:
    """Noise in packets of 20 ms; a clock that is fast by ``drift_ppm`` sends them closer together."""
    dice = np.random.default_rng(seed)
    numbers = np.arange(packets, dtype=np.int64)
    return Sent(
        sent_ns=EPOCH_NS + start_ns + np.round(numbers * (PACKET_NS / (1 + drift_ppm / 1e6))).astype(np.int64),
        sequence=first_sequence + numbers,
        timestamp=first_timestamp + numbers * SAMPLES,
        payloads=dice.integers(0, 256, (packets, SAMPLES), dtype=np.uint8),
        ssrc=ssrc,
        payload_type=payload_type,
    )


def arrived(sent: Sent, delays_ns: NDArray[np.int64] | int = 0, *, keep: NDArray[np.bool_] | None = None) -> Packets:
    """What a receiver gets, in the order in which it comes, each packet with its delay."""
    delays = np.broadcast_to(np.asarray(delays_ns, dtype=np.int64), len(sent))
    kept = np.flatnonzero(keep) if keep is not None else np.arange(len(sent))
    arrivals = (sent.sent_ns + delays)[kept]
    rows = kept[np.argsort(arrivals, kind="stable")]
    octets = sent.payloads.shape[1]
    return Packets(
        arrivals_ns=np.sort(arrivals, kind="stable"),
        data=np.ascontiguousarray(sent.payloads[rows]).reshape(-1),
        starts=np.arange(len(rows), dtype=np.int64) * octets,
        sizes=np.full(len(rows), octets, dtype=np.int64),
        sequence=(sent.sequence[rows] & 0xFFFF).astype(np.uint16),
        timestamp=(sent.timestamp[rows] & 0xFFFFFFFF).astype(np.uint32),
        ssrc=np.full(len(rows), sent.ssrc, dtype=np.uint32),
        payload_type=np.full(len(rows), sent.payload_type, dtype=np.uint8),
        marker=np.zeros(len(rows), dtype=np.bool_),
    )


def batches(stream_index: int, packets: Packets, tick_ns: int = 200 * MS) -> list[Batch]:
    """What a media worker spools of a stream: what came within each tick, with its headers."""
    made: list[Batch] = []
    begin = 0
    while begin < len(packets):
        until = int(packets.arrivals_ns[begin]) + tick_ns
        end = int(np.searchsorted(packets.arrivals_ns, until))
        made.append(_batch(stream_index, packets.some(slice(begin, end))))
        begin = end
    return made


def spooled(*streams: list[Batch]) -> list[Batch]:
    """Several streams in one spool, as they came."""
    return sorted((batch for stream in streams for batch in stream), key=lambda batch: int(batch.arrivals_ns[0]))


def _batch(stream_index: int, packets: Packets) -> Batch:
    heads = np.zeros((len(packets), 12), dtype=np.uint8)
    heads[:, 0] = 0x80
    heads[:, 1] = packets.payload_type | packets.marker.astype(np.uint8) << 7
    for begin, numbers in ((2, packets.sequence), (4, packets.timestamp), (8, packets.ssrc)):
        octets = numbers.astype(numbers.dtype.newbyteorder(">")).view(np.uint8).reshape(len(packets), -1)
        heads[:, begin : begin + octets.shape[1]] = octets
    if (packets.sizes == packets.sizes[0]).all():
        payloads = rtp.payloads(packets).reshape(len(packets), -1)
        data = np.concatenate((heads, payloads), axis=1).reshape(-1)
    else:
        pieces = [heads[row].tobytes() + packets.payload(row) for row in range(len(packets))]
        data = np.frombuffer(b"".join(pieces), dtype=np.uint8)
    return Batch(
        stream=stream_index,
        content=Content.RTP,
        arrivals_ns=packets.arrivals_ns,
        lengths=(packets.sizes + 12).astype(np.uint16),
        data=data,
    )


def ntp_of(at_ns: int) -> int:
    """The NTP time of a moment since 1970, 64 bits."""
    return ((at_ns + NTP_EPOCH_NS) << 32) // 1_000_000_000 & (1 << 64) - 1
