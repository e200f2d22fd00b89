"""The components that describe how a recording was captured."""

from __future__ import annotations

from callvault.dialects.callvault.description import capture_sentences as sentences
from callvault.dialects.callvault.description.fields import Schema, object_schema, properties, ref, required
from callvault.model.capture import Attendance, Capture, Digit, Gap, Message, Oddity, StreamQuality

_KINDS: tuple[tuple[str, type, dict[str, str], str], ...] = (
    ("Capture", Capture, sentences.CAPTURE, "How a recording was captured."),
    ("CapturedStream", StreamQuality, sentences.STREAM, "One stream of a capture. Counts are of RTP packets."),
    ("Gap", Gap, sentences.GAP, "A stretch of a stream without audio."),
    ("Digit", Digit, sentences.DIGIT, "A key that was pressed."),
    ("Attendance", Attendance, sentences.ATTENDANCE, "Somebody in the call."),
    ("Oddity", Oddity, sentences.ODDITY, "Something that was served although it was not as it should be."),
    ("SipMessage", Message, sentences.MESSAGE, "One message of the signalling."),
)


def _schema(kind: type, about: dict[str, str], sentence: str) -> Schema:
    shown = properties(kind, about)
    if kind is Message:
        del shown["at_ms"]["minimum"]  # what was said before the audio began
    always = [name for name in required(kind) if name not in _MAY_BE_UNKNOWN]
    return object_schema(shown, always, sentence)


_MAY_BE_UNKNOWN = {"trunk", "label", "channel", "mos", "address", "name"}
"""What is None where it is not known, and then left out."""

CAPTURE_SCHEMAS: dict[str, Schema] = {
    **{name: _schema(kind, about, sentence) for name, kind, about, sentence in _KINDS},
    "Exchange": object_schema(
        {"messages": {"type": "array", "items": ref("SipMessage")}}, ["messages"], "What was said about a recording."
    ),
}
