"""A transcription's words as a file: plain text, subtitles (SubRip, WebVTT), JSON.

A transcript here has no times of its words, so each channel is one cue, from the recording's beginning to its end.
"""

from __future__ import annotations

import enum
import re
from typing import Any

import orjson

from callvault.model.recording import Recording
from callvault.model.transcription import Transcription


class Caption(enum.StrEnum):
    """The forms, each by the extension that asks for it."""

    JSON = "json"
    SRT = "srt"
    VTT = "vtt"
    TXT = "txt"


CONTENT_TYPE: dict[Caption, str] = {
    Caption.JSON: "application/json; charset=UTF-8",
    Caption.SRT: "application/x-subrip; charset=UTF-8",
    Caption.VTT: "text/vtt; charset=UTF-8",
    Caption.TXT: "text/plain; charset=UTF-8",
}

_BLANK_LINES = re.compile(r"\s*\n\s*")
"""A blank line ends a cue (WebVTT, W3C 2019, section 4.1; SubRip knows no other end), so none may be in one."""


def content(form: Caption, recording: Recording, said: Transcription, name: str) -> bytes:
    """The file.  ``name``: what the vendor's clients call the transcription."""
    match form:
        case Caption.JSON:
            return orjson.dumps(_document(recording, said, name))
        case Caption.SRT:
            return _subrip(recording, said).encode()
        case Caption.VTT:
            return _webvtt(recording, said).encode()
        case Caption.TXT:
            return "".join(f"{text}\n" for _, text in _spoken(said)).encode()


def _document(recording: Recording, said: Transcription, name: str) -> dict[str, Any]:
    end = recording.duration_ms / 1000
    segments = [
        {
            "channel": channel,
            "start": 0.0,
            "end": end,
            "text": said.transcripts[channel - 1].text,
            "confidence": said.transcripts[channel - 1].confidence,
        }
        for channel, _ in _spoken(said)
    ]
    return {"id": name, "locale": said.locale, "duration": end, "text": said.text, "segments": segments}


def _subrip(recording: Recording, said: Transcription) -> str:
    end = _clock(recording.duration_ms, ",")
    return "\n".join(
        f"{number}\n00:00:00,000 --> {end}\n{_cue(text)}\n" for number, (_, text) in enumerate(_spoken(said), 1)
    )


def _webvtt(recording: Recording, said: Transcription) -> str:
    end = _clock(recording.duration_ms, ".")
    several = len(said.transcripts) > 1
    cues = [
        f"00:00:00.000 --> {end}\n{f'<v Channel {channel}>' if several else ''}{_escaped(_cue(text))}\n"
        for channel, text in _spoken(said)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _spoken(said: Transcription) -> list[tuple[int, str]]:
    """The channels on which anything was said, counted from 1."""
    return [(channel, part.text) for channel, part in enumerate(said.transcripts, 1) if part.text.strip()]


def _cue(text: str) -> str:
    return _BLANK_LINES.sub("\n", text.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(milliseconds: int, point: str) -> str:
    """Hours, minutes, seconds and thousandths; hours have at least two digits."""
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{thousandths:03}"
