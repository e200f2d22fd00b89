"""A recording session asked by anything at all: an answer that fits the offer, or the promised error and no change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.errors import ProtocolError
from callvault.protocols.multipart import split_body
from callvault.protocols.sdp.attributes import label_of
from callvault.protocols.sdp.description import Description
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request
from callvault.protocols.spool.journal import Attended, Flow, Flowed, Journal, StreamAgreed, write
from tests.unit.capture.siprec.recording import Recorded, request
from tests.unit.protocols.siprec.clients import FILES

REQUESTS = [request(client, name) for client, name in FILES]
NOISE = st.sampled_from(
    [b"", b"\x00", b"\r\n", b"\xff", b"--", b"<", b">", b"&amp;", b"m=audio 9 RTP/AVP 0\r\n", b"a=inactive\r\n"]
)


@st.composite
def asked(draw: st.DrawFn) -> Request:
    """A client's request, mostly with a stretch of its body replaced, doubled or taken away, and odd header fields."""
    sent = draw(st.sampled_from(REQUESTS))
    body = sent.body
    if draw(st.booleans()):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 60)))
        body = body[:start] + draw(NOISE | st.just(body[start:end] * 2) | st.binary(max_size=9)) + body[end:]
    fields = sent.headers.fields
    if draw(st.booleans()):
        fields += ((draw(st.sampled_from(["X-A", "Session-ID", "X-Cisco-Recording-Participant"])), draw(st.text())),)
    return replace(sent, method=draw(st.sampled_from(["INVITE", "UPDATE"])), headers=Headers(fields=fields), body=body)


@settings(deadline=None)
@given(st.lists(asked(), min_size=1, max_size=4), st.booleans())
def test_whatever_is_asked_the_session_stays_whole(requests: list[Request], acknowledges: bool) -> None:
    recorded = Recorded()
    for each in requests:
        before = len(recorded.records), recorded.session.held
        hint = refused(recorded, each)
        if hint is not None:
            assert hint in {400, 413, 488}
            assert (len(recorded.records), recorded.session.held) == before
            continue
        look_at_the_answer(recorded, each)
        if acknowledges:
            recorded.acknowledge(replace(each, method="ACK"))
    look_at_the_journal(recorded)


def refused(recorded: Recorded, sent: Request) -> int | None:
    """Ask, and say with what it was refused."""
    try:
        recorded.ask(sent)
    except ProtocolError as error:
        return error.hint or 0
    return None


def look_at_the_answer(recorded: Recorded, sent: Request) -> None:
    """As many lines as were offered, in order, with their labels."""
    parts = split_body(sent.headers.first("content-type") or "", sent.body)
    offered = next((part.content for part in parts if part.media_type == "application/sdp"), None)
    if recorded.answer.body and offered is not None:
        lines = recorded.described.media
        offer = Description.parse(offered)
        assert [(line.kind, label_of(line)) for line in lines] == [(line.kind, label_of(line)) for line in offer.media]
        assert sum(line.port > 0 for line in lines) <= len(recorded.streams)


def look_at_the_journal(recorded: Recorded) -> None:
    """It can be read again, and tells of no stream that was never agreed to."""
    journal = Journal.read(b"".join(map(write, recorded.records)))
    assert journal.spoilt == 0
    assert len(journal.records) == len(recorded.records)
    agreed: set[int] = set()
    for record in journal.records:
        if isinstance(record, StreamAgreed):
            assert record.payloads
            agreed.add(record.stream)
        elif isinstance(record, Flowed):
            assert record.stream in agreed or record.flow is Flow.CLOSED
        elif isinstance(record, Attended):
            assert all(line >= 0 for each in record.participants for line in (*each.sends, *each.receives))
    Recorded(journal)
