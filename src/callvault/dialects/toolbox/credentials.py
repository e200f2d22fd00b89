"""What callers put into ``Authorization``: Basic and bearer-like schemes (RFC 9110 section 11, RFC 7617)."""

from __future__ import annotations

import base64

from callvault.errors import NotAuthenticated


def basic(header: str | None) -> tuple[str, str] | None:
    """User and password; None where there is no Basic credential.

    Raises:
        NotAuthenticated: it is Basic, and cannot be decoded.
    """
    payload = scheme(header, "basic")
    if payload is None:
        return None
    try:
        user, colon, password = base64.b64decode(payload, validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, not UTF-8
        raise NotAuthenticated("The Basic credential is not base64 of user:password.", shown=True) from None
    if not colon:
        raise NotAuthenticated("The Basic credential has no colon between user and password.", shown=True)
    return user, password


def scheme(header: str | None, *names: str) -> str | None:
    """What follows one of these schemes (lower case) in an ``Authorization`` header, or None."""
    if header is None:
        return None
    word, _, payload = header.strip().partition(" ")
    return payload.strip() if word.lower() in names else None
