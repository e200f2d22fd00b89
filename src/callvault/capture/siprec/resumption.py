"""What a journal says of a recording session, for a successor of whoever had it: its media lines, our last version.

What does not live here: the metadata and what was told (``chronicle``).  Keys of SRTP are sealed in a journal, so lines
come without them; the client's next offer brings them again.
"""

from __future__ import annotations

import re
from dataclasses import replace

from callvault.capture.siprec.lines import LineState
from callvault.protocols.spool.journal import Exchanged, Flow, Flowed, Journal, StreamAgreed

_OURS = re.compile(r"^o=callvault [0-9]+ ([0-9]{1,18}) ", re.MULTILINE)


def lines_in(journal: Journal) -> tuple[LineState, ...]:
    """The lines as they were agreed to last; those that were never recorded stand as closed."""
    lines: dict[int, LineState] = {}
    for record in journal.records:
        if isinstance(record, StreamAgreed):
            lines[record.stream] = LineState(
                label=record.label,
                payloads=record.payloads,
                flow=lines[record.stream].flow if record.stream in lines else Flow.FLOWING,
                packet_ms=record.packet_ms,
                cname=record.cname,
                ssrc=record.ssrc,
            )
        elif isinstance(record, Flowed) and record.stream in lines:
            old = lines[record.stream]
            payloads = () if record.flow is Flow.CLOSED else old.payloads
            lines[record.stream] = replace(old, payloads=payloads, flow=record.flow)
    closed = LineState(label=None, payloads=(), flow=Flow.CLOSED)
    return tuple(lines.get(stream, closed) for stream in range(max(lines, default=-1) + 1))


def version_in(journal: Journal) -> int:
    """Of the last description that we sent; 0 where none was."""
    sent = (record.message for record in journal.records if isinstance(record, Exchanged) and record.sent)
    return max((int(version) for message in sent for version in _OURS.findall(message)), default=0)
