"""The recording session (RFC 7866): what a client's requests ask for becomes sockets, answers and journal records.

What lives here: the state from one request to the next, sans-IO: time, randomness and the cipher are handed in.  What
does not: the dialog (``live_call``), reading (``protocols.sdp``, ``protocols.siprec``), the sockets (``capture.gate``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from callvault.capture.aim import Aim
from callvault.capture.gate import Opened, Opening
from callvault.capture.siprec.chronicle import Chronicle
from callvault.capture.siprec.conversation import Agreed
from callvault.capture.siprec.lines import LineState, Seal, changes, description_oddities, family_oddities, why_refused
from callvault.capture.siprec.request_body import SDP, RequestBody, read_request, refusals
from callvault.capture.siprec.resumption import lines_in, version_in
from callvault.errors import ProtocolError
from callvault.protocols.sdp.agreement import Agreement, agree, flow_of
from callvault.protocols.sdp.answer import LATE_OFFER, Origin, Seat, write_answer, write_offer
from callvault.protocols.sdp.attributes import (
    RecordingState,
    label_of,
    packet_ms_of,
    rtcp_place_of,
    shares_rtcp,
    source_of,
)
from callvault.protocols.sdp.crypto import crypto_of
from callvault.protocols.sdp.description import Description
from callvault.protocols.sdp.payloads import VOICES, recorded
from callvault.protocols.sip.message import Request
from callvault.protocols.siprec.oddities import Oddity, odd
from callvault.protocols.spool.journal import Flow, Journal, Record
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey

Aims = Mapping[int, Aim | None]
"""Where receiver reports go, by stream."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What a session is put into."""

    number: int
    """The session's number in our ``o=`` lines."""
    host: str
    """The address of ours that clients are told to send to."""
    listen_host: str
    """The address of ours that sockets are bound to."""
    seal: Seal
    entropy: Callable[[int], bytes]
    """So many random octets."""
    voices: Collection[str] = VOICES
    """The encodings that are recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Proposal:
    """A request that was read and is not answered yet."""

    body: RequestBody
    agreements: tuple[Agreement, ...] | None
    """None: it has no description."""
    offers: bool
    """Whether we have to make the offer."""
    aware: bool
    requires: bool
    """Whether it has ``Require: siprec``."""


class RecordingSession:
    """One recording session, as ``conversation.Conversation`` has it."""

    def __init__(self, setting: Setting, journal: Journal | None = None) -> None:
        """``journal``: what is known of it already, where a predecessor had it."""
        self.state = RecordingState.ON
        """What those are told who ask whether they are recorded (RFC 7866 section 6.1.1)."""
        self._setting = setting
        self._chronicle = Chronicle()
        self._lines: tuple[LineState, ...] = ()
        self._seats: dict[int, Opened] = {}
        self._keys: dict[int, SrtpKey] = {}
        self._aims: dict[int, Aim | None] = {}
        self._offer: Description | None = None
        self._written = b""
        self._version = 0
        self._proposal: _Proposal | None = None
        self._begun = journal is not None
        self._awaits_answer = False
        if journal is not None:
            self._chronicle.resume(journal)
            self._lines = lines_in(journal)
            self._version = version_in(journal)

    @property
    def held(self) -> bool:
        """Whether no stream is meant to flow just now."""
        taken = [line for line in self._lines if line.taken]
        return bool(taken) and all(line.flow is not Flow.FLOWING for line in taken)

    def propose(self, request: Request) -> Sequence[Opening]:
        """Read an INVITE or UPDATE; the sockets that it needs and that are not open yet.

        Raises:
            ProtocolError: it cannot be read, or nothing of it can be recorded; the session stays as it was.
        """
        body = read_request(request)
        agreements = agree(body.description, self._setting.voices) if body.description else None
        taken = [each for each in agreements or () if each.refusal is None]
        if agreements is not None and not taken and not self._begun:
            raise refusals(
                [f"media line {each.stream + 1}: {why_refused(each)}" for each in agreements] or ["no media line"]
            )
        offers = agreements is None and request.method == "INVITE"
        aware = "record-aware" in request.headers.tags("supported")
        requires = "siprec" in request.headers.tags("require")
        self._proposal = _Proposal(body=body, agreements=agreements, offers=offers, aware=aware, requires=requires)
        return [
            Opening(stream=stream, host=self._setting.listen_host, shared_rtcp=shared)
            for stream, shared in self._wanted(taken, offers=offers)
            if stream not in self._seats
        ]

    def agree(self, opened: Mapping[int, Opened], at_ns: int) -> Agreed:
        """Answer what was proposed, with these sockets added."""
        proposal = self._proposal
        if proposal is None:
            return Agreed()
        self._proposal = None
        self._seats |= opened
        before, oddities = self._lines, [*self._first_oddities(proposal)]
        body = b""
        aims: Aims = {}
        if proposal.agreements is not None and proposal.body.description is not None:
            oddities += description_oddities(proposal.body.description, proposal.agreements, self._offer)
            oddities += family_oddities(proposal.body.description, proposal.agreements, self._setting.host)
            self._lines = tuple(LineState.of(each) for each in proposal.agreements)
            self._offer = proposal.body.description
            body = self._answer(proposal)
            aims = self._new_aims(self._offer)
        elif proposal.offers:
            if not any(line.taken for line in self._lines):
                self._lines = (LineState(label="1", payloads=LATE_OFFER, flow=Flow.FLOWING),)
            body = self._late_offer()
            self._awaits_answer = True
        self._begun = True
        records = [*changes(before, self._lines, self._setting.seal, at_ns)]
        records += self._chronicle.learn(proposal.body, self._lines, _preferences(proposal.body), at_ns)
        records += self._chronicle.complain(oddities, at_ns)
        return Agreed(
            content_type=SDP if body else "",
            body=body,
            records=tuple(records),
            aims=aims,
            closed=self._let_go(before),
        )

    def acknowledged(self, request: Request, at_ns: int) -> Agreed:
        """The ACK came; it may carry the answer to an offer of ours."""
        if not self._awaits_answer:
            return Agreed()
        self._awaits_answer = False
        try:
            body = read_request(request)
        except ProtocolError as error:
            return self._unanswered(odd("answer-unreadable", why=error), at_ns)
        if body.description is None:
            return self._unanswered(odd("answer-missing"), at_ns)
        before = self._lines
        self._lines = tuple(self._answered(body.description, stream, line) for stream, line in enumerate(before))
        records: list[Record] = [*changes(before, self._lines, self._setting.seal, at_ns)]
        records += self._chronicle.learn(body, self._lines, {}, at_ns)
        return Agreed(records=tuple(records), aims=self._new_aims(body.description), closed=self._let_go(before))

    def _unanswered(self, oddity: Oddity, at_ns: int) -> Agreed:
        return Agreed(records=tuple(self._chronicle.complain([oddity], at_ns)))

    def _wanted(self, taken: Sequence[Agreement], *, offers: bool) -> Iterator[tuple[int, bool]]:
        """Streams that need sockets, and whether RTCP comes to the same port."""
        if offers:
            lines = [stream for stream, line in enumerate(self._lines) if line.taken] or [0]
            yield from ((stream, False) for stream in lines)
        else:
            yield from ((each.stream, shares_rtcp(each.offered)) for each in taken)

    def _first_oddities(self, proposal: _Proposal) -> Iterator[Oddity]:
        if self._begun:
            return
        if proposal.offers:
            yield odd("description-missing")
        if proposal.body.told is None:
            yield odd("metadata-missing")
        elif not proposal.requires:
            yield odd("siprec-not-required")

    def _answer(self, proposal: _Proposal) -> bytes:
        agreements = proposal.agreements or ()
        seats = {
            each.stream: self._seat(each.stream, each.crypto.suite if each.crypto else None)
            for each in agreements
            if each.refusal is None
        }
        told = proposal.aware or bool(_preferences(proposal.body))
        state = self.state if told else None
        return self._versioned(lambda origin: write_answer(agreements, seats, origin, state))

    def _late_offer(self) -> bytes:
        """Of the lines as they are; a line that is not used any more keeps its place."""
        lines = [(line.label, line.payloads or LATE_OFFER[:1]) for line in self._lines]
        closed = Seat(port=0, rtcp_port=1)
        seats = {
            stream: self._seat(stream, line.keys[0].suite if line.keys else None) if line.taken else closed
            for stream, line in enumerate(self._lines)
        }
        return self._versioned(lambda origin: write_offer(lines, seats, origin))

    def _seat(self, stream: int, suite: str | None) -> Seat:
        opened = self._seats[stream]
        if suite is not None and (stream not in self._keys or self._keys[stream].suite != suite):
            self._keys[stream] = SrtpKey(suite=suite, secret=self._setting.entropy(KEY_BYTES[suite]))
        key = self._keys[stream] if suite is not None else None
        return Seat(port=opened.port, rtcp_port=opened.rtcp_port, key=key)

    def _versioned(self, write: Callable[[Origin], bytes]) -> bytes:
        """Our description; its version rises where it is not what we said last."""
        setting = self._setting
        last = Origin(session=setting.number, version=self._version, host=setting.host)
        if not self._written or write(last) != self._written:
            self._version += 1
            self._written = write(replace(last, version=self._version))
        return self._written

    def _new_aims(self, description: Description) -> Aims:
        """Where reports of streams go that went elsewhere before, or under another key."""
        now = {
            stream: self._aim(stream, rtcp_place_of(description, media))
            for stream, media in enumerate(description.media)
            if stream < len(self._lines) and self._lines[stream].taken
        }
        changed = {stream: aim for stream, aim in now.items() if self._aims.get(stream) != aim}
        self._aims.update(now)
        return changed

    def _aim(self, stream: int, place: tuple[str, int] | None) -> Aim | None:
        """None where reports would have to be encrypted, and nobody was told a key of ours."""
        theirs, key = self._lines[stream].keys, self._keys.get(stream)
        if place is None or not theirs:
            return Aim(host=place[0], port=place[1]) if place else None
        return Aim.secure(place, key, theirs) if key is not None else None

    def _let_go(self, before: Sequence[LineState]) -> tuple[int, ...]:
        """Streams whose sockets are not needed any more, a predecessor's too."""
        open_before = {stream for stream, line in enumerate(before) if line.taken} | self._seats.keys()
        closed = open_before - {stream for stream, line in enumerate(self._lines) if line.taken}
        for stream in closed:
            self._seats.pop(stream, None)
            self._aims.pop(stream, None)
        return tuple(sorted(closed))

    def _answered(self, answer: Description, stream: int, line: LineState) -> LineState:
        """A line of our own offer as the client's answer has it."""
        if not line.taken or stream >= len(answer.media):
            return line
        media = answer.media[stream]
        payloads = recorded(media, self._setting.voices) or line.payloads
        source = source_of(media)
        crypto = crypto_of(media)
        flow = flow_of(answer, media)
        return LineState(
            label=label_of(media) or line.label,
            payloads=payloads if flow is not Flow.CLOSED else (),
            flow=flow,
            packet_ms=packet_ms_of(media),
            keys=crypto.keys if crypto and line.keys else line.keys,
            cname=source.cname if source else None,
            ssrc=source.ssrc if source else None,
        )


def _preferences(body: RequestBody) -> dict[str, Any]:
    """What the recorded say of being recorded (RFC 7866 section 6.1.2): kept, and not obeyed by ourselves."""
    if body.description is None:
        return {}
    sections = [body.description.section, *(media.section for media in body.description.media)]
    wishes = [wish for section in sections for wish in section.attributes("recordpref") if wish]
    return {"recordpref": wishes[0]} if wishes else {}
