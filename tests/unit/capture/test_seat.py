"""A seat: what a worker that takes over is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from uuid import UUID

import pytest

from callvault.capture.channel import Channel, Message
from callvault.capture.gate import (
    OPEN,
    OPEN_VEIL,
    USUAL_KEYS,
    Draw,
    KeyTypes,
    Veil,
    VeilState,
    read_draws,
    read_key_types,
)
from callvault.capture.seat import Held, Seat, Sitter

PLAIN, PECULIAR = UUID(int=7 << 76), UUID(int=(7 << 76) + (1 << 80))
EVENTS = KeyTypes(events=(101,), tones=())
MASKED = [Draw(at_ns=0, veil=OPEN_VEIL), Draw(at_ns=5, veil=Veil(state=VeilState.MASKED, prebuffer_ms=3))]


@pytest.fixture
def seat() -> Iterator[Seat]:
    """With a take like most, and one of which something else is wanted."""
    seat = Seat(0)
    opened = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for take, keys, media in ((PLAIN, USUAL_KEYS, opened[0]), (PECULIAR, EVENTS, opened[1])):
        seat.held[take] = {1: Held(socket=media, port=10_000, host=None, keys=keys)}
    seat.veils = {PLAIN: [Draw(at_ns=0, veil=OPEN_VEIL)], PECULIAR: MASKED}
    yield seat
    for media in opened:
        media.close()


async def told(seat: Seat) -> list[Message]:
    """What whoever sits down hears."""
    ours, theirs = map(Channel, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    sitter = Sitter(ours, lambda *_: None)
    seat.sit(sitter)
    heard = []
    while (each := theirs.receive()) is not None:
        heard.append(each[0])
        for descriptor in each[1]:
            socket.close(descriptor)
    sitter.let_go()
    theirs.close()
    return heard


async def test_it_is_given_the_memory_then_the_sockets_and_begins_when_it_has_everything(seat: Seat) -> None:
    assert [each["do"] for each in await told(seat)] == ["arena", "put", "begin"]


async def test_it_knows_which_veils_are_drawn_and_which_keys_are_looked_for(seat: Seat) -> None:
    (put,) = [each for each in await told(seat) if each["do"] == "put"]
    keys = {UUID(name): read_key_types(written) for name, *_, written in put["sockets"]}
    draws = {UUID(name): read_draws(written) for name, written in put["veils"].items()}
    assert keys == {PLAIN: USUAL_KEYS, PECULIAR: EVENTS}
    assert (draws.get(PLAIN, OPEN), draws.get(PECULIAR, OPEN)) == (OPEN, MASKED)


async def test_what_nearly_all_takes_have_in_common_is_not_said_of_each(seat: Seat) -> None:
    """Of ten thousand streams that took a fifth of a second."""
    (put,) = [each for each in await told(seat) if each["do"] == "put"]
    assert list(put["veils"]) == [str(PECULIAR)]
    assert next(written for *_, written in put["sockets"]) is None
