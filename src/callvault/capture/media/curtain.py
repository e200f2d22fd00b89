"""The curtain of one take: which of its packets are spooled, by the moment at which the kernel had them.

A draw of the veil has a moment; packets are judged by their arrival and not by when they are drained, so that what was
in the kernel's buffers already is treated as it was when it came.  What does not live here: who draws (``engine``),
what is spooled (``shelf``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from callvault.capture.gate import USUAL_KEYS, Draw, KeyTypes, Veil, VeilState, with_draw
from callvault.capture.media.keys import LAG_NS, Keys
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.chunk_writer import write_packets
from callvault.protocols.spool.chunks import MOST_PACKETS

RTP_HEAD = 12
"""Octets of a fixed RTP header (RFC 3550 section 5.1)."""
VERSION_ALONE = b"\x80"
"""Version 2, without padding, extension or contributing sources."""
KEPT_NS = 60_000_000_000
"""How long a draw matters that another one followed: longer than a socket's buffer holds packets."""
MOST_WAITING_BYTES = 32 << 20
"""Of a take: whoever floods a port does not fill the memory."""


class Curtain:
    """Of one take."""

    def __init__(self, draws: Iterable[Draw]) -> None:
        """The first draw holds for whatever came before it, too."""
        self._draws = list(draws)
        self._waiting: deque[_Piece] = deque()
        """What waits for the veil to open."""
        self._held_bytes = 0
        """In both queues."""
        self._lagging: deque[_Piece] = deque()
        """What waits until no key can be found any more that hides it."""
        self._keys: Keys | None = None
        self.is_open = self._is_open()
        """Whether everything is spooled as it comes."""

    @property
    def draws(self) -> Sequence[Draw]:
        """How it was drawn, for a successor."""
        return tuple(self._draws)

    @property
    def lags(self) -> bool:
        """Whether something waits to be released by and by."""
        return bool(self._lagging) or self._draws[-1].veil.hide_keys

    @property
    def keys(self) -> Keys:
        """Which of them hide."""
        if self._keys is None:
            self._keys = Keys()
        return self._keys

    def key_types_of(self, stream: int) -> KeyTypes:
        """In which of a stream's packets keys are looked for."""
        return self._keys.types.get(stream, USUAL_KEYS) if self._keys is not None else USUAL_KEYS

    def draw(self, veil: Veil, at_ns: int) -> bytes:
        """From a moment on another veil holds; what is to be spooled at once."""
        self._draws = with_draw(self._draws, Draw(at_ns=at_ns, veil=veil))
        self.is_open = False
        if veil.state is VeilState.OPEN:
            return self._opened()
        if veil.state is VeilState.MASKED or not veil.prebuffer_ms:
            self._held_bytes -= sum(map(len, self._waiting))
            self._waiting.clear()
        return b""

    def through(self, stream: int, content: Content, arrivals_ns: Sequence[int], packets: Sequence[bytes]) -> bytes:
        """What of the packets of one stream is to be spooled at once, as chunks."""
        if content is Content.RTP and self._draws[-1].veil.hide_keys:
            self.keys.look(stream, arrivals_ns, packets)
        found: list[bytes] = []
        for veil, arrivals, held in self._judged(arrivals_ns, packets):
            piece = _Piece(stream=stream, content=content, arrivals_ns=arrivals, packets=held)
            if veil.state is VeilState.MASKED:
                found += piece.headers()
            elif veil.state is VeilState.OPEN:
                found.append(self._opened())
                if veil.hide_keys and content is Content.RTP:
                    found += self._delay(piece)
                else:
                    found += piece.chunks()
            elif veil.prebuffer_ms:
                self._keep(veil, piece)
        self._forget_old(arrivals_ns[-1])
        return b"".join(found)

    def release(self, seen_ns: int | None = None) -> bytes:
        """What may be spooled by now: everything that came before ``seen_ns`` has been through; None: nothing follows.

        What came while keys were pressed is spooled as headers.
        """
        found: list[bytes] = []
        until_ns = None if seen_ns is None else seen_ns - LAG_NS
        left: deque[_Piece] = deque()
        for piece in self._lagging:
            due, rest = piece.parted(until_ns)
            found += self._unless_hidden(due)
            self._held_bytes -= len(due)
            if rest.packets:
                left.append(rest)
        self._lagging = left
        if until_ns is not None and self._keys is not None:
            longest_ms = max(draw.veil.prebuffer_ms for draw in self._draws)
            self._keys.forget(until_ns - KEPT_NS - longest_ms * 1_000_000)
        return b"".join(found)

    def _unless_hidden(self, piece: _Piece) -> Iterator[bytes]:
        for hidden, part in piece.split(self.keys.hides):
            yield from part.headers() if hidden else part.chunks()

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

    def _keep(self, veil: Veil, piece: _Piece) -> None:
        self._waiting.append(piece)
        self._held_bytes += len(piece)
        oldest_ns = piece.arrivals_ns[-1] - veil.prebuffer_ms * 1_000_000
        while self._waiting and (self._waiting[0].arrivals_ns[-1] < oldest_ns or self._held_bytes > MOST_WAITING_BYTES):
            self._held_bytes -= len(self._waiting.popleft())

    def _delay(self, piece: _Piece) -> Iterator[bytes]:
        self._lagging.append(piece)
        self._held_bytes += len(piece)
        while self._held_bytes > MOST_WAITING_BYTES and self._lagging:
            oldest = self._lagging.popleft()
            self._held_bytes -= len(oldest)
            yield from oldest.headers()

    def _opened(self) -> bytes:
        """The veil is open: what has waited for that goes on."""
        waited, self._waiting = self._waiting, deque()
        self._held_bytes -= sum(map(len, waited))
        found: list[bytes] = []
        for piece in waited:
            delayed = self._draws[-1].veil.hide_keys and piece.content is Content.RTP
            found += self._delay(piece) if delayed else piece.chunks()
        return b"".join(found)

    def _forget_old(self, now_ns: int) -> None:
        while len(self._draws) > 1 and now_ns - self._draws[1].at_ns > KEPT_NS:
            del self._draws[0]
        self.is_open = self._is_open()

    @property
    def is_shut(self) -> bool:
        """Whether nothing is spooled, whatever comes, until it is drawn again."""
        (veil, *others) = [draw.veil for draw in self._draws]
        waits = veil.prebuffer_ms or veil.hide_keys or self._waiting or self._lagging
        return veil.state is VeilState.SHUT and not others and not waits

    def _is_open(self) -> bool:
        veil = self._draws[0].veil
        quiet = not self._waiting and not self._lagging and not veil.hide_keys
        return quiet and len(self._draws) == 1 and veil.state is VeilState.OPEN


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """Packets of one stream that came one after the other."""

    stream: int
    content: Content
    arrivals_ns: list[int]
    packets: list[bytes]

    def __len__(self) -> int:
        return sum(map(len, self.packets))

    def chunks(self) -> Iterator[bytes]:
        """As they came."""
        return _chunks(self.stream, self.content, self.arrivals_ns, self.packets)

    def headers(self) -> Iterator[bytes]:
        """Of RTP the headers alone."""
        return _masked(self.stream, self.content, self.arrivals_ns, self.packets)

    def parted(self, before_ns: int | None) -> tuple[_Piece, _Piece]:
        """What came before a moment, and the rest; None: all of it, and nothing."""
        place = len(self.packets) if before_ns is None else bisect_left(self.arrivals_ns, before_ns)
        return self._part(0, place), self._part(place, len(self.packets))

    def split(self, by: Callable[[int], bool]) -> Iterator[tuple[bool, _Piece]]:
        """Stretches of packets whose arrivals are alike in this."""
        begin = 0
        for said, group in groupby(self.arrivals_ns, key=by):
            end = begin + sum(1 for _ in group)
            yield said, self._part(begin, end)
            begin = end

    def _part(self, begin: int, end: int) -> _Piece:
        return _Piece(
            stream=self.stream,
            content=self.content,
            arrivals_ns=self.arrivals_ns[begin:end],
            packets=self.packets[begin:end],
        )


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
