"""Keys are counted once, however often they are told, with how long they were held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.protocols.rtp import Packets
from callvault.protocols.telephone_events import Keypad, Pressed
from tests.rtp_calls import EPOCH_NS, MS, Sent, arrived, stream

TYPE = 101


def told(*events: tuple[int, int, int], rate: int = 8000) -> Packets:
    """A packet for each of these: event, timestamp, duration."""
    base = stream(len(events), payload_type=TYPE)
    octets = [bytes([event, 10]) + ticks.to_bytes(2) for event, _, ticks in events]
    sent = Sent(
        sent_ns=base.sent_ns,
        sequence=base.sequence,
        timestamp=np.array([timestamp for _, timestamp, _ in events], dtype=np.int64),
        payloads=np.frombuffer(b"".join(octets), dtype=np.uint8).reshape(len(events), 4),
        payload_type=TYPE,
    )
    return arrived(sent)


def pressed(packets: Packets, rate: int = 8000) -> list[tuple[str, int, int]]:
    keypad = Keypad()
    assert keypad.feed(packets, {TYPE: rate}) == 0
    return [(each.key, (each.arrival_ns - EPOCH_NS) // MS, each.duration_ms) for each in keypad.pressed]


def test_an_end_that_is_told_three_times_is_one_key() -> None:
    packets = told((5, 800, 160), (5, 800, 320), (5, 800, 800), (5, 800, 800), (5, 800, 800), (11, 4000, 400))
    assert pressed(packets) == [("5", 0, 100), ("#", 100, 50)]


def test_the_same_key_twice_is_two_keys() -> None:
    assert pressed(told((1, 800, 400), (1, 4000, 400))) == [("1", 0, 50), ("1", 20, 50)]


def test_a_key_that_is_held_longer_than_can_be_said_is_one_key() -> None:
    """RFC 4733 section 2.5.1.3: the next segment begins where the longest duration ends."""
    first = 2**32 - 100
    packets = told((0, first, 0xFFFF), (0, first + 0xFFFF - 2**32, 0xFFFF), (0, first + 2 * 0xFFFF - 2**32, 800))
    assert pressed(packets) == [("0", 0, (2 * 0xFFFF + 800) * 1000 // 8000)]


def test_durations_are_of_the_events_own_clock() -> None:
    assert pressed(told((9, 0, 4800)), rate=48_000) == [("9", 0, 100)]


def test_flash_is_a_key_and_the_tones_of_modems_are_none() -> None:
    assert pressed(told((16, 0, 800), (32, 100, 800), (255, 200, 800))) == [("flash", 0, 100)]


def test_what_is_too_short_is_counted() -> None:
    packets = told((5, 800, 160), (6, 900, 160))
    assert Keypad().feed(replace(packets, sizes=packets.sizes - 1), {}) == 2


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 20)), max_size=8), st.randoms())
def test_whatever_the_order_of_arrival_the_keys_are_the_same(keys: list[tuple[int, int]], chance: object) -> None:
    events = [
        (event, 10_000 * place, 160 * step)
        for place, (event, steps) in enumerate(keys)
        for step in [*range(1, steps + 1), steps, steps]
    ]
    order = np.random.default_rng(len(events)).permutation(len(events))
    keypad = Keypad()
    keypad.feed(told(*(events[row] for row in order.tolist())), {TYPE: 8000})
    assert sorted((each.key, each.ticks) for each in keypad.pressed) == sorted(
        ("0123456789*#ABCD"[event], 160 * steps) for event, steps in keys
    )
    assert all(isinstance(each, Pressed) for each in keypad.pressed)


@pytest.mark.parametrize("again", [1, 5])
def test_packets_of_a_key_that_come_in_another_window_are_the_same_key(again: int) -> None:
    keypad = Keypad()
    for _ in range(again):
        keypad.feed(told((5, 800, 160)), {TYPE: 8000})
    assert [each.key for each in keypad.pressed] == ["5"]
