"""Digest authentication of a client (RFC 8760, RFC 2617): what to say to a 401 or 407."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """Who we are."""

    user: str
    password: str


def _fields(challenge: str) -> dict[str, str]:
    found = re.findall(r"(\w+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,]+))", challenge)
    return {name.lower(): quoted or bare for name, quoted, bare in found}


def strongest(challenges: list[str]) -> str | None:
    """The challenge that we answer: the recorder's first whose algorithm we know."""
    known = [
        each for each in challenges if _fields(each).get("algorithm", "MD5").upper().removesuffix("-SESS") in _HASHES
    ]
    return known[0] if known else None


def authorise(challenge: str, credentials: Credentials, *, method: str, uri: str, cnonce: str) -> str:
    """The value of Authorization or Proxy-Authorization."""
    told = _fields(challenge)
    algorithm = told.get("algorithm", "MD5")
    name = _HASHES[algorithm.upper().removesuffix("-SESS")]

    def digest(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    secret = digest(f"{credentials.user}:{told.get('realm', '')}:{credentials.password}")
    if algorithm.upper().endswith("-SESS"):
        secret = digest(f"{secret}:{told.get('nonce', '')}:{cnonce}")
    request = digest(f"{method}:{uri}")
    offered = {word.strip() for word in told.get("qop", "").split(",")}
    words = [
        f'username="{credentials.user}"',
        f'realm="{told.get("realm", "")}"',
        f'nonce="{told.get("nonce", "")}"',
        f'uri="{uri}"',
    ]
    if "auth" in offered:
        answer = digest(f"{secret}:{told.get('nonce', '')}:00000001:{cnonce}:auth:{request}")
        words += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    else:
        answer = digest(f"{secret}:{told.get('nonce', '')}:{request}")
    words.append(f'response="{answer}"')
    if "algorithm" in told:
        words.append(f"algorithm={algorithm}")
    if "opaque" in told:
        words.append(f'opaque="{told["opaque"]}"')
    return "Digest " + ", ".join(words)
