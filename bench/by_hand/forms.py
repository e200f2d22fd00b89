"""Whose pages they are, and what several of them write.  How a time or an id is written is the toolbox's, as there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from callvault.dialects.toolbox.ids import write_uuid
from callvault.model.ids import time_of
from callvault.model.query import ALWAYS, Span
from callvault.model.recording import Recording

Asked = Mapping[str, str]
"""The parameters of a request."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """What stands in all pages."""

    account_id: UUID
    serial: int
    token: str
    base_url: str
    link_key: bytes
    cloak_key: bytes


def month(core_id: UUID) -> str:
    moment = time_of(core_id)
    return f"{moment.year:04}{moment.month:02}"


def link(archive: Archive, item: Recording, form: str) -> str:
    expires = int(datetime.now(UTC).timestamp()) + 600
    name = f"{write_uuid(item.id)}.{form}"
    message = f"{name}\n\n{expires}".encode()
    signature = hashlib.blake2b(message, key=archive.link_key, digest_size=24).digest()
    return f"{archive.base_url}/media/{name}?expires={expires}&signature={base64.urlsafe_b64encode(signature).decode()}"


def span(asked: Asked, from_: str, before: str = "", through: str = "") -> Span:
    least, most, last = (
        datetime.fromisoformat(asked[name]) if name in asked else None for name in (from_, before, through)
    )
    return Span(from_=least, before=most, through=last) if least or most or last else ALWAYS
