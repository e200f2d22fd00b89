"""The client reads what recorders write, well or badly, and answers as RFC 3261 has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.caller import answer, digest, messages, rtcp, rtpdump
from callvault.caller.digest import Credentials
from callvault.caller.transport import Destination, destination
from callvault.errors import BadRequest, ProtocolError

OK = (
    b"SIP/2.0 200 Fine\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;rport\r\nFROM : <sip:a@b;lr>;tag=1\r\n"
    b't: "To;tag=no" <sip:c@d;tag=no>\r\n ;tag=2\r\nCall-ID: x\r\nCSeq: 7 INVITE\r\n'
    b"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\nl: 3\r\n\r\nabc"
)


def test_a_response_is_read_with_short_names_folds_and_quotes() -> None:
    message = messages.parse(OK)
    assert (message.status, message.reason, message.method, message.cseq) == (200, "Fine", "INVITE", 7)
    assert message.branch == "z9hG4bKa"
    assert messages.parameter(message.get("from"), "tag") == "1"
    assert messages.parameter(message.get("to"), "tag") == "2"
    assert messages.uri(message.get("from")) == "sip:a@b;lr"
    assert message.every("record-route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert message.body == b"abc"


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.integers(1, 30))
def test_a_stream_is_cut_the_same_however_it_comes(bodies: list[bytes], size: int) -> None:
    whole = [b"BYE sip:a SIP/2.0\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies]
    stream, held, found = b"\r\n\r\n".join(whole), b"", []
    for start in range(0, len(stream), size):
        held += stream[start : start + size]
        while True:
            message, held = messages.cut(held)
            if message is None:
                break
            found.append(message)
    assert found == whole


def test_what_does_not_begin_like_sip_is_refused() -> None:
    with pytest.raises(ProtocolError, match="begins with a request or a status line"):
        messages.parse(b"GET / HTTP/1.1\r\n\r\n")


def test_an_answer_repeats_what_it_has_to() -> None:
    request = messages.parse(
        b"BYE sip:a SIP/2.0\r\nVia: one\r\nVia: two\r\nFrom: f\r\nTo: t\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n"
    )
    assert messages.respond(request, 200, "OK", to_tag="x") == (
        b"SIP/2.0 200 OK\r\nVia: one\r\nVia: two\r\nFrom: f\r\nTo: t;tag=x\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


def test_digest_answers_are_those_of_rfc_2617_and_rfc_7616() -> None:
    """The RFCs' own examples: section 3.5 of the one, 3.9.1 of the other."""
    asked = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    said = digest.authorise(
        asked, Credentials(user="Mufasa", password="Circle Of Life"), method="GET", uri="/dir/index.html",
        cnonce="0a4f113b",
    )  # fmt: skip
    assert 'response="6629fae49393a05397450978507c4ef1"' in said
    asked = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    said = digest.authorise(
        asked, Credentials(user="Mufasa", password="Circle of Life"), method="GET", uri="/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )  # fmt: skip
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in said


def test_the_first_challenge_that_is_understood_is_answered() -> None:
    assert digest.strongest(['Digest algorithm=X-NEW, nonce="a"', 'Digest algorithm=MD5, nonce="b"']) == (
        'Digest algorithm=MD5, nonce="b"'
    )
    assert digest.strongest(['Digest algorithm=X-NEW, nonce="a"']) is None


def test_an_answers_lines_are_read_with_what_they_inherit() -> None:
    lines = answer.read(
        b"v=0\nc=IN IP4 192.0.2.9\na=recvonly\nm=audio 4000 RTP/SAVP 0 111\na=rtpmap:111 opus/48000/2\na=label:7\n"
        b"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:x\na=rtcp-mux\nm=audio 4002/2 RTP/AVP 8\n"
        b"c=IN IP6 ::1\na=rtcp:5000\n"
        b"a=inactive\nm=video 0 RTP/AVP 97\n"
    )
    first, second, third = lines
    assert (first.host, first.port, first.rtcp_port, first.crypto_tag) == ("192.0.2.9", 4000, 4000, 2)
    assert (first.label, first.direction, first.encodings) == (
        "7",
        "recvonly",
        ((0, "PCMU/8000"), (111, "opus/48000/2")),
    )
    assert (second.host, second.port, second.rtcp_port, second.direction) == ("::1", 4002, 5000, "inactive")
    assert (third.kind, third.port) == ("video", 0)


def test_what_is_no_description_is_refused() -> None:
    with pytest.raises(ProtocolError, match="no session description"):
        answer.read(b"hello")


@pytest.mark.parametrize(
    ("uri", "transport", "leads"),
    [
        ("sip:archive.example.net", None, ("archive.example.net", 5060, "udp")),
        ("sip:rec@192.0.2.1:5070;transport=TCP", None, ("192.0.2.1", 5070, "tcp")),
        ("sips:rec@archive.example.net", None, ("archive.example.net", 5061, "tls")),
        ("sip:[2001:db8::1]:5080", "tls", ("2001:db8::1", 5080, "tls")),
    ],
)
def test_a_uri_leads_to_a_place(uri: str, transport: str | None, leads: tuple[str, int, str]) -> None:
    host, port, way = leads
    assert destination(uri, transport) == Destination(host=host, port=port, transport=way)


@pytest.mark.parametrize(
    ("uri", "says"), [("archive:5060", "no SIP URI"), ("sip:a;transport=sctp", "no transport 'sctp'")]
)
def test_a_uri_that_leads_nowhere_is_refused(uri: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        destination(uri)


def test_a_report_says_the_time_by_both_clocks() -> None:
    octets = rtcp.sender_report(1, unix_s=0.5, timestamp=160, packets=3, octets=480) + rtcp.source_description(1, "a@b")
    assert octets == bytes.fromhex(
        "80c80006 00000001 83aa7e80 80000000 000000a0 00000003 000001e0 81ca0003 00000001 01036140 62000000"
    )


def test_a_dump_is_what_rtptools_read() -> None:
    octets = rtpdump.dump([(0.02, b"abcd")], began_s=1.5, host="192.0.2.1", port=4000)
    assert octets == (
        b"#!rtpplay1.0 192.0.2.1/4000\n"
        + bytes.fromhex("00000001 0007a120 c0000201 0fa0 0000")
        + bytes.fromhex("000c 0004 00000014")
        + b"abcd"
    )
