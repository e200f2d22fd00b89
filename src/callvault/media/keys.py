"""Where an object lives: a pure function of what it is."""

from __future__ import annotations

from uuid import UUID

from callvault.model.media import MediaFormat


def original_key(account_id: UUID, recording_id: UUID, sha256: str, form: MediaFormat) -> str:
    """Account, recording, hash: never a hash alone, so that no account's deletion can take another's audio."""
    return f"{account_id}/{recording_id}/{sha256}.{form}"


def sealed_key(account_id: UUID, recording_id: UUID, sha256: str) -> str:
    """The same for an object that holds renditions that were encrypted for the account."""
    return f"{account_id}/{recording_id}/{sha256}.sealed"
