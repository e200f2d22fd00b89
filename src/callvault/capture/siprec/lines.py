"""The media lines of a recording session as they stand, and what a new description changes.

What lives here: states of lines, the records of a change, and what is odd about a description.  What does not: sockets
and answers (``session``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from callvault.protocols.sdp.agreement import Agreement, Refusal
from callvault.protocols.sdp.attributes import Direction, address_of, direction_of
from callvault.protocols.sdp.description import Description
from callvault.protocols.siprec.oddities import Oddity, odd
from callvault.protocols.spool.journal import Flow, Flowed, Payload, Record, StreamAgreed
from callvault.protocols.srtp_keys import SrtpKey

Seal = Callable[[Sequence[SrtpKey]], str]
"""Encrypts a line's keys under the server's master key, as ``StreamAgreed.crypto`` has it."""

WHY = {
    Refusal.NOT_AUDIO: "it is {kind}, and audio is recorded alone",
    Refusal.NO_CODEC: "none of its payload types ({formats}) can be decoded",
    Refusal.PROTOCOL: "it is {protocol}; RTP is recorded, and SRTP with keys in the SDP",
    Refusal.NO_KEY: "none of its keys for SRTP can be used",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LineState:
    """One line."""

    label: str | None
    payloads: tuple[Payload, ...]
    """Empty: it is not recorded."""
    flow: Flow
    packet_ms: int | None = None
    keys: tuple[SrtpKey, ...] = ()
    """Of what the client sends; none where it is not encrypted."""
    cname: str | None = None
    ssrc: int | None = None

    @classmethod
    def of(cls, agreement: Agreement) -> LineState:
        """What was agreed."""
        return cls(
            label=agreement.label,
            payloads=agreement.payloads,
            flow=agreement.flow,
            packet_ms=agreement.packet_ms,
            keys=agreement.crypto.keys if agreement.crypto else (),
            cname=agreement.cname,
            ssrc=agreement.ssrc,
        )

    @property
    def taken(self) -> bool:
        """Whether it is recorded."""
        return bool(self.payloads)


def changes(before: Sequence[LineState], now: Sequence[LineState], seal: Seal, at_ns: int) -> Iterator[Record]:
    """What is journalled when the lines become these; of a line that was never recorded, nothing."""
    closed = LineState(label=None, payloads=(), flow=Flow.CLOSED)
    for stream in range(max(len(before), len(now))):
        old = before[stream] if stream < len(before) else closed
        new = now[stream] if stream < len(now) else closed
        if new.taken and (not old.taken or replace(old, flow=new.flow) != new):
            yield StreamAgreed(
                at_ns=at_ns,
                stream=stream,
                label=new.label,
                payloads=new.payloads,
                packet_ms=new.packet_ms,
                crypto=seal(new.keys) if new.keys else None,
                cname=new.cname,
                ssrc=new.ssrc,
            )
        if new.flow is not old.flow:
            yield Flowed(at_ns=at_ns, stream=stream, flow=new.flow)


def description_oddities(
    offer: Description, agreements: Sequence[Agreement], before: Description | None
) -> list[Oddity]:
    """What is odd about an offer, seen by itself and after the one before."""
    found = [
        odd("line-refused", line=each.stream + 1, why=why_refused(each)) for each in agreements if each.refusal in WHY
    ]
    for each in agreements:
        if each.refusal is not None:
            continue
        place = address_of(offer, each.offered)
        direction = direction_of(offer, each.offered)
        if direction is Direction.RECVONLY:
            found.append(odd("line-receives", line=each.stream + 1))
        elif place is not None and place.unspecified and direction.sends:
            found.append(odd("held-by-address", line=each.stream + 1))
    if before is not None:
        found += _succession(before, offer)
    return found


def family_oddities(offer: Description, agreements: Sequence[Agreement], host: str) -> Iterator[Oddity]:
    """Lines that come from another family of addresses than the one that they are to be sent to."""
    ours = 6 if ":" in host else 4
    for each in agreements:
        place = address_of(offer, each.offered)
        if each.refusal is None and place is not None and not place.unspecified and place.version != ours:
            yield odd("address-family", line=each.stream + 1, theirs=place.version, ours=ours)


def why_refused(agreement: Agreement) -> str:
    """A reason for people."""
    if agreement.refusal not in WHY:
        return "it is not used"
    media = agreement.offered
    formats = ", ".join(media.formats) or "none"
    return WHY[agreement.refusal].format(kind=media.kind, formats=formats, protocol=media.protocol)


def _succession(before: Description, now: Description) -> Iterator[Oddity]:
    if len(now.media) < len(before.media):
        yield odd("lines-removed", before=len(before.media), now=len(now.media))
    old, new = _version(before), _version(now)
    if old is None or new is None:
        return
    if old == new and _without_origin(before) != _without_origin(now):
        yield odd("version-unchanged")
    elif new not in {old, old + 1}:
        yield odd("version-jumped", before=old, now=new)


def _version(description: Description) -> int | None:
    words = (description.section.first("o") or "").split()
    version = words[2] if len(words) > 2 else ""
    return int(version) if version.isascii() and version.isdigit() and len(version) < 30 else None


def _without_origin(description: Description) -> object:
    return tuple(line for line in description.section.lines if line[0] != "o"), description.media
