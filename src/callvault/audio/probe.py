"""What a file is, said by its content: never by its name, nor by who sent it.

WAV is read by its header alone, whatever its size.  MP3, Ogg and FLAC are walked from end to end without decoding,
because their headers are often silent about the length, or wrong.
What does not live here: whether all of an upload arrived, which only the one who received it knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from callvault.audio import libav, mpeg_stream, wav
from callvault.audio.wav_codec import check_shape
from callvault.audio.wav_window import open_window
from callvault.errors import NotAudio
from callvault.model.media import AudioFacts, MediaFormat

_OTHERS = {
    b"#!AMR": "AMR",
    b".snd": "Sun AU",
    b"FORM": "AIFF",
    b"RIFX": "big-endian WAV",
    b"riff": "Wave64",
    b"caff": "Core Audio",
    b"\x1aE\xdf\xa3": "Matroska or WebM",
    b"\x30\x26\xb2\x75": "Windows Media",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "gzip",
    b"<": "HTML or XML",
    b"{": "JSON",
}
"""What else turns up where recordings are expected, by its first octets."""

_OGG_CODECS = {"opus", "vorbis"}


def probe(path: Path) -> AudioFacts:
    """What the file holds.

    Raises:
        NotAudio: it is empty, not audio, audio without a sample, or audio of a kind that cannot be read here.
    """
    with path.open("rb") as file:
        head = file.read(40)
        if not head:
            raise NotAudio("The file is empty.")
        if wav.recognises(head):
            return _wav(file)
        if head.startswith(b"OggS"):
            return _counted(file, MediaFormat.OGG)
        if head.startswith(b"fLaC"):
            return _counted(file, MediaFormat.FLAC)
        found = mpeg_stream.find(file)
        if found is not None:
            return _mp3(file, found)
        raise NotAudio(f"This is not audio that can be kept{_guess(head)}; WAV, MP3, Ogg (Opus, Vorbis) and FLAC are.")


def _guess(head: bytes) -> str:
    kinds = [kind for start, kind in _OTHERS.items() if head.startswith(start)]
    kinds += ["MP4"] if head[4:8] == b"ftyp" else []
    return f" (it looks like {kinds[0]})" if kinds else ""


def _wav(file: BinaryIO) -> AudioFacts:
    layout = wav.read_layout(file)
    if layout.codec.in_blocks:
        undecodable = NotAudio(f"The WAV file's {layout.codec.name} cannot be decoded.")
        if not libav.begins_well(open_window(file, layout), "wav", error=undecodable):
            raise undecodable
    return _facts(
        MediaFormat.WAV,
        codec=layout.codec.name,
        sample_rate=layout.codec.sample_rate,
        channels=layout.codec.channels,
        samples=layout.samples,
        repaired=layout.repaired,
    )


def _mp3(file: BinaryIO, found: mpeg_stream.Mp3Stream) -> AudioFacts:
    samples = found.count(file)
    if samples <= 0:
        raise NotAudio("The MP3 file has a header and not a single sample.")
    return _facts(
        MediaFormat.MP3,
        codec="mp3",
        sample_rate=found.header.sample_rate,
        channels=found.header.channels,
        samples=samples,
    )


def _counted(file: BinaryIO, media_format: MediaFormat) -> AudioFacts:
    name = "Ogg" if media_format is MediaFormat.OGG else "FLAC"
    unreadable = NotAudio(f"The {name} file is damaged: no audio in it can be read.")
    counted = libav.count(file, media_format.value, error=unreadable)
    if counted is None:
        raise NotAudio(f"The {name} file has no audio in it.")
    if counted.codec not in _OGG_CODECS | {"flac"}:
        raise NotAudio(f"The {name} file is coded as {counted.codec}, which cannot be read here; Opus and Vorbis can.")
    check_shape(sample_rate=counted.sample_rate, channels=counted.channels)
    if counted.samples <= 0:
        raise NotAudio(f"The {name} file has a header and not a single sample.")
    return _facts(
        media_format,
        codec=counted.codec,
        sample_rate=counted.sample_rate,
        channels=counted.channels,
        samples=counted.samples,
    )


def _facts(
    media_format: MediaFormat, *, codec: str, sample_rate: int, channels: int, samples: int, repaired: str | None = None
) -> AudioFacts:
    duration_ms = (samples * 2_000 + sample_rate) // (2 * sample_rate)
    return AudioFacts(
        format=media_format,
        codec=codec,
        sample_rate=sample_rate,
        channels=channels,
        samples=samples,
        duration_ms=duration_ms,
        repaired=repaired,
    )
