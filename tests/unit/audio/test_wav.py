"""WAV as recorders leave it: what is read of it, what is put right, and what is refused."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from callvault.audio import wav
from callvault.audio.wav import WavLayout
from callvault.errors import NotAudio
from tests.unit.audio.soundfiles import chunk, extensible, fmt, pcm_wav, riff, tone

AUDIO = tone(1_000).astype("<i2").tobytes()


def layout_of(content: bytes) -> WavLayout:
    assert wav.recognises(content[:12])
    return wav.read_layout(io.BytesIO(content))


def refusal_of(content: bytes) -> str:
    with pytest.raises(NotAudio) as refusal:
        layout_of(content)
    return str(refusal.value)


def test_a_finished_header_is_believed() -> None:
    layout = layout_of(pcm_wav(tone(1_000, channels=2), rate=16_000))
    assert (layout.codec.name, layout.codec.sample_rate, layout.codec.channels) == ("pcm_s16le", 16_000, 2)
    assert (layout.samples, layout.data_offset, layout.data_bytes, layout.repaired) == (1_000, 44, 4_000, None)


@pytest.mark.parametrize(
    ("header", "codec", "samples"),
    [
        (fmt(1, bits=8), "pcm_u8", 960),
        (fmt(1, bits=16, channels=2), "pcm_s16le", 240),
        (fmt(1, bits=24), "pcm_s24le", 320),
        (fmt(1, bits=32), "pcm_s32le", 240),
        (fmt(1, bits=24, block=4), "pcm_s32le", 240),
        (fmt(1, bits=12, block=2), "pcm_s16le", 480),
        (fmt(1, bits=16, block=0), "pcm_s16le", 480),
        (fmt(3, bits=32), "pcm_f32le", 240),
        (fmt(3, bits=64), "pcm_f64le", 120),
        (fmt(6, bits=8), "pcm_alaw", 960),
        (fmt(7, bits=8, channels=2), "pcm_mulaw", 480),
        (extensible(1, channels=2, bits=16), "pcm_s16le", 240),
        (extensible(7, channels=1, bits=8), "pcm_mulaw", 960),
    ],
)
def test_the_codec_and_the_number_of_samples(header: bytes, codec: str, samples: int) -> None:
    layout = layout_of(riff(header, chunk(b"data", bytes(960))))
    assert (layout.codec.name, layout.samples) == (codec, samples)


def test_blocks_of_gsm_hold_320_samples_and_a_broken_block_none() -> None:
    header = fmt(0x31, bits=0, block=65, extra=struct.pack("<HH", 2, 320))
    assert layout_of(riff(header, chunk(b"data", bytes(3 * 65 + 64)))).samples == 960


@pytest.mark.parametrize(("claimed", "samples"), [(700, 700), (640, 960), (961, 960), (0, 960)])
def test_the_fact_chunk_is_believed_within_the_last_block_and_nowhere_else(claimed: int, samples: int) -> None:
    header = fmt(0x31, bits=0, block=65)
    content = riff(header, chunk(b"fact", claimed.to_bytes(4, "little")), chunk(b"data", bytes(3 * 65)))
    assert layout_of(content).samples == samples


def test_chunks_around_the_audio_are_stepped_over_and_not_heard() -> None:
    content = riff(
        chunk(b"LIST", b"INFOISFT odd"),
        chunk(b"JUNK", bytes(27)),
        fmt(),
        chunk(b"data", AUDIO),
        chunk(b"LIST", b"x" * 501),
    )
    layout = layout_of(content)
    assert (layout.samples, layout.repaired) == (1_000, None)
    assert content[layout.data_offset :].startswith(AUDIO)


def test_an_odd_chunk_may_lack_the_octet_that_makes_it_even() -> None:
    unpadded = struct.pack("<4sI", b"JUNK", 5) + b"\1\2\3\4\5"
    layout = layout_of(riff(unpadded, fmt(), chunk(b"data", AUDIO)))
    assert layout.samples == 1_000


@pytest.mark.parametrize("riff_size", [0, 36, 0xFFFFFFFF])
def test_a_header_that_was_never_finished_is_taken_with_its_audio(riff_size: int) -> None:
    layout = layout_of(riff(fmt(), chunk(b"data", AUDIO, claimed=0), claimed=riff_size))
    assert layout.samples == 1_000
    assert (
        layout.repaired == "The WAV header was never finished (it says 0 bytes); the 2,000 bytes after it were taken."
    )


@pytest.mark.parametrize(
    ("claimed", "said"), [(0xFFFFFFFF, "4,294,967,295"), (2_002, "2,002"), (0x7FFFF000, "2,147,479,552")]
)
def test_a_header_that_promises_more_than_there_is_is_taken_with_its_audio(claimed: int, said: str) -> None:
    layout = layout_of(riff(fmt(), chunk(b"data", AUDIO, claimed=claimed), claimed=0xFFFFFFFF))
    assert layout.samples == 1_000
    assert layout.repaired == f"The WAV header promises {said} bytes of audio; the 2,000 that are there were taken."


def test_an_unfinished_header_and_half_a_sample_at_the_end() -> None:
    assert layout_of(riff(fmt(), chunk(b"data", AUDIO + b"\1", claimed=0), claimed=0)[:-1]).samples == 1_000


def test_rf64_has_its_lengths_in_ds64() -> None:
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 72 + len(AUDIO), len(AUDIO), 1_000, 0))
    content = riff(ds64, fmt(), chunk(b"data", AUDIO, claimed=0xFFFFFFFF), claimed=0xFFFFFFFF, form=b"RF64")
    layout = layout_of(content + chunk(b"LIST", b"behind the audio"))
    assert (layout.samples, layout.repaired) == (1_000, None)


class Hole(io.BytesIO):
    """A file of any length whose beginning is real and whose rest is never read."""

    def __init__(self, head: bytes, length: int) -> None:
        super().__init__(head)
        self._length = length

    def seek(self, offset: int, whence: int = 0) -> int:
        return super().seek(self._length + offset if whence == 2 else offset)

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 <= size < 5_000
        return super().read(size)


def test_only_the_header_of_a_long_file_is_read() -> None:
    length = 3_000_000_000
    header = riff(fmt(), struct.pack("<4sI", b"data", length), claimed=36 + length)
    layout = wav.read_layout(Hole(header, length + 44))
    assert (layout.samples, layout.repaired) == (1_500_000_000, None)


def test_a_length_that_ran_over_at_4_gib_is_put_right() -> None:
    length = (1 << 32) + 8_000
    header = riff(fmt(), struct.pack("<4sI", b"data", 8_000), claimed=8_036)
    layout = wav.read_layout(Hole(header, length + 44))
    assert layout.data_bytes == length
    assert (
        layout.repaired
        == "The WAV header's length ran over at 4 GiB; the 4,294,975,296 bytes that are there were taken."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (riff(fmt(), chunk(b"data", b"")), "The WAV file has a header and not a single sample."),
        (riff(fmt(), chunk(b"data", b""), claimed=0), "The WAV file has a header and not a single sample."),
        (riff(fmt(), chunk(b"data", b"", claimed=0xFFFFFFFF)), "The WAV file has a header and not a single sample."),
        (riff(fmt(), chunk(b"data", b"\1")), "The WAV file has a header and not a single sample."),
        (
            riff(fmt(), chunk(b"data", b""), chunk(b"LIST", b"INFO and no sample")),
            "The WAV file has a header and not a single sample.",
        ),
        (riff(fmt()), "The WAV file has no 'data' chunk, so there is no audio in it."),
        (
            riff(chunk(b"data", AUDIO)),
            "The WAV file has no 'fmt ' chunk ahead of its audio, so nobody can tell how it is coded.",
        ),
        (riff(fmt())[:30], "The WAV file ends in the middle of its header."),
        (
            riff(chunk(b"fmt ", bytes(14)), chunk(b"data", AUDIO)),
            "The WAV file's 'fmt ' chunk is shorter than the 16 bytes that it must have.",
        ),
        (
            riff(fmt(channels=3), chunk(b"data", AUDIO)),
            "The audio has 3 channels; a recording has one or two.",
        ),
        (
            riff(fmt(rate=100), chunk(b"data", AUDIO)),
            "The sample rate is 100 Hz; it must be 4,000 to 192,000 Hz.",
        ),
        (
            riff(fmt(bits=48), chunk(b"data", AUDIO)),
            "The WAV file's samples have 48 bits, which is no width that WAV samples come in.",
        ),
        (
            riff(fmt(0x55), chunk(b"data", AUDIO)),
            (
                "The WAV file is coded as format 0x0055, which cannot be decoded here; "
                "PCM, float, µ-law, A-law, GSM 6.10, MS ADPCM and IMA ADPCM can."
            ),
        ),
        (
            riff(fmt(0x31, block=33), chunk(b"data", AUDIO)),
            "The WAV file says GSM 6.10, and not one channel in blocks of 65 bytes, as that must have.",
        ),
        (
            riff(fmt(0x11, block=0, bits=4), chunk(b"data", AUDIO)),
            "The WAV file's adpcm_ima_wav blocks of 0 bytes at 4 bits cannot be decoded.",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_with_one_sentence(content: bytes, sentence: str) -> None:
    assert refusal_of(content) == sentence


def test_a_file_of_nothing_but_empty_chunks_is_not_read_to_its_end(tmp_path: Path) -> None:
    reads = 0

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal reads
            reads += 1
            return super().read(size)

    with pytest.raises(NotAudio):
        wav.read_layout(Counting(riff(*[chunk(b"JUNK", b"")] * 50_000)))
    assert reads < 2_000


def test_the_format_chunk_is_kept_as_it_was() -> None:
    header = extensible(1, channels=2, bits=16)
    assert layout_of(riff(header, chunk(b"data", np.zeros(8, "<i2").tobytes()))).format_chunk == header[8:]
