"""Bearer credentials: the whole key is the token."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.contract import Terms
from callvault.dialects.telnyx.hooks import proof
from callvault.dialects.toolbox import credentials as shown
from callvault.errors import NotAuthenticated
from callvault.model.actor import Account, Claim, KeyClaim
from callvault.wire import WireRequest

PREFIX = "KEY"
"""What the vendor's own keys begin with; some clients put it before every key, so it is taken off again."""


def claim(request: WireRequest) -> Claim | None:
    """What the caller shows."""
    header = request.header("authorization")
    if header is None:
        return None
    token = shown.scheme(header, "bearer")
    if not token:
        raise NotAuthenticated("The Authorization header has to be 'Bearer' and an API key.", shown=True)
    return KeyClaim(token=token.removeprefix(PREFIX))


def credentials(account: Account, token: str, terms: Terms) -> Mapping[str, str]:
    """For ``TELNYX_API_KEY`` and its like.

    Clients before version 4 want ``api_base``, which they add ``/v2`` to; the TeXML paths want the account.
    """
    return {
        "base_url": terms.base_url + "/v2",
        "api_base": terms.base_url,
        "api_key": token,
        "account_sid": str(account.id),
        **proof(account, terms),
    }
