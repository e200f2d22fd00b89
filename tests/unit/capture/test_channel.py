"""The channel between processes of the capture: whole messages in order, open sockets, and nobody who waits."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from callvault.capture.channel import MOST_DESCRIPTORS, Channel, ChannelClosed


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    one, other = map(Channel, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    yield one, other
    one.close()
    other.close()


def test_messages_and_sockets_arrive_together(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
        media.bind(("127.0.0.1", 0))
        one.send({"do": "put"}, [media.fileno()] * MOST_DESCRIPTORS)
        one.send({"do": "stop"})
        first = other.receive()
        assert first is not None
        message, descriptors = first
        assert (message, len(descriptors)) == ({"do": "put"}, MOST_DESCRIPTORS)
        with socket.socket(fileno=descriptors[0]) as same:
            assert same.getsockname() == media.getsockname()
            assert not os.get_inheritable(descriptors[0])
        for each in descriptors[1:]:
            os.close(each)
    assert other.receive() == ({"do": "stop"}, [])
    assert other.receive() is None


def test_whoever_does_not_read_keeps_nobody_waiting(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    said = 0
    while not one.waits:
        one.send({"number": said, "filling": "x" * 10_000})
        said += 1
    one.send({"number": said})
    heard = 0
    while heard <= said:
        one.flush()
        found = other.receive()
        assert found is not None
        assert found[0]["number"] == heard
        heard += 1
    assert not one.waits


def test_both_ways_end_with_the_other_side(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    other.send({"last": "words"})
    other.close()
    assert one.receive() == ({"last": "words"}, [])
    with pytest.raises(ChannelClosed):
        one.receive()
    with pytest.raises(ChannelClosed):
        one.send({"to": "nobody"})
