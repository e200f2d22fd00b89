"""The tag in an MP3's first frame that tells its exact length: Xing's and Info's, with LAME's extension.

MP3 is coded in frames and an encoder looks ahead, so the decoded audio begins late and ends with padding.  The tag
says by how much; players that know it (all current ones) play exactly what was recorded.
Sources: the Xing header as documented with VBRHeader SDK (1999), and "MP3 Info Tag revision 1 specification"
(gabriel.mp3-tech.org/mp3infotag.html, read 2026-11).
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass

from callvault.audio.mpeg import FrameHeader

DECODER_DELAY = 529
"""Samples by which every layer III decoder is late: 528 of the filter banks, and 1.  Not part of the tag's delay."""

_ALL_FIELDS = 0xF  # frames, bytes, table of contents, quality
_ENCODER = b"LAME3.100"
_CONSTANT_BIT_RATE = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Gapless:
    """How much of the decoded audio is not the recording's."""

    delay: int
    """Samples of one channel that the encoder put before the first."""
    padding: int
    """Samples after the last."""


def is_tag(frame: bytes, header: FrameHeader) -> bool:
    """Whether a frame holds a tag in place of audio: Xing's, Info's, or Fraunhofer's VBRI."""
    at = header.side_info_end
    return frame[at : at + 4] in {b"Xing", b"Info"} or frame[36:40] == b"VBRI"


def read_gapless(frame: bytes, header: FrameHeader) -> Gapless | None:
    """What a tag says of delay and padding; None where it says nothing of it."""
    at = header.side_info_end
    if frame[at : at + 4] not in {b"Xing", b"Info"}:
        return None
    fields = int.from_bytes(frame[at + 4 : at + 8], "big")
    at += 8 + 4 * (fields & 1) + 4 * (fields >> 1 & 1) + 100 * (fields >> 2 & 1) + 4 * (fields >> 3 & 1)
    # libavformat and libmp3lame wrappers sign with their own names, and mean the same fields
    if frame[at : at + 4] not in {b"LAME", b"Lavf", b"Lavc"} or len(frame) < at + 24:
        return None
    both = int.from_bytes(frame[at + 21 : at + 24], "big")
    return Gapless(delay=both >> 12, padding=both & 0xFFF)


def tag_frame(header: FrameHeader, *, frames: int, audio_bytes: int, gapless: Gapless) -> bytes:
    """A whole frame that is silent and carries the tag, to stand before ``frames`` frames of ``audio_bytes`` in all.

    The checksum over the music is 0: the tag is sent before the music is made, and no player looks at it.
    """
    start = header.pack() + bytes(header.side_info_end - 4)
    entire = min(header.size + audio_bytes, 0xFFFFFFFF)
    contents = bytes(step * 256 // 100 for step in range(100))  # at a constant bit rate, time is place
    xing = struct.pack(">4sIII", b"Info", _ALL_FIELDS, frames, entire) + contents + bytes(4)
    lame = _ENCODER + bytes([_CONSTANT_BIT_RATE]) + bytes(10)
    lame += bytes([min(header.kbits, 255)]) + (gapless.delay << 12 | gapless.padding).to_bytes(3, "big")
    lame += bytes([_about_source(header)]) + bytes(3) + struct.pack(">IH", entire, 0)
    body = start + xing + lame
    body += crc16(body).to_bytes(2, "big")
    return body.ljust(header.size, b"\0")


def _about_source(header: FrameHeader) -> int:
    """The octet that says which stereo mode was chosen and what the original's sampling frequency was."""
    stereo_mode = 3 if header.channels == 2 else 0  # joint, and mono
    frequency = 0 if header.sample_rate <= 32_000 else 1 if header.sample_rate == 44_100 else 2
    return frequency << 6 | stereo_mode << 2


@functools.cache
def _crc_table() -> tuple[int, ...]:
    """CRC-16 with the polynomial 0x8005, bits reflected, as LAME computes it."""
    table = []
    for octet in range(256):
        crc = octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


def crc16(content: bytes) -> int:
    """The checksum of the tag, over everything in the frame ahead of it."""
    crc = 0
    for octet in content:
        crc = crc >> 8 ^ _crc_table()[(crc ^ octet) & 0xFF]
    return crc
