"""Audio that only its account can hear: renditions that were encrypted one behind the other in one object."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callvault.model.media import MediaFormat


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedForm:
    """One rendition: a stretch of the object, the last 16 bytes of which are the tag of AES-256-GCM."""

    format: MediaFormat
    channels: int
    start: int
    """Of the stretch, in the object."""
    size_bytes: int
    """Of the stretch, its tag included."""
    iv: str
    """12 bytes in base64, another for each rendition: one key must never meet the same IV twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedMedia:
    """With what it was encrypted, and where in the object what lies."""

    key_id: UUID
    """The account's public key (``model.public_key``)."""
    wrapped_key: str
    """The content key (32 bytes) under that public key (RSAES-OAEP, SHA-256, MGF1 with SHA-256), in base64."""
    forms: tuple[SealedForm, ...]
    """The first is the one that is meant where nobody says which."""

    def find(self, form: MediaFormat, channels: int) -> SealedForm | None:
        """The rendition of this format with so many channels, where one was made."""
        return next((made for made in self.forms if (made.format, made.channels) == (form, channels)), None)
