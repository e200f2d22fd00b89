"""A bad line: what is answered comes late, slowly, or not to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callvault.errors import MediaError
from callvault.server.emulator.faults import SlowBody
from callvault.server.emulator.spoiling import Held, SlowSource

CONTENT = bytes(range(256)) * 40


class Counting:
    """A source that tells how much was asked of it."""

    def __init__(self) -> None:
        self.given = 0

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        for at in range(start, len(CONTENT) if stop is None else stop, 1000):
            piece = CONTENT[at : min(at + 1000, stop or len(CONTENT))]
            self.given += len(piece)
            yield piece


async def gather(source: SlowSource, given: bytearray) -> None:
    async for piece in source.chunks(0, None):
        given += piece


async def test_a_slow_source_gives_the_same_bytes_in_small_pieces() -> None:
    source = SlowSource(Held(CONTENT), SlowBody(bytes_per_s=1_000_000))
    pieces = [piece async for piece in source.chunks(10, None)]
    assert b"".join(pieces) == CONTENT[10:]
    assert len(pieces) == 1
    slower = SlowSource(Held(CONTENT), SlowBody(bytes_per_s=200_000))
    assert [len(piece) async for piece in slower.chunks(0, 10_100)] == [10_000, 100]


@pytest.mark.parametrize("after", [0, 1, 999, 1000, 1001, len(CONTENT) - 1])
async def test_a_broken_source_gives_so_many_bytes_and_breaks(after: int) -> None:
    source = SlowSource(Counting(), SlowBody(break_after_bytes=after))
    given = bytearray()
    with pytest.raises(MediaError, match="broke off"):
        await gather(source, given)
    assert given == CONTENT[:after]


async def test_a_source_that_is_shorter_than_where_it_would_break_is_whole() -> None:
    source = SlowSource(Counting(), SlowBody(break_after_bytes=len(CONTENT)))
    assert b"".join([piece async for piece in source.chunks(0, None)]) == CONTENT


async def test_nothing_is_read_ahead_of_a_slow_reader() -> None:
    behind = Counting()
    reading = SlowSource(behind, SlowBody(bytes_per_s=1e9)).chunks(0, None)
    assert len(await anext(reading)) == 1000
    assert behind.given == 1000
