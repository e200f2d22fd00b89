"""How a WAV file's samples are coded: the ``fmt `` chunk, and how many samples a number of coded bytes holds.

Sources: mmreg.h (format tags), Microsoft "Multimedia Data Standards Update" rev. 3.0 (1994) for the block layouts of
MS ADPCM, IMA ADPCM and GSM 6.10.  Block sizes are taken from the header, samples in a block are computed: a header
may lie about the second without any decoder noticing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from callvault.errors import NotAudio

LOWEST_RATE, HIGHEST_RATE = 4_000, 192_000
"""Hz.  Beyond these nothing records calls, and the number is more likely rubbish."""

_EXTENSIBLE = 0xFFFE
_EXTENSIBLE_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""KSDATAFORMAT_SUBTYPE: what follows the two octets of the format tag in the subformat's GUID."""

_PCM = {1: "pcm_u8", 2: "pcm_s16le", 3: "pcm_s24le", 4: "pcm_s32le"}
_FLOAT = {4: "pcm_f32le", 8: "pcm_f64le"}
_BLOCKS = {0x02: "adpcm_ms", 0x11: "adpcm_ima_wav", 0x31: "gsm_ms"}
_LAWS = {0x06: "pcm_alaw", 0x07: "pcm_mulaw"}

_GSM_BLOCK, _GSM_SAMPLES = 65, 320
"""Two 33-octet frames of GSM 06.10, packed without their padding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WavCodec:
    """One way of coding samples."""

    name: str
    """As in ``AudioFacts.codec``."""
    sample_rate: int
    channels: int
    block_bytes: int
    """The smallest piece that can be decoded: all channels of one sample, or of one block of many."""

    @property
    def in_blocks(self) -> bool:
        """Whether samples can only be had by the block, and with a decoder."""
        return not self.name.startswith("pcm_")

    def samples_in(self, data_bytes: int, *, fact: int | None = None) -> int:
        """Samples of one channel in so many coded bytes.

        ``fact`` is what the file says of itself; in block codecs it tells how much of the last block is padding, and
        is believed within that block and nowhere else.
        """
        blocks, rest = divmod(data_bytes, self.block_bytes)
        if not self.in_blocks:
            return blocks
        whole = self._samples_in_block(self.block_bytes)
        samples = blocks * whole + self._samples_in_block(rest)
        return fact if fact is not None and samples - whole < fact <= samples else samples

    def _samples_in_block(self, size: int) -> int:
        if self.name == "gsm_ms":
            return _GSM_SAMPLES if size == _GSM_BLOCK else 0
        coded = size - self._preamble()
        if coded < 0:
            return 0
        if self.name == "adpcm_ms":
            return 2 + coded * 2 // self.channels
        return 1 + coded // (4 * self.channels) * 8

    def _preamble(self) -> int:
        """Octets of predictor state ahead of a block's coded samples."""
        return (7 if self.name == "adpcm_ms" else 4) * self.channels


def read_codec(chunk: bytes) -> WavCodec:
    """What a ``fmt `` chunk says.

    Raises:
        NotAudio: it is too short, or says something that cannot be decoded here.
    """
    if len(chunk) < 16:
        raise NotAudio("The WAV file's 'fmt ' chunk is shorter than the 16 bytes that it must have.")
    tag, channels, rate, _, block_bytes, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == _EXTENSIBLE and chunk[26:40] == _EXTENSIBLE_TAIL:
        tag = int.from_bytes(chunk[24:26], "little")
    check_shape(sample_rate=rate, channels=channels)
    name, block_bytes = _coding(tag, channels=channels, block_bytes=block_bytes, bits=bits)
    return WavCodec(name=name, sample_rate=rate, channels=channels, block_bytes=block_bytes)


def check_shape(*, sample_rate: int, channels: int) -> None:
    """Refuse what no call recording is, whatever the container.

    Raises:
        NotAudio: too many channels, or a rate beyond all reason.
    """
    if not 1 <= channels <= 2:
        raise NotAudio(f"The audio has {channels} channels; a recording has one or two.")
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise NotAudio(f"The sample rate is {sample_rate:,} Hz; it must be {LOWEST_RATE:,} to {HIGHEST_RATE:,} Hz.")


def _coding(tag: int, *, channels: int, block_bytes: int, bits: int) -> tuple[str, int]:
    """The codec's name and its block."""
    if tag in {1, 3}:
        names = _PCM if tag == 1 else _FLOAT
        width = _container(channels=channels, block_bytes=block_bytes, bits=bits)
        if width not in names:
            raise NotAudio(f"The WAV file's samples have {bits} bits, which is no width that WAV samples come in.")
        return names[width], width * channels
    if tag in _LAWS:
        return _LAWS[tag], channels
    if tag not in _BLOCKS:
        raise NotAudio(
            f"The WAV file is coded as format 0x{tag:04X}, which cannot be decoded here; "
            "PCM, float, µ-law, A-law, GSM 6.10, MS ADPCM and IMA ADPCM can."
        )
    name = _BLOCKS[tag]
    if name == "gsm_ms" and (channels, block_bytes) != (1, _GSM_BLOCK):
        raise NotAudio("The WAV file says GSM 6.10, and not one channel in blocks of 65 bytes, as that must have.")
    codec = WavCodec(name=name, sample_rate=0, channels=channels, block_bytes=max(block_bytes, 1))
    if codec.samples_in(block_bytes) == 0 or (bits != 4 and name != "gsm_ms"):
        raise NotAudio(f"The WAV file's {name} blocks of {block_bytes} bytes at {bits} bits cannot be decoded.")
    return name, block_bytes


def _container(*, channels: int, block_bytes: int, bits: int) -> int:
    """Octets of one sample: 24 bits may stand in three or in four, which only the block's size tells."""
    needed = (bits + 7) // 8
    width, rest = divmod(block_bytes, channels)
    return width if rest == 0 and needed <= width <= 8 else needed
