"""One take's media on its way into the spool: what is due is gathered, and written a few times a second.

What lives here: the veil over it, and the last seconds that wait while nobody records.  What does not: which packets
there are (``protocols.media_streams``), who draws the veil (``steering``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from callvault.capture.gate import OPEN_VEIL, Veil, VeilState
from callvault.capture.media.spool_file import SpoolFile
from callvault.protocols.rtp import HEADER_BYTES
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.chunk_writer import write_packets
from callvault.protocols.spool.chunks import MOST_PACKETS

MS = 1_000_000
_RTP = int(Content.RTP)
_MASKED = Content.__members__.get("MASKED")
"""The content of chunks of headers alone; without it nothing is written of what is masked."""
_Gathered = dict[tuple[int, int], tuple[list[int], list[bytes]]]


class Spooling:
    """Of one take."""

    def __init__(self, file: SpoolFile, veil: Veil | None = OPEN_VEIL) -> None:
        """``veil``: None where it is not decided yet; what comes waits until it is."""
        self._file = file
        self._veil = veil or OPEN_VEIL
        self._undecided: list[tuple[int, int, Sequence[bytes]]] | None = None if veil else []
        self._gathered: _Gathered = {}
        self._waiting: deque[tuple[int, int, bytes]] = deque()

    @property
    def file(self) -> SpoolFile:
        """Where it all goes."""
        return self._file

    @property
    def veil(self) -> Veil:
        """What is in force."""
        return self._veil

    def receive(self, stream: int, arrival_ns: int, packets: Sequence[bytes]) -> None:
        """Packets have come."""
        if self._undecided is not None:
            self._undecided.append((stream, arrival_ns, packets))
            return
        match self._veil.state:
            case VeilState.OPEN:
                for packet in packets:
                    self._gather(stream, _RTP, arrival_ns, packet)
            case VeilState.MASKED:
                if _MASKED is not None:
                    for packet in packets:
                        self._gather(stream, _MASKED, arrival_ns, packet[:HEADER_BYTES])
            case VeilState.SHUT:
                self._wait(stream, arrival_ns, packets)

    def decide(self) -> None:
        """The veil that is in force is right; what has waited for that comes now."""
        waited, self._undecided = self._undecided or [], None
        for stream, arrival_ns, packets in waited:
            self.receive(stream, arrival_ns, packets)

    def draw(self, veil: Veil, at_ns: int) -> None:
        """From now on this is in force; ``at_ns`` is now."""
        if self._veil.state is VeilState.SHUT and veil.state is VeilState.OPEN:
            self._trim(at_ns, self._veil.prebuffer_ms)
            for stream, arrival_ns, packet in self._waiting:
                self._gather(stream, _RTP, arrival_ns, packet)
        if veil.state is not VeilState.SHUT:
            self._waiting.clear()
        self._veil = veil
        self._trim(at_ns, veil.prebuffer_ms)

    def flush(self) -> bool:
        """Write what has been gathered; False where the disk did not take it all, and it is kept."""
        gathered, self._gathered = self._gathered, {}
        chunks = [
            write_packets(stream, content, arrivals[at : at + MOST_PACKETS], packets[at : at + MOST_PACKETS])
            for (stream, content), (arrivals, packets) in gathered.items()
            for at in range(0, len(packets), MOST_PACKETS)
        ]
        if chunks:
            return self._file.append(b"".join(chunks))
        return self._file.append(b"") if self._file.waits else True

    def _gather(self, stream: int, content: int, arrival_ns: int, packet: bytes) -> None:
        arrivals, packets = self._gathered.setdefault((stream, content), ([], []))
        arrivals.append(arrival_ns)
        packets.append(packet)

    def _wait(self, stream: int, arrival_ns: int, packets: Sequence[bytes]) -> None:
        if self._veil.prebuffer_ms:
            self._waiting.extend((stream, arrival_ns, packet) for packet in packets)
            self._trim(arrival_ns, self._veil.prebuffer_ms)

    def _trim(self, now_ns: int, prebuffer_ms: int) -> None:
        while self._waiting and self._waiting[0][1] < now_ns - prebuffer_ms * MS:
            self._waiting.popleft()
