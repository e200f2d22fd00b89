"""What a file is, said by its content."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from callvault.audio.probe import probe
from callvault.errors import NotAudio
from callvault.model.media import AudioFacts, MediaFormat
from tests.unit.audio.soundfiles import GOLDEN, chunk, encoded, fmt, noise, pcm_wav, riff, tone


def facts_of(tmp_path: Path, content: bytes, name: str = "recording") -> AudioFacts:
    path = tmp_path / name
    path.write_bytes(content)
    return probe(path)


def refusal_of(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(NotAudio) as refusal:
        facts_of(tmp_path, content)
    return str(refusal.value)


def test_wav_with_its_length_rounded_to_milliseconds(tmp_path: Path) -> None:
    assert facts_of(tmp_path, pcm_wav(tone(8_004, channels=2))) == AudioFacts(
        format=MediaFormat.WAV, codec="pcm_s16le", sample_rate=8_000, channels=2, samples=8_004, duration_ms=1_001
    )


def test_the_repair_of_a_wav_header_is_told(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, riff(fmt(), chunk(b"data", bytes(16_000), claimed=0), claimed=0))
    assert facts.duration_ms == 1_000
    assert (
        facts.repaired == "The WAV header was never finished (it says 0 bytes); the 16,000 bytes after it were taken."
    )


@pytest.mark.parametrize(("container", "codec", "rate", "channels"), [
    ("mp3", "libmp3lame", 8_000, 1),
    ("mp3", "libmp3lame", 11_025, 2),
    ("mp3", "libmp3lame", 44_100, 2),
    ("flac", "flac", 8_000, 1),
    ("flac", "flac", 44_100, 2),
    ("ogg", "libopus", 48_000, 2),
])  # fmt: skip
@pytest.mark.parametrize("samples", [575, 4_096, 100_003])
def test_the_length_is_exact(
    tmp_path: Path, container: str, codec: str, rate: int, channels: int, samples: int
) -> None:
    facts = facts_of(tmp_path, encoded(noise(samples, channels=channels), container, codec, rate=rate))
    assert (facts.format.value, facts.codec) == (container, codec.removeprefix("lib").replace("mp3lame", "mp3"))
    assert (facts.sample_rate, facts.channels, facts.samples) == (rate, channels, samples)


def test_opus_is_measured_at_48_khz_whatever_was_encoded(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, encoded(tone(8_000), "ogg", "libopus"))
    assert (facts.codec, facts.sample_rate, facts.samples) == ("opus", 48_000, 48_000)


@pytest.mark.parametrize(("name", "media_format", "codec"), [
    ("gsm-440hz.wav", MediaFormat.WAV, "gsm_ms"),
    ("lame-vbr-id3-440hz.mp3", MediaFormat.MP3, "mp3"),
    ("vorbis-mono-440hz.ogg", MediaFormat.OGG, "vorbis"),
])  # fmt: skip
def test_files_of_other_programs_last_one_second(name: str, media_format: MediaFormat, codec: str) -> None:
    assert probe(GOLDEN / name) == AudioFacts(
        format=media_format, codec=codec, sample_rate=8_000, channels=1, samples=8_000, duration_ms=1_000
    )


def test_a_name_says_nothing(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "vorbis-mono-440hz.ogg", tmp_path / "recording.mp3")
    assert probe(tmp_path / "recording.mp3").format is MediaFormat.OGG


def test_an_mp3_without_a_tag_is_as_long_as_its_frames(tmp_path: Path) -> None:
    content = encoded(tone(8_000), "mp3", "libmp3lame")
    assert content[236:238] == b"\xff\xe3"  # behind an ID3 tag and the frame with the tag
    assert facts_of(tmp_path, content[236:]).samples == 16 * 576


def test_a_tag_that_lies_about_the_number_of_frames_is_not_believed(tmp_path: Path) -> None:
    content = bytearray(encoded(tone(8_000), "mp3", "libmp3lame"))
    tag = max(content.find(b"Info"), content.find(b"Xing"))
    content[tag + 8 : tag + 12] = b"\0\xff\xff\xff"
    assert facts_of(tmp_path, bytes(content)).samples == 8_000


def test_a_flac_header_that_knows_no_length_is_counted(tmp_path: Path) -> None:
    content = bytearray(encoded(tone(50_000), "flac", "flac"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    assert facts_of(tmp_path, bytes(content)).samples == 50_000


def test_an_ogg_position_that_lies_does_not_make_hours_out_of_a_second(tmp_path: Path) -> None:
    content = bytearray((GOLDEN / "vorbis-mono-440hz.ogg").read_bytes())
    last = content.rindex(b"OggS")
    content[last + 6 : last + 14] = (1 << 40).to_bytes(8, "little")
    content[last + 22 : last + 26] = bytes(4)
    content[last + 22 : last + 26] = ogg_checksum(bytes(content[last:]))
    assert facts_of(tmp_path, bytes(content)).samples < 20_000


def ogg_checksum(page: bytes) -> bytes:
    """RFC 3533, section 6, field 7: CRC-32 with the polynomial 0x04C11DB7, nothing reflected."""
    crc = 0
    for octet in page:
        crc ^= octet << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc.to_bytes(4, "little")


def ogg_page(packet: bytes, *, number: int, flags: int) -> bytes:
    """RFC 3533, section 6: a page that holds one short packet."""
    head = b"OggS\0" + struct.pack("<BqIII", flags, 160 * number, 7, number, 0) + bytes([1, len(packet)])
    return head[:22] + ogg_checksum(head + packet) + head[26:] + packet


def test_speex_is_recognised_and_refused(tmp_path: Path) -> None:
    header = b"Speex   speex-1.2".ljust(28, b"\0") + struct.pack("<13I", 1, 80, 8_000, 0, 4, 1, 0, 160, 0, 1, 0, 0, 0)
    content = ogg_page(header, number=0, flags=2) + ogg_page(bytes(30), number=1, flags=0)
    content += ogg_page(bytes(40), number=2, flags=4)
    sentence = "The Ogg file is coded as speex, which cannot be read here; Opus and Vorbis can."
    assert refusal_of(tmp_path, content) == sentence


def test_a_damaged_page_of_ogg_costs_what_was_in_it_and_no_more(tmp_path: Path) -> None:
    content = bytearray(encoded(noise(80_000), "ogg", "libopus"))
    pages = [at for at in range(len(content)) if content[at : at + 4] == b"OggS"]
    whole = facts_of(tmp_path, bytes(content)).duration_ms
    content[pages[5] + 500] ^= 0xFF
    assert whole - 1_100 < facts_of(tmp_path, bytes(content)).duration_ms < whole - 900


NOTHING_ELSE = "WAV, MP3, Ogg (Opus, Vorbis) and FLAC are."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\0", f"This is not audio that can be kept; {NOTHING_ELSE}"),
        (b"Dear Sir or Madam, " * 5_000, f"This is not audio that can be kept; {NOTHING_ELSE}"),
        (bytes(100_000), f"This is not audio that can be kept; {NOTHING_ELSE}"),
        (b"<!doctype html>", f"This is not audio that can be kept (it looks like HTML or XML); {NOTHING_ELSE}"),
        (b"\0\0\0\x18ftypM4A ", f"This is not audio that can be kept (it looks like MP4); {NOTHING_ELSE}"),
        (b"#!AMR\n" + bytes(500), f"This is not audio that can be kept (it looks like AMR); {NOTHING_ELSE}"),
        (b"OggS" + bytes(500), "The Ogg file is damaged: no audio in it can be read."),
        (b"fLaC" + bytes(500), "The FLAC file is damaged: no audio in it can be read."),
        (b"RIFF\4\0\0\0WAVE", "The WAV file has no 'data' chunk, so there is no audio in it."),
    ],
)
def test_what_is_not_audio_is_refused_with_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert refusal_of(tmp_path, content) == sentence


def test_more_than_two_channels_are_refused_in_every_container(tmp_path: Path) -> None:
    content = encoded(noise(8_000, channels=6), "flac", "flac")
    assert refusal_of(tmp_path, content) == "The audio has 6 channels; a recording has one or two."


def test_adpcm_that_no_decoder_takes_is_refused(tmp_path: Path) -> None:
    content = riff(fmt(0x11, bits=4, block=1_024), chunk(b"data", b"\xff" * 10_240))
    assert refusal_of(tmp_path, content) == "The WAV file's adpcm_ima_wav cannot be decoded."


def test_flac_without_a_frame_has_no_sample(tmp_path: Path) -> None:
    header = encoded(tone(8_000), "flac", "flac")[:42]
    last_block = header[:4] + b"\x80" + header[5:]
    assert refusal_of(tmp_path, last_block) == "The FLAC file has a header and not a single sample."


def test_an_mp3_of_a_tag_alone_has_no_sample(tmp_path: Path) -> None:
    content = encoded(tone(8_000), "mp3", "libmp3lame")
    first = content.index(b"\xff\xe3")
    second = content.index(b"\xff\xe3", first + 4)
    assert refusal_of(tmp_path, content[first:second]) == "The MP3 file has a header and not a single sample."
