"""What found no room in a socket is counted once, however often it was told."""

from __future__ import annotations

from callvault.protocols.spool.drops import drops_in, write_drops


def test_the_highest_count_of_each_socket_counts() -> None:
    first, second = bytes(8), bytes([1, *bytes(7)])
    told = [write_drops(first, 5), write_drops(second, 7), write_drops(first, 9), write_drops(first, 9)]
    assert drops_in(told) == 16


def test_what_says_nothing_counts_nothing() -> None:
    assert drops_in([]) == drops_in([b"", bytes(11), bytes(13)]) == 0
