"""Streams cut into messages: keep-alives, lengths, and what hostile ones may cost."""

from __future__ import annotations

import pytest

from callvault.protocols.sip.framing import KeepAlive, StreamFramer
from callvault.protocols.sip.message import BadMessage
from tests.unit.protocols.sip.messages import options


def test_messages_follow_one_another_however_the_stream_is_cut() -> None:
    one, two = options("Content-Length: 3", body=b"abc"), options("l: 0")
    wire = one + two + one
    for size in (1, 2, 3, 7, 100, len(wire)):
        framer = StreamFramer()
        pieces = [piece for start in range(0, len(wire), size) for piece in framer.receive(wire[start : start + size])]
        assert pieces == [one, two, one]
        assert framer.waiting_bytes == 0


def test_a_double_line_end_between_messages_wants_a_pong() -> None:
    message = options("Content-Length: 0")
    assert StreamFramer().receive(b"\r\n\r\n" + message) == [KeepAlive(), message]
    framer = StreamFramer()
    assert [piece for octet in b"\r\n\r\n" for piece in framer.receive(bytes([octet]))] == [KeepAlive()]


def test_a_single_line_end_before_a_message_says_nothing() -> None:
    message = options("Content-Length: 0")
    assert StreamFramer().receive(b"\r\n" + message) == [message]
    assert StreamFramer().receive(b"\n\n\n" + message) == [message]


def test_a_length_on_a_folded_line_counts() -> None:
    message = options("Content-Length:\r\n 3", body=b"abc")
    assert StreamFramer().receive(message + b"x") == [message]


@pytest.mark.parametrize("length", ["-1", "abc", "", "1e3", "0x10", "99999999999999999999999"])
def test_a_length_that_is_none_ends_the_stream(length: str) -> None:
    with pytest.raises(BadMessage):
        StreamFramer().receive(options(f"Content-Length: {length}"))


def test_two_lengths_that_differ_end_the_stream() -> None:
    with pytest.raises(BadMessage):
        StreamFramer().receive(options("Content-Length: 1", "l: 2", body=b"ab"))


def test_a_body_beyond_the_limit_is_refused_before_it_comes() -> None:
    with pytest.raises(BadMessage) as caught:
        StreamFramer(most_body_bytes=100).receive(options("Content-Length: 101"))
    assert caught.value.hint == 513


def test_a_head_that_never_ends_is_given_up_at_the_limit() -> None:
    framer = StreamFramer(most_head_bytes=1000)
    framer.receive(b"INVITE sip:a@b SIP/2.0\r\nX: " + b"y" * 900)
    with pytest.raises(BadMessage):
        framer.receive(b"y" * 200)
    assert framer.waiting_bytes <= 1200
