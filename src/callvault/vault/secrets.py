"""Everything that is derived from the master key, and how keys are made and checked.

What we only check is hashed; what we must use again is sealed under the master key, which all nodes share.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callvault.errors import OperatorError
from callvault.model.actor import ORDINARY_SCOPES, Key, Scope

MASTER_BYTES = 32
ID_HEX = 16
SECRET_HEX = 48
_NONCE = 12


class Secrets:
    """One master key, and what it stands behind.  Each use has a key of its own."""

    def __init__(self, master: bytes) -> None:
        if len(master) != MASTER_BYTES:
            raise OperatorError(f"The master key must have {MASTER_BYTES} bytes, not {len(master)}.")
        self._master = master
        self.link_key = self._derive("media links")
        self.cloak_key = self._derive("veiled ids")
        self.notice_key = self._derive("notices")
        self.session_key = self._derive("sessions")
        self.signalling_key = self._derive("signalling")
        self._digest_key = self._derive("digests")
        self._seal = AESGCM(self._derive("seal"))

    def digest(self, text: str) -> str:
        """A keyed hash, hex: worthless to whoever has the database and not the master key."""
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()

    def seal(self, text: str, nonce: bytes) -> bytes:
        """Encrypt and authenticate (AES-256-GCM).  ``nonce``: 12 random bytes."""
        return nonce[:_NONCE] + self._seal.encrypt(nonce[:_NONCE], text.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        """Turn ``seal`` back.

        Raises:
            OperatorError: it was sealed under another master key.
        """
        try:
            return self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except InvalidTag:
            raise OperatorError("The master key is not the one under which this catalogue's secrets lie.") from None

    def _derive(self, use: str) -> bytes:
        return hmac.digest(self._master, f"callvault/{use}".encode(), hashlib.sha256)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key that was just made, with the token that is shown this once."""

    key: Key
    token: str
    """64 hex characters: the id, then the secret."""


def make_key(
    account_id: UUID,
    *,
    label: str,
    now: datetime,
    entropy: bytes,
    scopes: frozenset[Scope] = ORDINARY_SCOPES,
    seal_with: Secrets | None = None,
) -> NewKey:
    """``entropy``: 44 random bytes (8 the id, 24 the secret, 12 the seal's nonce)."""
    token = entropy[:32].hex()
    secret = token[ID_HEX:]
    key = Key(
        id=token[:ID_HEX],
        account_id=account_id,
        label=label,
        scopes=scopes,
        secret_hash=hash_secret(secret),
        sealed=seal_with.seal(secret, entropy[32:44]) if seal_with else None,
        created_at=now,
    )
    return NewKey(key=key, token=token)


def hash_secret(secret: str) -> str:
    """What is kept of a key's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def split_token(token: str) -> tuple[str, str] | None:
    """Key id and secret; None where it cannot be a key of ours."""
    if len(token) != ID_HEX + SECRET_HEX or not all(letter in "0123456789abcdef" for letter in token):
        return None
    return token[:ID_HEX], token[ID_HEX:]
