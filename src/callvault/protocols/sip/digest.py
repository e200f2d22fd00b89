"""Digest authentication, the server's side (RFC 7616, RFC 2617, RFC 8760 for SIP).

What lives here: challenges, nonces that carry their time, and checking what a client answers against an HA1.  What does
not: where the HA1s are kept.  A nonce is a time and a keyed hash of it, so nothing has to be remembered.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from callvault.errors import NotAuthenticated, ProtocolError
from callvault.protocols.sip.grammar import encode, quoted, split_outside, unquoted

NONCE_LIFETIME_S = 300.0
_NONCE = re.compile(r"([0-9a-f]{12})([0-9a-f]{32})", re.ASCII)


class Algorithm(StrEnum):
    """The hashes that are offered; the session variants are not."""

    SHA_256 = "SHA-256"
    MD5 = "MD5"


_HASHES = {Algorithm.SHA_256: hashlib.sha256, Algorithm.MD5: hashlib.md5}


def digest(algorithm: Algorithm, text: str) -> str:
    """The hash in lower-case hexadecimal digits."""
    return _HASHES[algorithm](encode(text)).hexdigest()


def ha1(algorithm: Algorithm, *, user: str, realm: str, password: str) -> str:
    """What stands for a password: the hash of user, realm and password (RFC 7616 section 3.4.2)."""
    return digest(algorithm, f"{user}:{realm}:{password}")


def make_nonce(now: float, key: bytes) -> str:
    """A nonce of this second (any clock that all who check it share)."""
    moment = f"{int(now) & 0xFFFFFFFFFFFF:012x}"
    return moment + _seal(moment, key)


def _seal(moment: str, key: bytes) -> str:
    return hashlib.blake2b(moment.encode(), key=key[:64], digest_size=16).hexdigest()


def challenges(realm: str, *, now: float, key: bytes, stale: bool = False) -> tuple[str, ...]:
    """Values of ``WWW-Authenticate``, the better hash first (RFC 8760 section 2.4)."""
    nonce = make_nonce(now, key)
    again = ", stale=true" if stale else ""
    return tuple(
        f'Digest realm={quoted(realm)}, nonce="{nonce}", algorithm={algorithm}, qop="auth"{again}'
        for algorithm in Algorithm
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a client answers to a challenge."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: Algorithm = Algorithm.MD5
    qop: str | None = None
    cnonce: str = ""
    count: str = ""

    @classmethod
    def parse(cls, text: str) -> Credentials | None:
        """Read an ``Authorization`` field; None where it is of another scheme, or of a hash that was never offered.

        Raises:
            ProtocolError: a part that digest needs is missing.
        """
        scheme, _, rest = text.strip().partition(" ")
        if scheme.lower() != "digest":
            return None
        parts: dict[str, str] = {}
        for part in split_outside(rest, ","):
            name, _, value = part.partition("=")
            parts[name.strip().lower()] = unquoted(value.strip())
        missing = {"username", "realm", "nonce", "uri", "response"} - parts.keys()
        if missing:
            raise ProtocolError(f"The digest credentials have no {min(missing)}.", hint=400)
        algorithm = parts.get("algorithm", "MD5").upper()
        if algorithm not in set(Algorithm):
            return None
        return cls(
            user=parts["username"],
            realm=parts["realm"],
            nonce=parts["nonce"],
            uri=parts["uri"],
            response=parts["response"].lower(),
            algorithm=Algorithm(algorithm),
            qop=parts.get("qop"),
            cnonce=parts.get("cnonce", ""),
            count=parts.get("nc", ""),
        )


class Stale(NotAuthenticated):
    """The answer is right, and its nonce too old: the client may answer a new one without asking anybody."""


def check(credentials: Credentials, *, method: str, secret: str, now: float, key: bytes) -> None:
    """Whether the answer proves the secret, an HA1 of the credentials' algorithm.

    The URI that the client signed is taken as it is: proxies change the Request-URI on the way.

    Raises:
        NotAuthenticated: it does not, or the nonce was not made here.
        Stale: it does, with a nonce that is too old.
    """
    found = _NONCE.fullmatch(credentials.nonce)
    if found is None or not hmac.compare_digest(_seal(found[1], key), found[2]):
        raise NotAuthenticated("The nonce was not made here.", shown=True)
    if credentials.qop not in {None, "auth"}:
        raise NotAuthenticated("Of the qualities of protection only auth is offered.", shown=True)
    if not hmac.compare_digest(encode(_response(credentials, method, secret)), encode(credentials.response)):
        raise NotAuthenticated("The digest response does not fit the user's secret.", shown=True)
    if not 0 <= now - int(found[1], 16) <= NONCE_LIFETIME_S:
        raise Stale("The nonce is too old.", shown=True)


def _response(credentials: Credentials, method: str, secret: str) -> str:
    ha2 = digest(credentials.algorithm, f"{method}:{credentials.uri}")
    middle = credentials.nonce
    if credentials.qop:
        middle = f"{middle}:{credentials.count}:{credentials.cnonce}:{credentials.qop}"
    return digest(credentials.algorithm, f"{secret}:{middle}:{ha2}")
