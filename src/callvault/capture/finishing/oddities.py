"""What is found out about a call when it is finished, and an operator is told of: one code and one sentence each.

The codes are stable, since programs may look for them.  What does not live here: what a client says otherwise than it
should (``protocols.siprec.oddities``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from callvault.capture.finishing.stream import StreamSound
from callvault.model.capture import Oddity, StreamQuality
from callvault.protocols.spool.batch import Damage
from callvault.protocols.spool.journal import Journal, Reason

SENTENCES: Mapping[str, str] = {
    "stream-silent": "Stream {number} was announced, but no packet came.",
    "packets-unreadable": "Of stream {number}, {packets} packets came that could not be read.",
    "packets-dropped": (
        "Of stream {number}, {packets} packets reached this machine and are lost: it was too busy to take them."
    ),
    "key-unknown": (
        "Of stream {number}, {packets} packets name a master key (MKI) that its session description has not."
    ),
    "key-worn": "A key of stream {number} was told to be good for {lifetime} packets, and {packets} came under it.",
    "spool-damaged": "{size} bytes of the spool could not be read: {why}",
    "journal-damaged": "{lines} lines of the journal could not be read.",
    "interrupted": "The server went down during the call; what had come until then is here.",
}


def odd(code: str, **words: object) -> Oddity:
    """The oddity of this code, with the words that its sentence asks for."""
    return Oddity(at_ms=0, code=code, sentence=SENTENCES[code].format_map(words))


def of_drops(qualities: Sequence[StreamQuality]) -> Iterator[Oddity]:
    """What the kernel had no room for."""
    for quality in qualities:
        if quality.dropped:
            yield odd("packets-dropped", number=quality.stream + 1, packets=quality.dropped)


def of_stream(number: int, stream: StreamSound) -> Iterator[Oddity]:
    """What came of a stream, or did not.  ``number``: from 1."""
    unknown = stream.unknown_keys
    if not stream.came and not stream.unreadable:
        yield odd("stream-silent", number=number)
    elif stream.unreadable > unknown:
        yield odd("packets-unreadable", number=number, packets=stream.unreadable)
    if unknown:
        yield odd("key-unknown", number=number, packets=unknown)
    for lifetime, packets in stream.worn:
        yield odd("key-worn", number=number, lifetime=lifetime, packets=packets)


def of_files(journal: Journal, damages: Sequence[Damage]) -> Iterator[Oddity]:
    """What became of a take's files."""
    for damage in damages:
        yield odd("spool-damaged", size=damage.size_bytes, why=damage.sentence)
    if journal.spoilt:
        yield odd("journal-damaged", lines=journal.spoilt)
    if journal.ended is not None and journal.ended.reason is Reason.INTERRUPTED:
        yield odd("interrupted")
