"""MP3 at a constant bit rate, whose size is known before a single sample is encoded.

LAME looks ahead by 576 samples and fills the last frame up with at least as many; with input and output at one rate,
that alone decides how many frames there are.  Bit rate, rate and a remainder that is carried on decide each frame's
octets (ISO/IEC 11172-3, 2.4.3.1).  Rates and bit rates are chosen for speech: 32 kbit/s for a channel at 8 kHz, as
Twilio documents for its recordings, and somewhat more where there is more to be heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import lameenc
import numpy as np

from callvault.audio import lame_tag
from callvault.audio.mpeg import JOINT_STEREO, MONO, FrameHeader, sample_rates, samples_in_frame, version_of
from callvault.audio.samples import Samples
from callvault.errors import AudioError

_DELAY = 576
"""LAME's encoder delay, in samples."""
_LEAST_PADDING = 576
_QUALITY = 7
"""0 is slow, 9 is careless; 7 is what the ``lame`` command calls fast, and nobody hears the difference in speech."""


def mp3_rate(sample_rate: int) -> int:
    """The lowest sampling frequency of MP3 that holds all of the audio's."""
    return next((rate for rate in sample_rates() if rate >= sample_rate), 48_000)


def mp3_kbits(sample_rate: int, channels: int) -> int:
    """The bit rate, in kbit/s.  From 22 kHz on it is also the least that leaves room for the tag in one frame."""
    speech = 32 if sample_rate <= 12_000 else 48 if sample_rate == 16_000 else 64
    return speech * channels


def mp3_size(*, samples: int, sample_rate: int, channels: int) -> int:
    """Octets of the whole file for so many samples of each channel."""
    header = _header(sample_rate, channels)
    return header.size + _audio_bytes(header, _frames(samples, sample_rate))


def encode_mp3(blocks: Iterable[Samples], *, samples: int, sample_rate: int, channels: int) -> Iterator[bytes]:
    """The file, piece by piece.  ``blocks`` must hold exactly ``samples`` samples at one of MP3's rates.

    Raises:
        AudioError: the encoder's output has not the size that was announced.
    """
    header = _header(sample_rate, channels)
    frames = _frames(samples, sample_rate)
    padding = frames * samples_in_frame(sample_rate) - samples - _DELAY
    left = _audio_bytes(header, frames)
    gapless = lame_tag.Gapless(delay=_DELAY, padding=padding)
    yield lame_tag.tag_frame(header, frames=frames, audio_bytes=left, gapless=gapless)
    encoder = _encoder(header)
    for block in blocks:
        piece = bytes(encoder.encode(np.ascontiguousarray(block)))
        left -= len(piece)
        if piece:
            yield piece
    piece = bytes(encoder.flush())
    if len(piece) != left:
        raise AudioError(f"The MP3 encoder made {len(piece) - left:+,} bytes against what was announced.")
    yield piece


def mp3_encoder(sample_rate: int, channels: int) -> lameenc.Encoder:
    """LAME itself, for what has no end that is known; ``sample_rate`` is one of MP3's."""
    return _encoder(_header(sample_rate, channels))


def _header(sample_rate: int, channels: int) -> FrameHeader:
    kbits = mp3_kbits(sample_rate, channels)
    mode = MONO if channels == 1 else JOINT_STEREO
    return FrameHeader(version=version_of(sample_rate), kbits=kbits, sample_rate=sample_rate, padding=0, mode=mode)


def _frames(samples: int, sample_rate: int) -> int:
    return -(-(samples + _DELAY + _LEAST_PADDING) // samples_in_frame(sample_rate))


def _audio_bytes(header: FrameHeader, frames: int) -> int:
    """Each frame's size rounded down, and one octet more whenever the remainders owe one.

    LAME counts from the second frame on: the first is never padded.
    """
    remainder = header.samples // 8 * header.kbits * 1_000 % header.sample_rate
    octets = -(-(frames - 1) * remainder // header.sample_rate)
    return frames * header.size + octets


def _encoder(header: FrameHeader) -> lameenc.Encoder:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(header.channels)
    encoder.set_in_sample_rate(header.sample_rate)
    encoder.set_out_sample_rate(header.sample_rate)
    encoder.set_bit_rate(header.kbits)
    encoder.set_quality(_QUALITY)
    encoder.encode(b"")  # begins the stream even if no sample comes
    return encoder
