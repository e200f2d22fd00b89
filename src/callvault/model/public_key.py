"""A key of an account's own, with which what is recorded for it is encrypted: the public half alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """Whoever has the private half hears what was encrypted with this; nobody here has it."""

    id: UUID
    account_id: UUID
    name: str
    """As the account calls it; may be empty."""
    pem: str
    """RSA, SubjectPublicKeyInfo (RFC 7468 section 13)."""
    created_at: datetime
    updated_at: datetime
