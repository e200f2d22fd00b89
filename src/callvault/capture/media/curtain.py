"""The curtain of one take: which of its packets are spooled, by the moment at which the kernel had them.

A draw of the veil has a moment; packets are judged by their arrival and not by when they are drained, so that what was
in the kernel's buffers already is treated as it was when it came.  What does not live here: who draws (``engine``),
what is spooled (``shelf``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from callvault.capture.gate import Draw, Veil, VeilState
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.chunk_writer import write_packets
from callvault.protocols.spool.chunks import MOST_PACKETS

RTP_HEAD = 12
"""Octets of a fixed RTP header (RFC 3550 section 5.1)."""
VERSION_ALONE = b"\x80"
"""Version 2, without padding, extension or contributing sources."""
KEPT_NS = 60_000_000_000
"""How long a draw matters that another one followed: longer than a socket's buffer holds packets."""


class Curtain:
    """Of one take."""

    def __init__(self, draws: Iterable[Draw]) -> None:
        """The first draw holds for whatever came before it, too."""
        self._draws = list(draws)
        self._waiting: deque[tuple[int, bytes]] = deque()
        """While it is shut: the last arrival of a chunk, and the chunk."""

    @property
    def draws(self) -> Sequence[Draw]:
        """How it was drawn, for a successor."""
        return tuple(self._draws)

    @property
    def is_open(self) -> bool:
        """Whether everything is spooled as it comes."""
        return len(self._draws) == 1 and self._draws[0].veil.state is VeilState.OPEN and not self._waiting

    def draw(self, veil: Veil, at_ns: int) -> bytes:
        """From a moment on another veil holds; what is to be spooled at once."""
        self._draws.append(Draw(at_ns=at_ns, veil=veil))
        if veil.state is VeilState.OPEN:
            return self._released()
        if veil.state is VeilState.MASKED or not veil.prebuffer_ms:
            self._waiting.clear()
        return b""

    def through(self, stream: int, content: Content, arrivals_ns: Sequence[int], packets: Sequence[bytes]) -> bytes:
        """What of the packets of one stream is to be spooled, as chunks."""
        self._forget_old(arrivals_ns[-1])
        found: list[bytes] = []
        for veil, arrivals, held in self._judged(arrivals_ns, packets):
            if veil.state is VeilState.OPEN:
                found += (self._released(), *_chunks(stream, content, arrivals, held))
            elif veil.state is VeilState.MASKED:
                found += _masked(stream, content, arrivals, held)
            elif veil.prebuffer_ms:
                self._keep(veil, arrivals[-1], b"".join(_chunks(stream, content, arrivals, held)))
        return b"".join(found)

    def _judged(
        self, arrivals_ns: Sequence[int], packets: Sequence[bytes]
    ) -> Iterator[tuple[Veil, list[int], list[bytes]]]:
        """Stretches of packets under one veil."""
        moments = [draw.at_ns for draw in self._draws[1:]]
        pairs = zip(arrivals_ns, packets, strict=True)
        judged = [(bisect_right(moments, arrival), arrival, packet) for arrival, packet in pairs]
        for place, group in groupby(judged, key=lambda each: each[0]):
            stretch = list(group)
            yield self._draws[place].veil, [each[1] for each in stretch], [each[2] for each in stretch]

    def _keep(self, veil: Veil, last_ns: int, chunk: bytes) -> None:
        self._waiting.append((last_ns, chunk))
        oldest_ns = last_ns - veil.prebuffer_ms * 1_000_000
        while self._waiting[0][0] < oldest_ns:
            self._waiting.popleft()

    def _released(self) -> bytes:
        released = b"".join(chunk for _, chunk in self._waiting)
        self._waiting.clear()
        return released

    def _forget_old(self, now_ns: int) -> None:
        while len(self._draws) > 1 and now_ns - self._draws[1].at_ns > KEPT_NS:
            del self._draws[0]


def _chunks(stream: int, content: Content, arrivals: Sequence[int], packets: Sequence[bytes]) -> Iterator[bytes]:
    for begin in range(0, len(packets), MOST_PACKETS):
        part = slice(begin, begin + MOST_PACKETS)
        yield write_packets(stream, content, arrivals[part], packets[part])


def _masked(stream: int, content: Content, arrivals: Sequence[int], packets: Sequence[bytes]) -> Iterator[bytes]:
    """Of RTP the headers alone; RTCP has nobody's voice, and its clocks are needed behind the mask too."""
    if content is not Content.RTP:
        yield from _chunks(stream, content, arrivals, packets)
        return
    heads = [VERSION_ALONE + packet[1:RTP_HEAD] for packet in packets]
    whole = [place for place, head in enumerate(heads) if len(head) == RTP_HEAD]
    if whole:
        yield from _chunks(
            stream, Content.MASKED, [arrivals[place] for place in whole], [heads[place] for place in whole]
        )
