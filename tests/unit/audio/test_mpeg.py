"""MP3 frames: their headers, and finding them among what else is in a file."""

from __future__ import annotations

import io
import itertools

import pytest

from callvault.audio import mpeg
from callvault.audio.mpeg import JOINT_STEREO, MONO, FrameHeader
from tests.unit.audio.soundfiles import encoded, tone

SPEECH = FrameHeader(version=0, kbits=32, sample_rate=8_000, padding=0, mode=MONO)


def chain(*numbers: int) -> bytes:
    """Frames that hold their own number and nothing else."""
    return b"".join((SPEECH.pack() + bytes([number])).ljust(SPEECH.size, b"\0") for number in numbers)


def found_in(content: bytes) -> list[int]:
    """The numbers of the frames that are found."""
    file = io.BytesIO(content)
    found = mpeg.find_first_frame(file)
    assert found is not None
    return [frame[4] for frame in mpeg.frames(file, *found)]


def test_a_frame_of_8_khz_speech() -> None:
    header = mpeg.read_header(0xFFE348C4)
    assert header == SPEECH
    assert (header.samples, header.size, header.channels, header.side_info_end) == (576, 288, 1, 13)


def test_a_frame_of_music() -> None:
    header = mpeg.read_header(0xFFFB9264)
    assert header == FrameHeader(version=3, kbits=128, sample_rate=44_100, padding=1, mode=JOINT_STEREO)
    assert (header.samples, header.size, header.channels, header.side_info_end) == (1_152, 418, 2, 36)


def test_every_header_is_packed_to_what_it_was_read_from() -> None:
    words = [
        0x7FF << 21 | version << 19 | 1 << 17 | 1 << 16 | bits << 12 | rate << 10 | padding << 9 | mode << 6 | 4
        for version, bits, rate, padding, mode in itertools.product((0, 2, 3), range(1, 15), range(3), (0, 1), range(4))
    ]
    for word in words:
        header = mpeg.read_header(word)
        assert header is not None
        assert header.pack() == word.to_bytes(4, "big")


@pytest.mark.parametrize(
    "word",
    [
        0x7FE348C4,  # no sync
        0xFFEB48C4,  # the reserved version
        0xFFE548C4,  # layer II
        0xFFE3F8C4,  # the forbidden bit rate
        0xFFE308C4,  # a free bit rate
        0xFFE34CC4,  # the reserved sampling frequency
    ],
)
def test_what_is_no_header_is_none(word: int) -> None:
    assert mpeg.read_header(word) is None


def test_frames_are_found_one_after_the_other() -> None:
    assert found_in(chain(*range(100))) == list(range(100))


def test_id3_tags_before_and_behind_are_not_frames() -> None:
    first = b"ID3\4\0\0" + bytes([0, 0, 2, 4]) + b"\xff\xfb\x90\x64" * 65
    second = b"ID3\4\0\x10" + bytes([0, 0, 0, 10]) + bytes(10) + b"3DI\4\0\x10" + bytes([0, 0, 0, 10])
    assert found_in(first + second + chain(1, 2, 3, 4) + b"TAG" + b"\xff\xe3\x48\xc4" * 31 + b"\0") == [1, 2, 3, 4]


def test_rubbish_ahead_of_the_first_frame_is_stepped_over() -> None:
    assert found_in(b"\xff\xe3\x48\xc4 looks like one" + bytes(5_000) + chain(1, 2, 3)) == [1, 2, 3]


@pytest.mark.parametrize("rubbish", [b"x", b"\xff" * 300, b"-\xff\xe3\x48\xc4lonely", bytes(3_000_000)])
def test_rubbish_between_frames_is_stepped_over(rubbish: bytes) -> None:
    assert found_in(chain(1, 2, 3) + rubbish + chain(4, 5, 6)) == [1, 2, 3, 4, 5, 6]


def test_looking_for_frames_in_rubbish_ends_at_some_point() -> None:
    assert found_in(chain(1, 2, 3) + bytes(20 << 20) + chain(4, 5, 6)) == [1, 2, 3]


def test_half_a_frame_at_the_end_is_not_counted() -> None:
    assert found_in(chain(1, 2, 3, 4)[:-1]) == [1, 2, 3]


def test_a_single_frame_is_believed_only_if_the_file_ends_with_it() -> None:
    assert found_in(chain(7)) == [7]
    assert mpeg.find_first_frame(io.BytesIO(chain(7) + b"and then something else entirely")) is None


def test_frames_of_another_kind_are_rubbish() -> None:
    stereo = FrameHeader(version=0, kbits=32, sample_rate=8_000, padding=0, mode=JOINT_STEREO)
    other = FrameHeader(version=0, kbits=32, sample_rate=11_025, padding=0, mode=MONO)
    between = stereo.pack().ljust(stereo.size, b"\0") + other.pack().ljust(other.size, b"\0")
    assert found_in(chain(1, 2, 3) + between * 3 + chain(4, 5)) == [1, 2, 3, 4, 5]


def test_frames_across_the_pieces_in_which_a_file_is_read() -> None:
    count = (3 << 20) // SPEECH.size
    assert found_in(chain(*(number % 256 for number in range(count)))) == [number % 256 for number in range(count)]


@pytest.mark.parametrize("rate", mpeg.sample_rates())
def test_the_frames_of_a_real_encoder_are_all_found(rate: int) -> None:
    content = encoded(tone(rate, rate=rate, channels=2), "mp3", "libmp3lame", rate=rate)
    file = io.BytesIO(content)
    found = mpeg.find_first_frame(file)
    assert found is not None
    start, header = found
    assert (header.sample_rate, header.channels) == (rate, 2)
    assert b"".join(mpeg.frames(file, start, header)) == content[start:]
