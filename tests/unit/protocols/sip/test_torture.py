"""RFC 4475's torture messages: what is read of each, and with what hint the others are turned away.

Where the RFC leaves a choice between refusing and being liberal, a recorder is liberal: a refused call is lost.
"""

from __future__ import annotations

import pytest

from callvault.errors import ProtocolError
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.framing import StreamFramer
from callvault.protocols.sip.message import BadMessage, Request, Response, parse, write
from tests.unit.protocols.sip.messages import TORTURE

REFUSED = {
    "ncl": 400,
    "scalar02": 400,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "insuf": 400,
    "multi01": 400,
    "mcl01": 400,
    "bigcode": None,
    "scalarlg": 400,
}
"""By name, and with the status that the protocol has for it; None where nobody is to be answered."""

UNFRAMEABLE = {"ncl", "mcl01"}
"""In a stream nobody knows where these end."""

READ = sorted(TORTURE.keys() - REFUSED.keys())


def test_there_is_a_message_for_each_of_the_rfcs() -> None:
    assert len(TORTURE) == 49


@pytest.mark.parametrize("name", READ)
def test_what_can_be_understood_is(name: str) -> None:
    message = parse(TORTURE[name])
    essentials = Essentials.of(message)
    assert essentials.call_id
    assert message.raw == TORTURE[name]


@pytest.mark.parametrize(("name", "hint"), REFUSED.items())
def test_what_cannot_be_is_turned_away(name: str, hint: int | None) -> None:
    with pytest.raises(ProtocolError) as caught:
        Essentials.of(parse(TORTURE[name]))
    assert caught.value.hint == hint


@pytest.mark.parametrize("name", READ)
def test_a_message_that_was_read_and_written_says_the_same(name: str) -> None:
    first = parse(TORTURE[name])
    second = parse(write(first))
    assert second.start_line == first.start_line
    assert second.body == first.body
    assert without_length(second) == without_length(first)


def without_length(message: Request | Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in message.headers if name.lower() not in {"content-length", "l"}]


@pytest.mark.parametrize("name", sorted(TORTURE.keys() - UNFRAMEABLE - {"clerr", "dblreq"}))
def test_a_stream_gives_it_back_whole_byte_by_byte_and_with_junk_behind_it(name: str) -> None:
    wire = TORTURE[name]
    assert StreamFramer().receive(wire) == [wire]
    framer = StreamFramer()
    assert [piece for octet in wire[:-1] for piece in framer.receive(bytes([octet]))] == []
    assert framer.receive(wire[-1:]) == [wire]
    framer = StreamFramer()
    assert framer.receive(wire + b"junk") == [wire]
    assert framer.waiting_bytes == len(b"junk")


@pytest.mark.parametrize("name", sorted(UNFRAMEABLE))
def test_a_stream_ends_where_nobody_knows_how_long_a_message_is(name: str) -> None:
    with pytest.raises(BadMessage):
        StreamFramer().receive(TORTURE[name])


def test_a_body_that_does_not_come_is_waited_for() -> None:
    framer = StreamFramer()
    assert framer.receive(TORTURE["clerr"]) == []
    assert framer.waiting_bytes == len(TORTURE["clerr"])


def test_two_requests_in_a_stream_are_two_and_in_a_datagram_the_second_is_nothing() -> None:
    first, second = StreamFramer().receive(TORTURE["dblreq"])
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    assert second.startswith(b"INVITE")
    assert parse(TORTURE["dblreq"]).body == b""


def test_the_short_tortuous_invite_is_understood_to_its_last_field() -> None:
    request = parse(TORTURE["wsinv"])
    assert isinstance(request, Request)
    essentials = Essentials.of(request)
    assert essentials.cseq.number == 9
    assert essentials.to.tag == "1918181833n"
    assert essentials.from_.display == 'J Rosen \\"'
    assert essentials.via.host == "192.0.2.2"
    assert essentials.via.branch is None  # that of a client older than RFC 3261
    assert len(request.headers.listed("via")) == 3
    assert request.headers.first("newfangledheader") == "newfangled value continued newfangled value"
    assert request.headers.first("subject") == ""
    assert len(request.body) == int(request.headers.first("content-length") or "")


def test_a_cookie_without_anything_behind_it_names_no_transaction() -> None:
    assert Essentials.of(parse(TORTURE["badbranch"])).via.branch is None


def test_bytes_that_are_no_utf_8_come_back_as_they_were() -> None:
    request = parse(TORTURE["intmeth"].replace("大".encode(), b"\xff\xfe"))
    assert b"\xff\xfe" in write(request)
