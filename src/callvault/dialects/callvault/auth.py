"""Bearer with the whole key, or Basic with the key's id and its secret."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.callvault.hooks import proof
from callvault.dialects.callvault.operations import PUBLIC_PATHS
from callvault.dialects.callvault.words import BASE
from callvault.dialects.contract import Terms
from callvault.dialects.toolbox import credentials as shown
from callvault.errors import NotAuthenticated
from callvault.model.actor import Account, Claim, KeyClaim
from callvault.wire import WireRequest

ID_LENGTH = 16


def claim(request: WireRequest) -> Claim | None:
    """What the caller shows.  Where anybody may come nothing is looked at: players send old credentials with links."""
    header = request.header("authorization")
    if header is None or request.path.startswith(PUBLIC_PATHS):
        return None
    token = shown.scheme(header, "bearer")
    if token is not None:
        return KeyClaim(token=token)
    pair = shown.basic(header)
    if pair is None:
        raise NotAuthenticated("Show the key as Bearer, or its id and secret as Basic.", shown=True)
    return KeyClaim(token=pair[0] + pair[1])


def credentials(account: Account, token: str, terms: Terms) -> Mapping[str, str]:
    """``key`` is for Bearer; ``key_id`` and ``secret`` are user name and password for Basic."""
    return {
        "base_url": terms.base_url + BASE,
        "account_id": str(account.id),
        "key": token,
        "key_id": token[:ID_LENGTH],
        "secret": token[ID_LENGTH:],
        **proof(account, terms),
    }
