from __future__ import annotations

from callvault.audio import lame_tag
from callvault.audio.lame_tag import Gapless
from callvault.audio.mpeg import JOINT_STEREO, MONO, FrameHeader, read_header
from tests.unit.audio.soundfiles import encoded, tone

SPEECH = FrameHeader(version=0, kbits=32, sample_rate=8_000, padding=0, mode=MONO)
MUSIC = FrameHeader(version=3, kbits=128, sample_rate=44_100, padding=0, mode=JOINT_STEREO)


def test_what_is_written_is_read_again() -> None:
    for header in (SPEECH, MUSIC):
        frame = lame_tag.tag_frame(header, frames=9, audio_bytes=2_592, gapless=Gapless(delay=576, padding=1_727))
        assert len(frame) == header.size
        assert read_header(int.from_bytes(frame[:4], "big")) == header
        assert lame_tag.is_tag(frame, header)
        assert lame_tag.read_gapless(frame, header) == Gapless(delay=576, padding=1_727)


def test_every_field_stands_where_the_specification_puts_it() -> None:
    frame = lame_tag.tag_frame(MUSIC, frames=0x0102, audio_bytes=0x030405, gapless=Gapless(delay=0xABC, padding=0xDEF))
    entire = (0x030405 + MUSIC.size).to_bytes(4, "big")
    assert frame[4:36] == bytes(32)
    assert frame[36:52] == b"Info" + b"\0\0\0\x0f" + b"\0\0\1\2" + entire
    assert frame[52:152] == bytes(number * 256 // 100 for number in range(100))
    assert frame[0x9C:0xA5] == b"LAME3.100"
    assert frame[0xA5] == 1  # revision 0, constant bit rate
    assert frame[0xB0] == 128
    assert frame[0xB1:0xB4] == bytes.fromhex("abcdef")
    assert frame[0xB4] == 0b01_0_011_00  # original at 44.1 kHz, joint stereo
    assert frame[0xB8:0xBC] == entire
    assert frame[0xC0:] == bytes(len(frame) - 0xC0)


def test_the_checksum_is_the_one_that_lame_writes() -> None:
    frame = encoded(tone(44_100, rate=44_100, channels=2), "mp3", "libmp3lame", rate=44_100)
    tag = frame[frame.index(b"\xff\xfb") :][:0xC0]
    assert tag[36:40] in {b"Info", b"Xing"}
    assert lame_tag.crc16(tag[:0xBE]).to_bytes(2, "big") == tag[0xBE:]


def test_the_tag_of_a_real_encoder_is_read() -> None:
    content = encoded(tone(8_000), "mp3", "libmp3lame")
    frame = content[content.index(b"\xff\xe3") :]
    header = read_header(int.from_bytes(frame[:4], "big"))
    assert header is not None
    gapless = lame_tag.read_gapless(frame, header)
    assert gapless is not None
    assert gapless.delay == 576
    assert (8_000 + gapless.delay + gapless.padding) % header.samples == 0


def test_a_tag_without_lames_extension_says_nothing_of_delays() -> None:
    frame = (SPEECH.pack() + bytes(9) + b"Xing" + bytes([0, 0, 0, 1, 0, 0, 0, 9])).ljust(SPEECH.size, b"\0")
    assert lame_tag.is_tag(frame, SPEECH)
    assert lame_tag.read_gapless(frame, SPEECH) is None


def test_fraunhofers_tag_is_a_tag_and_audio_is_none() -> None:
    assert lame_tag.is_tag((SPEECH.pack() + bytes(32) + b"VBRI").ljust(SPEECH.size, b"\0"), SPEECH)
    assert not lame_tag.is_tag(SPEECH.pack().ljust(SPEECH.size, b"\0"), SPEECH)
