"""A transcription as a file: whole files, as players and readers want them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import orjson

from callvault.dialects.bird.captions import CONTENT_TYPE, Caption, content
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from tests.unit.dialects.visits import recording

AT = datetime(2026, 3, 1, 9, 2, tzinfo=UTC)
LONG = recording(duration_ms=3_725_007)


def said(*texts: str) -> Transcription:
    return Transcription(
        id=UUID(int=7 << 76),
        status=TranscriptionStatus.AVAILABLE,
        created_at=AT,
        updated_at=AT,
        locale="en-GB",
        transcripts=tuple(Transcript(text=text, confidence=0.5) for text in texts),
    )


TWO = said("Fish & chips, please.\n\n  Two.", "Is that <all>?")


def text(form: Caption, words: Transcription) -> str:
    return content(form, LONG, words, "t-1").decode()


def test_every_form_has_a_type() -> None:
    assert set(CONTENT_TYPE) == set(Caption)


def test_subrip() -> None:
    assert text(Caption.SRT, TWO) == (
        "1\n00:00:00,000 --> 01:02:05,007\nFish & chips, please.\nTwo.\n"
        "\n"
        "2\n00:00:00,000 --> 01:02:05,007\nIs that <all>?\n"
    )


def test_webvtt() -> None:
    assert text(Caption.VTT, TWO) == (
        "WEBVTT\n"
        "\n"
        "00:00:00.000 --> 01:02:05.007\n<v Channel 1>Fish &amp; chips, please.\nTwo.\n"
        "\n"
        "00:00:00.000 --> 01:02:05.007\n<v Channel 2>Is that &lt;all&gt;?\n"
    )


def test_one_channel_needs_no_name() -> None:
    assert text(Caption.VTT, said("Hello.")) == "WEBVTT\n\n00:00:00.000 --> 01:02:05.007\nHello.\n"


def test_plain_text_is_kept_as_it_was_said() -> None:
    assert text(Caption.TXT, TWO) == "Fish & chips, please.\n\n  Two.\nIs that <all>?\n"


def test_a_channel_on_which_nobody_spoke_has_no_cue_and_the_other_keeps_its_number() -> None:
    assert text(Caption.VTT, said("  ", "Hello?")) == "WEBVTT\n\n00:00:00.000 --> 01:02:05.007\n<v Channel 2>Hello?\n"
    assert text(Caption.SRT, said("", "Hello?")).startswith("1\n")
    assert text(Caption.SRT, said("", "")) == text(Caption.TXT, said()) == ""
    assert text(Caption.VTT, said("")) == "WEBVTT\n"


def test_json() -> None:
    assert orjson.loads(content(Caption.JSON, LONG, TWO, "t-1")) == {
        "id": "t-1",
        "locale": "en-GB",
        "duration": 3725.007,
        "text": TWO.text,
        "segments": [
            {
                "channel": 1,
                "start": 0.0,
                "end": 3725.007,
                "text": "Fish & chips, please.\n\n  Two.",
                "confidence": 0.5,
            },
            {"channel": 2, "start": 0.0, "end": 3725.007, "text": "Is that <all>?", "confidence": 0.5},
        ],
    }
    assert orjson.loads(content(Caption.JSON, LONG, replace(TWO, locale=None), "t-1"))["locale"] is None
