"""Our own words are the core's, so they need no dictionary; here are what the core has no word for, and names."""

from __future__ import annotations

import base64
import enum
import re
from uuid import UUID

from callvault.dialects.toolbox.ids import read_uuid
from callvault.model.ids import is_core_id
from callvault.model.media import MediaFormat
from callvault.vault.commands import Ref

NAME = "callvault"
BASE = "/callvault/v1"
JSON = "application/json"
PROBLEM = "application/problem+json"
HEX_DIGITS, BASE64_LETTERS = 32, 22
"""Of a UUID."""
EXAMPLE_ID = "019ca8a0-46c2-7a3b-8c4d-5e6f708192a3"

CONTENT_TYPE: dict[MediaFormat, str] = {
    MediaFormat.WAV: "audio/wav",
    MediaFormat.MP3: "audio/mpeg",
    MediaFormat.OGG: "audio/ogg",
    MediaFormat.FLAC: "audio/flac",
}


class Order(enum.StrEnum):
    """Which end of a list comes first."""

    ASC = "asc"
    DESC = "desc"


class Form(enum.StrEnum):
    """In what form audio is asked for."""

    WAV = "wav"
    MP3 = "mp3"
    OGG = "ogg"
    FLAC = "flac"
    ORIGINAL = "original"
    """The bytes as they arrived."""


MEDIA_FORMAT: dict[Form, MediaFormat | None] = {
    Form.WAV: MediaFormat.WAV,
    Form.MP3: MediaFormat.MP3,
    Form.OGG: MediaFormat.OGG,
    Form.FLAC: MediaFormat.FLAC,
    Form.ORIGINAL: None,
}


def recording_ref(text: str) -> Ref:
    """A recording as a path names it: by its core id."""
    return Ref(dialect=NAME, kind="recording", text=text, computed=read_uuid(text))


def call_ref(text: str) -> Ref:
    """A live call as a path names it: by an id of ours, its Call-ID, or what any vendor calls it.

    Vendors' forms of our ids end in the core id, in 32 hex digits, hyphens aside, or in base64url.
    """
    return Ref(dialect=NAME, kind="call", text=text, computed=read_uuid(text) or _behind(text))


def _behind(text: str) -> UUID | None:
    digits = text.replace("-", "")[-HEX_DIGITS:]
    if re.fullmatch(r"[0-9a-fA-F]{32}", digits):
        found = UUID(hex=digits)
    elif re.fullmatch(r"v3:[\w-]{22}", text, re.ASCII):
        found = UUID(bytes=base64.urlsafe_b64decode(text[-BASE64_LETTERS:] + "=="))
    else:
        return None
    return found if is_core_id(found) else None
