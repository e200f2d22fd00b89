"""A header that is written last is as long as it was promised to be, and read like any other."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from callvault.audio.late_header import Coding, late_header, late_header_bytes
from callvault.audio.probe import probe
from callvault.audio.wav import read_layout

every_coding = pytest.mark.parametrize("coding", Coding, ids=lambda coding: coding.name)


@every_coding
@pytest.mark.parametrize("samples", [0, 1, 8001, 1 << 31, 1 << 33])
def test_it_is_always_as_long(coding: Coding, samples: int) -> None:
    header = late_header(coding, sample_rate=16_000, channels=2, samples=samples)
    assert len(header) == late_header_bytes(coding)


@every_coding
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_with_it_is_read_like_any_other(coding: Coding, channels: int, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    header = late_header(coding, sample_rate=8000, channels=channels, samples=801)
    path.write_bytes(header + bytes(801 * channels * coding.sample_bytes))
    facts = probe(path)
    assert (facts.sample_rate, facts.channels, facts.samples, facts.repaired) == (8000, channels, 801, None)
    assert facts.codec == {"PCM": "pcm_s16le", "ALAW": "pcm_alaw", "ULAW": "pcm_mulaw"}[coding.name]


def test_what_is_longer_than_thirty_two_bits_says_so_in_sixty_four() -> None:
    class Long(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return super().seek(offset, whence) if whence != 2 else (1 << 33) + len(self.getvalue())

    header = late_header(Coding.PCM, sample_rate=8000, channels=2, samples=1 << 31)
    assert header.startswith(b"RF64\xff\xff\xff\xff")
    assert read_layout(Long(header)).samples == 1 << 31
