"""What real clients send, and how it is read."""

from __future__ import annotations

import pytest

from callvault.errors import ProtocolError
from callvault.protocols.sip.address import Address
from callvault.protocols.sip.essentials import CSeq, Essentials
from callvault.protocols.sip.message import MOST_HEADERS, BadMessage, Request, parse, write
from callvault.protocols.sip.uri import Uri
from callvault.protocols.sip.via import Via
from tests.unit.protocols.sip.messages import lines, options


def test_compact_names_and_long_ones_are_the_same_field() -> None:
    request = parse(options("k: siprec", "Supported: timer, replaces"))
    assert request.headers.tags("supported") == {"siprec", "timer", "replaces"}


def test_fields_keep_their_order_and_their_spelling() -> None:
    request = parse(options("X-Second: 2", "x-first:1"))
    assert request.headers.fields[-2:] == (("X-Second", "2"), ("x-first", "1"))


def test_bare_line_feeds_end_lines_too() -> None:
    request = parse(options("Content-Length: 4", body=b"v=0\n").replace(b"\r\n", b"\n"))
    assert request.headers.first("call-id") == "a84b4c76e66710"
    assert request.body == b"v=0\n"


def test_a_datagram_without_a_length_ends_with_its_body() -> None:
    request = parse(options("Content-Type:application/sdp", body=b"v=0\r\n"))
    assert request.headers.first("content-type") == "application/sdp"
    assert request.body == b"v=0\r\n"
    assert request.oddities == ()


@pytest.mark.parametrize(
    ("length", "body", "oddity"),
    [
        (9, b"v=0\r\n", "Content-Length says 9, and the body has 5 bytes."),
        (3, b"v=0", "Content-Length says 3, and 5 bytes follow the fields."),
    ],
)
def test_a_wrong_length_in_a_datagram_is_odd_and_no_more(length: int, body: bytes, oddity: str) -> None:
    request = parse(options(f"Content-Length: {length}", body=b"v=0\r\n"))
    assert request.body == body
    assert request.oddities == (oddity,)


def test_a_line_without_a_colon_is_odd_and_passed_over() -> None:
    request = parse(options("what is this", "Subject: heard"))
    assert request.headers.first("subject") == "heard"
    assert request.oddities == ("A line among the header fields has no name and colon.",)


def test_a_carriage_return_in_a_value_ends_nothing_when_it_is_written_again() -> None:
    request = parse(options("Subject: a\rInjected: b"))
    assert request.headers.first("injected") is None
    assert b"Subject: a Injected: b\r\n" in write(request)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"hello",
        b"SIP/2.0",
        b"\x80" * 40,
    ],
)
def test_what_is_no_sip_deserves_no_answer(garbage: bytes) -> None:
    with pytest.raises(BadMessage) as caught:
        parse(garbage)
    assert caught.value.hint is None


def test_a_refusal_can_find_its_way_although_the_request_is_bad() -> None:
    with pytest.raises(BadMessage) as caught:
        parse(options().replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1))
    assert caught.value.hint == 505
    assert caught.value.request is not None
    assert Essentials.of(caught.value.request).call_id == "a84b4c76e66710"


def test_a_thousand_header_fields_are_too_many() -> None:
    with pytest.raises(BadMessage, match=f"more than {MOST_HEADERS} header fields") as caught:
        parse(options(*["X-More: again"] * 1000))
    assert caught.value.hint == 513


def test_what_is_written_has_the_length_of_its_body() -> None:
    request = parse(options("l: 0"))
    assert isinstance(request, Request)
    grown = Request(method="OPTIONS", uri="sip:a@b", headers=request.headers, body=b"12345")
    assert write(grown).endswith(b"\r\nContent-Length: 5\r\n\r\n12345")
    assert b"l: 0" not in write(grown)


@pytest.mark.parametrize("field", ["From", "To", "Call-ID", "CSeq", "Via"])
def test_each_essential_field_is_missed_by_its_name(field: str) -> None:
    without = b"\r\n".join(line for line in options().split(b"\r\n") if not line.startswith(field.encode()))
    with pytest.raises(ProtocolError, match=f"has no {field}"):
        Essentials.of(parse(without))


def test_a_field_that_stands_twice_and_says_the_same_is_one() -> None:
    assert Essentials.of(parse(options("Call-ID: a84b4c76e66710"))).call_id == "a84b4c76e66710"
    with pytest.raises(ProtocolError, match="more than one Call-ID"):
        Essentials.of(parse(options("Call-ID: another")))


@pytest.mark.parametrize("text", ["", "1", "INVITE 1", "-1 INVITE", "1 INVITE x", "4294967296 INVITE", "1 INV ITE"])
def test_a_cseq_is_a_number_and_a_method(text: str) -> None:
    with pytest.raises(ProtocolError):
        CSeq.parse(text)


def test_parameters_without_brackets_are_the_fields_own() -> None:
    address = Address.parse("sip:alice@example.net;tag=88;x=y")
    assert address.uri == "sip:alice@example.net"
    assert address.tag == "88"


@pytest.mark.parametrize(
    ("text", "display", "uri"),
    [
        ('"Bell, A. \\"Alex\\"" <sip:a@b>', 'Bell, A. "Alex"', "sip:a@b"),
        ("Alice Bell<sip:a@b>", "Alice Bell", "sip:a@b"),
        ("< sip:a@b >", "", "sip:a@b"),
        ('"" <tel:+15550100>', "", "tel:+15550100"),
    ],
)
def test_display_names_in_all_their_forms(text: str, display: str, uri: str) -> None:
    address = Address.parse(text)
    assert (address.display, address.uri) == (display, uri)
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize("text", ["", "<>", "<sip:a@b", '"Alice', '"Alice" sip:a@b'])
def test_an_address_that_is_none_says_so(text: str) -> None:
    with pytest.raises(ProtocolError):
        Address.parse(text)


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:alice@example.net", "alice", "example.net", None),
        ("SIPS:example.net:5061;transport=TLS", None, "example.net", 5061),
        ("sip:a@[2001:db8::7]:5070", "a", "2001:db8::7", 5070),
        ("sip:user;par=u%40example.net@example.com", "user;par=u%40example.net", "example.com", None),
        ("sip:a@example.com?Route=%3Csip:x%3E", "a", "example.com", None),
    ],
)
def test_a_uri_in_its_parts(text: str, user: str | None, host: str, port: int | None) -> None:
    uri = Uri.parse(text)
    assert (uri.user, uri.host, uri.port) == (user, host, port)


@pytest.mark.parametrize("text", ["", "alice", "sip:", "sip:a@", "sip:a@b:0", "sip:a@b:65536", "sip:a@b:x", ":a"])
def test_a_uri_that_is_none_says_so(text: str) -> None:
    with pytest.raises(ProtocolError):
        Uri.parse(text)


def test_a_hop_is_noted_as_its_receiver_saw_it() -> None:
    asked = Via.parse("SIP/2.0/UDP 10.0.0.7:5062;rport;branch=z9hG4bKx")
    assert str(asked.received_from("192.0.2.7", 40000)) == (
        "SIP/2.0/UDP 10.0.0.7:5062;rport=40000;branch=z9hG4bKx;received=192.0.2.7"
    )
    plain = Via.parse("SIP/2.0/TCP 192.0.2.7;branch=z9hG4bKx")
    assert plain.received_from("192.0.2.7", 40000) == plain


@pytest.mark.parametrize(
    "text", ["", "UDP 192.0.2.7", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=z9hG4bKx", "SIP/2.0 1.2.3.4"]
)
def test_a_hop_that_is_none_says_so(text: str) -> None:
    with pytest.raises(ProtocolError):
        Via.parse(text)


def test_a_version_6_hop_is_read_with_brackets_and_without() -> None:
    for text in ("SIP/2.0/TLS [2001:db8::7]:5061;branch=z9hG4bKx", "SIP/2.0/TLS 2001:db8::7;branch=z9hG4bKx"):
        assert Via.parse(text).host == "2001:db8::7"


def test_a_multipart_type_keeps_its_quotation_marks() -> None:
    value = 'multipart/mixed;boundary="a b=c"'
    assert parse(lines("OPTIONS sip:a@b SIP/2.0", f"Content-Type: {value}")).headers.first("content-type") == value
