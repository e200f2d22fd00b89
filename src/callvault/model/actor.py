"""Who owns recordings, what a caller shows, and who it turns out to be."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


class Scope(enum.StrEnum):
    """What a key may do."""

    READ = "read"
    """List recordings and read what is known of them."""
    MEDIA = "media"
    """Hear them."""
    WRITE = "write"
    """Take recordings in and change what is known of them."""
    DELETE = "delete"
    ADMIN = "admin"
    """Manage accounts, users and keys; implies the rest."""


ORDINARY_SCOPES = frozenset({Scope.READ, Scope.MEDIA, Scope.WRITE, Scope.DELETE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Who owns recordings."""

    id: UUID
    serial: int
    """A number of eight digits, given by the catalogue in the order of arrival."""
    name: str
    """Unique."""
    created_at: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    """``public_media``: bool, true unless set: whether dialects whose vendor serves audio by its id alone do so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Somebody within an account who may own recordings and log in with a name and a password."""

    id: UUID
    account_id: UUID
    name: str
    """Unique within the account, lower case."""
    created_at: datetime
    credential_digests: Mapping[str, str] = field(default_factory=dict)
    """Hash method (``md5``, ``sha``) to the keyed digest of what a client presents for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A credential.  The secret itself is shown once and kept only as its hash, or sealed where we must use it."""

    id: str
    """16 lower-case hex characters; public."""
    account_id: UUID
    label: str
    scopes: frozenset[Scope]
    secret_hash: str
    """SHA-256 of the secret, hex.  The secret has 192 random bits, so a slow hash would guard nothing more."""
    sealed: bytes | None = None
    """The secret under the master key, for the key that signs what the account is sent."""
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyClaim:
    """The caller shows a key: 64 hex characters, 16 of the key's id and 48 of its secret."""

    token: str
    account_id: UUID | None = None
    """The account that the caller says it belongs to; the key must agree."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionClaim:
    """The caller shows a token that it was given at log-in."""

    token: str


Claim = KeyClaim | SessionClaim


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who is asking, proved."""

    account: Account
    key_id: str | None
    user_id: UUID | None = None
    scopes: frozenset[Scope] = ORDINARY_SCOPES

    def may(self, scope: Scope) -> bool:
        """Whether the scopes allow it."""
        return scope in self.scopes or Scope.ADMIN in self.scopes
