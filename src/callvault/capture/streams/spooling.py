"""One take's media on its way into the spool: what has come is gathered, and written a few times a second.

What of it may be written is for the take's curtain to say, by the moment at which it came; before it is decided what is
recorded at all, everything waits.  What does not live here: which packets there are (``protocols.media_streams``), who
draws the veil (``steering``).
"""

from __future__ import annotations

from collections.abc import Sequence

from callvault.capture.gate import OPEN_VEIL, Draw, KeyTypes, Veil
from callvault.capture.media.curtain import Curtain
from callvault.capture.media.spool_file import SpoolFile
from callvault.protocols.spool.batch import Content
from callvault.protocols.spool.chunk_writer import write_packets
from callvault.protocols.spool.chunks import MOST_PACKETS


class Spooling:
    """Of one take."""

    def __init__(self, file: SpoolFile) -> None:
        self._file = file
        self._veil = OPEN_VEIL
        """As it would be drawn, where that is not decided."""
        self._curtain: Curtain | None = None
        self._key_types: dict[int, KeyTypes] = {}
        self._released: list[bytes] = []
        self._gathered: dict[int, tuple[list[int], list[bytes]]] = {}

    @property
    def file(self) -> SpoolFile:
        """Where it all goes."""
        return self._file

    def receive(self, stream: int, arrival_ns: int, packets: Sequence[bytes]) -> None:
        """Packets have come."""
        gathered = self._gathered.get(stream)
        if gathered is None:
            gathered = self._gathered[stream] = ([], [])
        for packet in packets:
            gathered[0].append(arrival_ns)
            gathered[1].append(packet)

    def look_for_keys(self, stream: int, types: KeyTypes) -> None:
        """In which of a stream's packets keys are, where they are to be hidden."""
        self._key_types[stream] = types
        if self._curtain is not None:
            self._curtain.keys.types[stream] = types

    def decide(self) -> None:
        """The veil is as it should be from the beginning on; what has come may be written."""
        if self._curtain is None:
            self._curtain = Curtain([Draw(at_ns=0, veil=self._veil)])
            self._curtain.keys.types.update(self._key_types)

    def draw(self, veil: Veil, at_ns: int) -> None:
        """From this moment on another veil holds."""
        if self._curtain is None:
            self._veil = veil
        else:
            self._released.append(self._curtain.draw(veil, at_ns))

    def flush(self, now_ns: int | None) -> bool:
        """Write what is due; False where the disk did not take it all.  None: nothing more will come."""
        if self._curtain is not None:
            gathered, self._gathered = self._gathered, {}
            data = [*self._released, *self._written(self._curtain, gathered)]
            if self._curtain.lags:
                data.append(self._curtain.release(now_ns))
            self._released = []
            if any(data):
                return self._file.append(b"".join(data))
        return self._file.append(b"") if self._file.waits else True

    def _written(self, curtain: Curtain, gathered: dict[int, tuple[list[int], list[bytes]]]) -> list[bytes]:
        if not curtain.is_open:
            return [curtain.through(stream, Content.RTP, *what) for stream, what in gathered.items()]
        return [
            write_packets(stream, Content.RTP, arrivals[at : at + MOST_PACKETS], packets[at : at + MOST_PACKETS])
            for stream, (arrivals, packets) in gathered.items()
            for at in range(0, len(packets), MOST_PACKETS)
        ]
