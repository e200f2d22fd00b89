"""Credentials after ``Bearer``, as the page of the list shows them, or ``AccessKey``, as all later pages do."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.contract import Terms
from callvault.dialects.toolbox import credentials as shown
from callvault.errors import NotAuthenticated
from callvault.model.actor import Account, Claim, KeyClaim
from callvault.wire import WireRequest


def claim(request: WireRequest) -> Claim | None:
    """What the caller shows."""
    header = request.header("authorization")
    if header is None:
        return None
    token = shown.scheme(header, "bearer", "accesskey")
    if not token:
        raise NotAuthenticated("The Authorization header has to be 'AccessKey' or 'Bearer' and a key.", shown=True)
    return KeyClaim(token=token)


def credentials(account: Account, token: str, terms: Terms) -> Mapping[str, str]:
    """For whatever sends ``Authorization: AccessKey …``; the workspace is the account."""
    return {"base_url": terms.base_url, "workspace_id": str(account.id), "access_key": token}
