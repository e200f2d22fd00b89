"""The components' schemas.  Names, types and what must be there are read off the core's own classes (``fields``), so
that the description cannot fall behind them; a field without a sentence stops the import.
"""

from __future__ import annotations

from callvault.dialects.callvault.description import sentences
from callvault.dialects.callvault.description.capture_schemas import CAPTURE_SCHEMAS
from callvault.dialects.callvault.description.fields import Schema, object_schema, properties, ref, required
from callvault.dialects.callvault.description.live_schemas import LIVE_SCHEMAS
from callvault.dialects.callvault.description.notice_schemas import NOTICE_SCHEMAS
from callvault.dialects.callvault.documents import OUR_PLACES
from callvault.model.actor import Account, Scope
from callvault.model.card import Card
from callvault.model.party import Party
from callvault.model.recording import Recording, StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.model.transcription import Transcript, Transcription
from callvault.vault.enrolment import OURS_TO_SAY

_HEARD = ("channels", "format")
"""What a card may repeat and the audio decides."""


def _recording() -> Schema:
    link = {"type": "string", "format": "uri"}
    links = object_schema(
        {
            "self": link | {"description": "This recording."},
            "media": link | {"description": "Its audio; not there where there is nothing to hear."},
        },
        ["self"],
        "Where things are.",
    )
    always = [*required(Recording), "source", "origin", "direction", "revision", "links"]
    shown = properties(Recording, sentences.RECORDING) | {"links": links}
    return object_schema(shown, always, "A recording's card. What is not known is left out; new fields may come.")


def _card() -> Schema:
    """What may be said of new audio: everything but what only the audio and the archive know."""
    decided = {*OURS_TO_SAY, *_HEARD}
    shown = {name: schema for name, schema in properties(Card, sentences.RECORDING).items() if name not in decided}
    shown["media_state"]["enum"] = ["whole", "partial"]
    about = "What the sender knows of a recording. Everything is optional; a field that is not listed is refused."
    return object_schema(shown, [], about, additionalProperties=False)


def _stored_media() -> Schema:
    every = properties(StoredMedia, sentences.STORED_MEDIA)
    shown = {name: schema for name, schema in every.items() if name not in OUR_PLACES}
    always = [name for name in required(StoredMedia) if name in shown]
    return object_schema(shown, always, "The bytes as they arrived.")


def _page() -> Schema:
    url = {"type": "string", "format": "uri", "description": "The next page; not there on the last."}
    return object_schema(
        {
            "recordings": {"type": "array", "items": ref("Recording")},
            "next": {"type": ["string", "null"], "description": "`after` of the next page; null on the last."},
            "total": {"type": "integer", "minimum": 0, "description": "How many match in all; with `total=true`."},
            "links": object_schema({"next": url}, [], "Where things are."),
        },
        ["recordings", "next", "links"],
        "A page of recordings.",
    )


def _account() -> Schema:
    shown = properties(Account, sentences.ACCOUNT)
    del shown["settings"]
    shown["scopes"] = {
        "type": "array",
        "items": {"type": "string", "enum": [scope.value for scope in Scope]},
        "description": "What the credential may do.",
    }
    shown["key_id"] = {"type": "string", "description": "The key's public half, where a key was shown."}
    shown["user_id"] = {"type": "string", "format": "uuid", "description": "The user, where one has logged in."}
    return object_schema(shown, ["id", "serial", "name", "created_at", "scopes"], "Who is asking.")


SCHEMAS: dict[str, Schema] = {
    **CAPTURE_SCHEMAS,
    "Recording": _recording(),
    "RecordingPage": _page(),
    "Card": _card(),
    "Party": object_schema(properties(Party, sentences.PARTY), [], "One side of a call.", additionalProperties=False),
    "StoredMedia": _stored_media(),
    "SealedMedia": object_schema(
        properties(SealedMedia, sentences.SEALED_MEDIA), required(SealedMedia), "How audio was encrypted."
    ),
    "SealedForm": object_schema(
        properties(SealedForm, sentences.SEALED_FORM), required(SealedForm), "One encrypted rendition."
    ),
    "Transcription": object_schema(
        properties(Transcription, sentences.TRANSCRIPTION),
        required(Transcription),
        "What was said.",
        additionalProperties=False,
    ),
    "Transcript": object_schema(
        properties(Transcript, sentences.TRANSCRIPT),
        required(Transcript),
        "The words of one channel.",
        additionalProperties=False,
    ),
    "MediaLink": object_schema(
        {
            "url": {"type": "string", "format": "uri", "description": "Opens the audio, whoever asks."},
            "expires_at": {"type": "string", "format": "date-time", "description": "From then on it opens nothing."},
        },
        ["url", "expires_at"],
        "A signed link.",
    ),
    "Account": _account(),
    "Ping": object_schema(
        {
            "service": {"type": "string", "const": "callvault"},
            "version": {"type": "string", "description": "Of the software."},
        },
        ["service", "version"],
        "Who answers.",
    ),
    **LIVE_SCHEMAS,
    **NOTICE_SCHEMAS,
    "OpenApi": {"type": "object", "description": "An OpenAPI 3.1 document."},
    "Problem": object_schema(
        {
            "type": {"type": "string", "const": "about:blank"},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What was wrong and what would be right, in one sentence."},
            "code": {
                "type": "string",
                "enum": sentences.CODES,
                "description": "What a program compares; never renamed.",
            },
            "field": {"type": "string", "description": "The parameter, header or card field to blame."},
        },
        ["type", "title", "status", "detail", "code"],
        "A refusal (RFC 9457).",
    ),
}
