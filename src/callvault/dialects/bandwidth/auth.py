"""Basic credentials: the key's id is the user name, its secret the password."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.contract import Terms
from callvault.dialects.toolbox import credentials as shown
from callvault.errors import NotAuthenticated
from callvault.model.actor import Account, Claim, KeyClaim
from callvault.wire import WireRequest

ID_LENGTH = 16


def claim(request: WireRequest) -> Claim | None:
    """What the caller shows."""
    header = request.header("authorization")
    pair = shown.basic(header)
    if pair is None:
        if header is not None:
            raise NotAuthenticated("Invalid basic authentication token", shown=True)
        return None
    user, password = pair
    return KeyClaim(token=user + password)


def credentials(account: Account, token: str, terms: Terms) -> Mapping[str, str]:
    """For ``BANDWIDTH_USERNAME`` and its like."""
    return {
        "base_url": terms.base_url + "/api/v2",
        "account_id": str(account.serial),
        "username": token[:ID_LENGTH],
        "password": token[ID_LENGTH:],
    }
