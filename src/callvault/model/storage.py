"""A store of an account's own: where the audio of one connection is kept, and the keys to it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


class Backend(enum.StrEnum):
    """Who keeps it."""

    S3 = "s3"
    S3_GENERIC = "s3-generic"
    """A server that speaks as Amazon's does, at an endpoint of its own."""
    GCS = "gcs"
    AZURE = "azure"


class Trouble(enum.StrEnum):
    """Why audio is not in the store that its account chose for it."""

    REFUSED = "refused"
    """The store does not take the keys."""
    UNREACHABLE = "unreachable"
    """It did not answer, or not as a store does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnStorage:
    """What an account said of its store."""

    account_id: UUID
    connection_id: str
    """Recordings of this connection go there."""
    backend: Backend
    configuration: Mapping[str, str] = field(repr=False)
    """Bucket and keys, by the names that ``places`` of each backend has; secrets in the clear."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedStorage:
    """The same as the catalogue keeps it: what is secret lies under the master key."""

    id: UUID
    """Part of the store's name in recordings' rows: it outlives the choice, as long as audio lies there."""
    account_id: UUID
    connection_id: str
    sealed: bytes
    created_at: datetime
    updated_at: datetime
    dropped_at: datetime | None = None
    """Since when nothing new goes there."""

    @property
    def store(self) -> str:
        """What recordings' rows call it."""
        return store_name(self.id)


_OWN = "own-"


def store_name(storage_id: UUID) -> str:
    """What recordings' rows call the store of an account's own choice."""
    return f"{_OWN}{storage_id}"


def storage_id_of(name: str) -> UUID | None:
    """Turn ``store_name`` back; None where it is one of the server's own stores."""
    try:
        return UUID(name.removeprefix(_OWN)) if name.startswith(_OWN) else None
    except ValueError:
        return None
