"""Pieces of a stream become RTP that says what was lost, what came late, and what was never sent."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.protocols import rtp
from callvault.protocols.media_streams.events import Digit, Format, Media, Track
from callvault.protocols.media_streams.packetiser import MOST_OCTETS, Packetiser
from callvault.protocols.rtp import Packets
from callvault.protocols.telephone_events import Keypad

ULAW = Format(encoding="PCMU", sample_rate=8000)
FRAME = 160


def piece(index: int, **told: int) -> Media:
    """The 20 ms of this place, recognisable by their octets."""
    payload = index.to_bytes(4) * (FRAME // 4)
    return Media(track=Track.INBOUND, payload=payload, number=told.get("number"), timestamp_ms=told.get("timestamp_ms"))


def read(packets: Iterable[bytes]) -> Packets:
    kept = list(packets)
    found, unreadable = rtp.read(
        np.arange(len(kept), dtype=np.int64),
        np.array([len(packet) for packet in kept], dtype=np.uint16),
        np.frombuffer(b"".join(kept), dtype=np.uint8),
    )
    assert unreadable == 0
    return found


def packets_of(pieces: Sequence[Media], coded: Format = ULAW) -> Packets:
    packetiser = Packetiser(coded, "MZ1")
    return read(packet for media in pieces for packet in packetiser.media(media))


def placed(packets: Packets) -> list[tuple[int, int, int]]:
    """Of each packet: its number and its tick from the first packet on, and which place it says it is of."""
    sequence, ticks = rtp.extended(packets.sequence, None), rtp.extended(packets.timestamp, None)
    marks = [int.from_bytes(packets.payload(row)[:4]) for row in range(len(packets))]
    return [
        (int(number - sequence[0]), int(tick - ticks[0]), mark)
        for number, tick, mark in zip(sequence, ticks, marks, strict=True)
    ]


def in_a_row(indices: Iterable[int]) -> list[tuple[int, int, int]]:
    kept = list(indices)
    return [(index - kept[0], (index - kept[0]) * FRAME, index) for index in kept]


COUNTED = [{"number": index + 1, "timestamp_ms": 57 + 20 * index} for index in range(50)]


def test_pieces_without_number_and_time_follow_one_another() -> None:
    assert placed(packets_of([piece(index) for index in range(50)])) == in_a_row(range(50))


def test_a_lost_piece_leaves_a_number_and_its_time() -> None:
    kept = [index for index in range(50) if index not in (3, 20, 21)]
    assert placed(packets_of([piece(index, **COUNTED[index]) for index in kept])) == in_a_row(kept)


@given(st.permutations(range(1, 50)))
def test_pieces_in_any_order_keep_their_places(order: list[int]) -> None:
    said = placed(packets_of([piece(index, **COUNTED[index]) for index in [0, *order]]))
    assert sorted(said) == in_a_row(range(50))


def test_what_was_sent_ahead_of_the_first_that_came_has_its_place_too() -> None:
    said = placed(packets_of([piece(index, **COUNTED[index]) for index in (2, 0, 1, 3)]))
    assert said == [(0, 0, 2), (-2, -2 * FRAME, 0), (-1, -FRAME, 1), (1, FRAME, 3)]


@given(st.lists(st.integers(-15, 15), min_size=50, max_size=50))
def test_a_clock_that_trembles_moves_no_sample(trembling: list[int]) -> None:
    pieces = [piece(index, number=index + 1, timestamp_ms=100 + 20 * index + trembling[index]) for index in range(50)]
    assert placed(packets_of(pieces)) == in_a_row(range(50))


def test_a_stream_that_stood_still_goes_on_at_its_time() -> None:
    pause_ms = 3000
    pieces = [piece(index, number=index, timestamp_ms=20 * index + pause_ms * (index >= 10)) for index in range(20)]
    said = placed(packets_of(pieces))
    assert [number for number, _, _ in said] == list(range(20))  # nothing is missing
    assert said[10][1] - said[9][1] == FRAME + pause_ms * 8
    assert said[19][1] - said[10][1] == 9 * FRAME


def test_without_numbers_the_clock_alone_tells_of_a_pause() -> None:
    pieces = [piece(index, timestamp_ms=20 * index + 1000 * (index >= 5)) for index in range(10)]
    said = placed(packets_of(pieces))
    assert said[5][1] - said[4][1] == FRAME + 8000
    assert [number for number, _, _ in said] == list(range(10))


def test_a_clock_that_does_not_run_is_not_believed() -> None:
    assert placed(packets_of([piece(index, number=index, timestamp_ms=5) for index in range(30)])) == in_a_row(
        range(30)
    )


def test_a_count_that_begins_anew_is_another_source() -> None:
    pieces = [piece(index, number=index + 10_000) for index in range(5)] + [
        piece(index, number=index) for index in range(5)
    ]
    packets = packets_of(pieces)
    assert len(set(packets.ssrc.tolist())) == 2
    assert placed(packets.some(slice(5, None))) == in_a_row(range(5))


def both_tracks(frames: int, *, together: bool) -> Iterator[Media]:
    """As a vendor counts: each track from 1, or both in one count."""
    numbers = itertools.count(1)
    for index in range(frames):
        for track in Track:
            number = next(numbers) if together else index + 1
            yield Media(
                track=track, payload=index.to_bytes(4) * (FRAME // 4), number=number, timestamp_ms=20 * index + 40
            )


@pytest.mark.parametrize("together", [False, True])
def test_tracks_are_told_apart_whatever_is_counted(together: bool) -> None:
    packets = packets_of(list(both_tracks(30, together=together)))
    sources = dict.fromkeys(packets.ssrc.tolist())
    assert len(sources) == 2
    for source in sources:
        assert placed(packets.some(packets.ssrc == source)) == in_a_row(range(30))


@pytest.mark.parametrize("together", [False, True])
def test_a_piece_of_both_tracks_that_is_lost_is_missed_in_both(together: bool) -> None:
    pieces = [each for number, each in enumerate(both_tracks(30, together=together)) if number // 2 != 12]
    packets = packets_of(pieces)
    for source in dict.fromkeys(packets.ssrc.tolist()):
        assert placed(packets.some(packets.ssrc == source)) == in_a_row([*range(12), *range(13, 30)])


def test_samples_are_in_the_networks_order() -> None:
    samples = np.arange(-500, 500, dtype=np.int16)
    for little in (False, True):
        coded = Format(encoding="L16", sample_rate=16_000, little_endian=little)
        payload = samples.astype("<i2" if little else ">i2").tobytes()
        packets = packets_of([Media(track=Track.INBOUND, payload=payload)], coded)
        assert np.array_equal(np.frombuffer(packets.payload(0), dtype=">i2"), samples)
        assert packets.payload_type.tolist() == [96]


@pytest.mark.parametrize(
    ("encoding", "payload", "ticks"),
    [
        ("PCMA", bytes(80), 80),
        ("G722", bytes(160), 160),
        ("L16", bytes(640), 320),
        ("OPUS", bytes([0b11111_000]), 960),  # CELT, 20 ms
        ("OPUS", bytes([0b00001_011, 3]), 3 * 960),  # SILK, 20 ms, three frames
        ("OPUS", bytes([0b01101_001]), 2 * 960),  # hybrid, 20 ms, two frames
        ("OPUS", bytes([0b10001_000]), 240),  # CELT, 5 ms
        ("AMR-WB", bytes(33), 320),
        ("G728", bytes(33), 320),  # nobody knows: twenty milliseconds
    ],
)
def test_a_piece_lasts_as_long_as_its_coding_says(encoding: str, payload: bytes, ticks: int) -> None:
    pieces = [Media(track=Track.OUTBOUND, payload=payload) for _ in range(3)]
    packets = packets_of(pieces, Format(encoding=encoding, sample_rate=16_000))
    assert np.diff(packets.timestamp).tolist() == [ticks, ticks]


def test_what_is_too_long_for_a_packet_is_cut_and_no_sample_is_lost() -> None:
    pieces = [Media(track=Track.INBOUND, payload=bytes([index]) * MOST_OCTETS * 2, number=index) for index in (1, 2, 3)]
    packets = packets_of(pieces)
    assert np.diff(packets.sequence).tolist() == [1] * 5
    assert np.diff(packets.timestamp).tolist() == [MOST_OCTETS] * 5
    assert rtp.payloads(packets).tobytes() == b"".join(each.payload for each in pieces)


def test_empty_pieces_and_half_samples_are_no_packets() -> None:
    packetiser = Packetiser(Format(encoding="L16", sample_rate=8000, little_endian=True), "MZ1")
    assert packetiser.media(Media(track=Track.INBOUND, payload=b"")) == []
    assert packetiser.media(Media(track=Track.INBOUND, payload=b"\x01")) == []


def test_keys_are_telephone_events_between_the_audio() -> None:
    packetiser = Packetiser(ULAW, "MZ1")
    made = [
        *packetiser.media(piece(0, number=1)),
        *packetiser.digit(Digit(key="5", duration_ms=240)),
        *packetiser.digit(Digit(key="5")),
        *packetiser.media(piece(1, number=2)),
        *packetiser.digit(Digit(key="#")),
        *packetiser.media(piece(2, number=3)),
    ]
    packets = read(made)
    assert np.diff(packets.sequence).tolist() == [1] * 8
    assert set(packets.ssrc.tolist()) == {int(packets.ssrc[0])}
    keypad = Keypad()
    events = packets.some(packets.payload_type == packetiser.events.number)
    assert keypad.feed(events, {packetiser.events.number: 8000}) == 0
    assert [(pressed.key, pressed.duration_ms) for pressed in keypad.pressed] == [("5", 240), ("5", 100), ("#", 100)]
    audio = packets.some(packets.payload_type == packetiser.audio.number)
    assert np.diff(audio.timestamp).tolist() == [FRAME, FRAME]


def test_pieces_that_are_overtaken_by_a_key_keep_their_numbers() -> None:
    packetiser = Packetiser(ULAW, "MZ1")
    made = [
        *packetiser.media(piece(0, number=1)),
        *packetiser.media(piece(2, number=3)),
        *packetiser.digit(Digit(key="1")),
        *packetiser.media(piece(1, number=2)),
        *packetiser.media(piece(3, number=4)),
    ]
    numbers = read(made).sequence.tolist()
    assert sorted(number - numbers[0] for number in numbers) == list(range(6))


def test_two_streams_of_a_call_are_two_sources() -> None:
    first, second = (read(Packetiser(ULAW, name).media(piece(0))).ssrc[0] for name in ("MZ1", "MZ2"))
    assert first != second


def test_an_hour_runs_over_the_ends_of_all_numbers() -> None:
    source = random.Random(7)
    start = 2**33
    pieces = [piece(index, number=start + index, timestamp_ms=20 * index) for index in range(70_000)]
    for _ in range(500):
        at = source.randrange(1, len(pieces) - 1)
        pieces[at], pieces[at + 1] = pieces[at + 1], pieces[at]
    assert sorted(placed(packets_of(pieces))) == in_a_row(range(70_000))
