"""Who is asking: claims become actors, log-ins become sessions.

A key that was just checked is believed for a few seconds without asking the catalogue again: that is how long a
revoked key may go on working on another node.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from callvault.catalogue.store import Catalogue
from callvault.errors import NotAuthenticated, NotFound
from callvault.model.actor import Account, Actor, Claim, Key, SessionClaim, User
from callvault.vault.commands import LogIn, Session
from callvault.vault.secrets import Secrets, hash_secret, split_token

BELIEF = timedelta(seconds=5)
MOST_BELIEVED = 10_000
SESSION_LIFETIME = timedelta(hours=1)
_SIGNATURE = 32


class Desk:
    """Checks what callers show."""

    def __init__(self, catalogue: Catalogue, secrets: Secrets) -> None:
        self._catalogue = catalogue
        self._secrets = secrets
        self._believed: OrderedDict[str, tuple[datetime, Actor]] = OrderedDict()

    async def admit(self, claim: Claim, now: datetime) -> Actor:
        """The actor that a claim proves.

        Raises:
            NotAuthenticated: it proves none.
        """
        if isinstance(claim, SessionClaim):
            return await self._from_session(claim, now)
        actor = await self._from_token(claim.token, now)
        if claim.account_id is not None and claim.account_id != actor.account.id:
            raise NotAuthenticated(shown=True)
        return actor

    async def log_in(self, command: LogIn, now: datetime) -> Session:
        """A session for an API key, or for a user's name and password.

        Raises:
            NotFound: there is no such API key.
            NotAuthenticated: no user of that account has these credentials.
        """
        if command.api_key is not None:
            try:
                actor = await self._from_token(command.api_key, now)
            except NotAuthenticated:
                raise NotFound("api key", command.api_key) from None
            return self._session(actor, now)
        account = await self._catalogue.account_named(command.account_name or "")
        user = await self._user(account, command) if account else None
        if account is None or user is None:
            raise NotAuthenticated(shown=True)
        return self._session(Actor(account=account, key_id=None, user_id=user.id), now)

    def user_digests(self, name: str, password: str) -> dict[str, str]:
        """What to keep of a user's password, so that what clients make of it can be recognised."""
        pair = f"{name.lower()}:{password}".encode()
        return {
            "md5": self._secrets.digest(hashlib.md5(pair, usedforsecurity=False).hexdigest()),
            "sha": self._secrets.digest(hashlib.sha1(pair, usedforsecurity=False).hexdigest()),
        }

    async def _user(self, account: Account, command: LogIn) -> User | None:
        digest = self._secrets.digest(command.digest.lower())
        found = None
        for user in await self._catalogue.users(account.id):
            if hmac.compare_digest(user.credential_digests.get(command.method, ""), digest):
                found = user
        return found

    async def _from_token(self, token: str, now: datetime) -> Actor:
        known = self._believed.get(token)
        if known is not None and now - known[0] < BELIEF:
            return known[1]
        parts = split_token(token)
        found = await self._catalogue.key(parts[0]) if parts else None
        if parts is None or found is None:
            raise NotAuthenticated(shown=True)
        key, account = found
        if key.revoked_at is not None or not hmac.compare_digest(key.secret_hash, hash_secret(parts[1])):
            raise NotAuthenticated(shown=True)
        return self._believe(token, _actor(key, account), now)

    def _believe(self, token: str, actor: Actor, now: datetime) -> Actor:
        self._believed[token] = (now, actor)
        self._believed.move_to_end(token)
        if len(self._believed) > MOST_BELIEVED:
            self._believed.popitem(last=False)
        return actor

    def _session(self, actor: Actor, now: datetime) -> Session:
        expires = now + SESSION_LIFETIME
        body = orjson.dumps(
            {
                "account": actor.account.id.hex,
                "user": actor.user_id.hex if actor.user_id else None,
                "key": actor.key_id,
                "until": int(expires.timestamp()),
            }
        )
        signature = hmac.digest(self._secrets.session_key, body, hashlib.sha256)
        token = base64.urlsafe_b64encode(signature + body).decode().rstrip("=")
        return Session(token=token, actor=actor, expires_at=expires)

    async def _from_session(self, claim: SessionClaim, now: datetime) -> Actor:
        entry = self._opened(claim.token)
        if entry is None or datetime.fromtimestamp(entry["until"], UTC) <= now:
            raise NotAuthenticated("The session is over or was never begun; log in again.", shown=True)
        if entry["key"] is not None:
            found = await self._catalogue.key(entry["key"])
            if found is None or found[0].revoked_at is not None:
                raise NotAuthenticated(shown=True)
            return _actor(*found)
        account = await self._catalogue.account(UUID(entry["account"]))
        user = await self._catalogue.user(account.id, UUID(entry["user"])) if account else None
        if account is None or user is None:
            raise NotAuthenticated(shown=True)
        return Actor(account=account, key_id=None, user_id=user.id)

    def _opened(self, token: str) -> dict[str, Any] | None:
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(hmac.digest(self._secrets.session_key, body, hashlib.sha256), signature):
            return None
        entry: dict[str, Any] = orjson.loads(body)
        return entry


def _actor(key: Key, account: Account) -> Actor:
    return Actor(account=account, key_id=key.id, scopes=key.scopes)
