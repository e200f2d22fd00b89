"""Tokens: an account's API key (64 hex characters), or what a log-in gave.

Where they may stand, in the order in which Kazoo looks (applications/crossbar, ``api_util.erl``, read 2026-11):
``X-Auth-Token``, ``auth_token`` in the query or the body, ``Authorization`` (bearer, Basic, or the token alone),
``authorization`` in the query.  A push shows its key in the path, since Kazoo can send no header with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo.envelopes import open_envelope
from callvault.dialects.toolbox import credentials as shown
from callvault.errors import BadRequest, NotAuthenticated
from callvault.model.actor import Account, Claim, KeyClaim, SessionClaim
from callvault.wire import WireRequest

_KEY = re.compile(r"[0-9a-f]{64}")


def claim(request: WireRequest) -> Claim | None:
    """What the caller shows."""
    token = path_token(request) or shown_token(request)
    if token is None:
        return None
    return KeyClaim(token=token) if _KEY.fullmatch(token) else SessionClaim(token=token)


def path_token(request: WireRequest) -> str | None:
    """The key in a push's path.

    Raises:
        NotAuthenticated: the path has a place for one, and something else stands there.
    """
    token = request.parts.get("token")
    if token is not None and not _KEY.fullmatch(token):
        raise NotAuthenticated("The path has to name an API key of 64 hex characters before the file.", shown=True)
    place = request.parts.get("place", "")
    return token or (place if _KEY.fullmatch(place) else None)


def shown_token(request: WireRequest) -> str | None:
    """The token in headers, query or body: the first of them that is not empty.  It is echoed in the answer."""
    return (
        request.header("x-auth-token")
        or request.first("auth_token")
        or _body_token(request)
        or _authorized(request.header("authorization"))
        or _authorized(request.first("authorization"))
        or None
    )


def credentials(account: Account, token: str, terms: Terms) -> Mapping[str, str]:
    """For Kazoo's clients; ``push_url`` is what Kazoo itself takes as the ``url`` of a recording."""
    return {
        "base_url": terms.base_url + "/v2",
        "account_id": account.id.hex,
        "api_key": token,
        "push_url": f"{terms.base_url}/v2/push/{token}",
    }


def _body_token(request: WireRequest) -> str | None:
    if b"auth_token" not in request.body.lower():
        return None
    try:
        token = open_envelope(request).get("auth_token")
    except BadRequest:
        return None  # whoever reads the body will say so
    return token if isinstance(token, str) else None


def _authorized(value: str | None) -> str | None:
    """The token in an ``Authorization``: Basic may hold a key as name and password, or just a token."""
    if value is None:
        return None
    bearer, payload = shown.scheme(value, "bearer"), shown.scheme(value, "basic")
    if bearer is not None or payload is None:
        return (value if bearer is None else bearer).strip()
    try:
        pair = shown.basic(value)
    except NotAuthenticated:
        return payload
    token = "".join(pair) if pair else ""
    return token if _KEY.fullmatch(token) else payload
