"""The recorder's own descriptions: the answer to an offer, and the offer to a client that came without one.

What lives here: writing.  What does not: what is taken (``agreement``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callvault.protocols.sdp.agreement import Agreement
from callvault.protocols.sdp.attributes import Direction, RecordingState, shares_rtcp
from callvault.protocols.sdp.crypto import CryptoLine
from callvault.protocols.sdp.description import Description, Media, Section
from callvault.protocols.sdp.payloads import rtpmap
from callvault.protocols.spool.journal import Payload
from callvault.protocols.srtp_keys import SrtpKey

LATE_OFFER = (
    Payload(number=0, name="PCMU", clock_rate=8000),
    Payload(number=8, name="PCMA", clock_rate=8000),
    Payload(number=9, name="G722", clock_rate=8000),
    Payload(number=18, name="G729", clock_rate=8000),
    Payload(number=101, name="TELEPHONE-EVENT", clock_rate=8000, parameters="0-16"),
)
"""What is offered to a client that offers nothing itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The ``o=`` line (RFC 8866 section 5.2), and the address of every line."""

    session: int
    version: int
    """Rises by one with each description that differs from the one before (RFC 3264 section 8)."""
    host: str

    @property
    def address(self) -> str:
        """``IN IP4 192.0.2.1``."""
        return f"IN IP{6 if ':' in self.host else 4} {self.host}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """What is ours of one line that is taken."""

    port: int
    rtcp_port: int
    key: SrtpKey | None = None
    """With which our receiver reports are protected, where the line is SRTP.

    It has no identifier, whatever the client's have: what a line says of its keys holds for packets of who wrote it
    (RFC 4568 section 7.1.2), and one key needs none."""


def write_answer(
    agreements: Sequence[Agreement], seats: Mapping[int, Seat], origin: Origin, state: RecordingState | None = None
) -> bytes:
    """The answer: every line in its order, with its label; port 0 for what is refused or has no seat.

    ``state`` is told on each line that is taken (RFC 7866 section 6.1.1), where it is given.
    """
    return _write([_answer(each, seats.get(each.stream), state) for each in agreements], origin)


def write_offer(
    lines: Sequence[tuple[str | None, Sequence[Payload]]], seats: Mapping[int, Seat], origin: Origin
) -> bytes:
    """An offer to receive: label and payload types of each line; with SRTP where its seat has a key."""
    return _write([_offered(seats[stream], label, payloads) for stream, (label, payloads) in enumerate(lines)], origin)


def _offered(seat: Seat, label: str | None, payloads: Sequence[Payload]) -> Media:
    lines = _taken(payloads, label, Direction.RECVONLY, seat, shared=False)
    if seat.key:
        lines += (("a", str(CryptoLine(tag=1, keys=(seat.key,)))),)
    return Media(
        kind="audio",
        port=seat.port,
        protocol="RTP/SAVP" if seat.key else "RTP/AVP",
        formats=tuple(str(each.number) for each in payloads),
        section=Section(lines=lines),
    )


def _write(media: Sequence[Media], origin: Origin) -> bytes:
    session = (
        ("v", "0"),
        ("o", f"callvault {origin.session} {origin.version} {origin.address}"),
        ("s", "-"),
        ("c", origin.address),
        ("t", "0 0"),
    )
    return Description(section=Section(lines=session), media=tuple(media)).write()


def _answer(agreement: Agreement, seat: Seat | None, state: RecordingState | None) -> Media:
    offered = agreement.offered
    if agreement.refusal is not None or seat is None:
        label = (("a", f"label:{agreement.label}"),) if agreement.label else ()
        return Media(
            kind=offered.kind,
            port=0,
            protocol=offered.protocol,
            formats=offered.formats[:1] or ("0",),
            section=Section(lines=label),
        )
    lines = _taken(agreement.payloads, agreement.label, agreement.direction, seat, shared=shares_rtcp(offered))
    if agreement.packet_ms:
        lines += (("a", f"ptime:{agreement.packet_ms}"),)
    if agreement.crypto and seat.key:
        lines += (("a", str(CryptoLine(tag=agreement.crypto.tag, keys=(seat.key,)))),)
    if state:
        lines += (("a", f"record:{state}"),)
    return Media(
        kind=offered.kind,
        port=seat.port,
        protocol=offered.protocol,
        formats=tuple(str(each.number) for each in agreement.payloads),
        section=Section(lines=lines),
    )


def _taken(
    payloads: Sequence[Payload], label: str | None, direction: Direction, seat: Seat, *, shared: bool
) -> tuple[tuple[str, str], ...]:
    lines: list[str] = []
    for payload in payloads:
        lines.append(rtpmap(payload))
        if payload.parameters:
            lines.append(f"fmtp:{payload.number} {payload.parameters}")
    if label:
        lines.append(f"label:{label}")
    if seat.rtcp_port == seat.port and shared:
        lines.append("rtcp-mux")
    elif seat.rtcp_port != seat.port + 1:
        lines.append(f"rtcp:{seat.rtcp_port}")
    return tuple(("a", line) for line in [*lines, direction])
