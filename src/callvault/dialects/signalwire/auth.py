"""Basic credentials: the account's id is the user name, in either vendor's form, and the key is the password.

Twilio's clients may name a key instead of the account: ``SK``, the key's public half and sixteen zeros (34 characters,
as the vendor's), with the key's secret half as password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from callvault.dialects.contract import Terms
from callvault.dialects.signalwire.hooks import proof
from callvault.dialects.signalwire.paths import LAML
from callvault.dialects.signalwire.words import Vendor, read_sid, vendor_of, write_sid
from callvault.dialects.toolbox import credentials as shown
from callvault.errors import NotAuthenticated
from callvault.model.actor import Account, Claim, KeyClaim
from callvault.wire import WireRequest

ID_LENGTH = 16
KEY_PADDING = "0" * 16

_KEY_SID = re.compile(rf"SK([0-9a-f]{{{ID_LENGTH}}}){KEY_PADDING}", re.ASCII)


def claim(request: WireRequest) -> Claim | None:
    """What the caller shows."""
    header = request.header("authorization")
    pair = shown.basic(header)
    if pair is None:
        if header is not None:
            raise NotAuthenticated("The credential must be Basic, account and key.", shown=True)
        return None
    user, password = pair
    key = _KEY_SID.fullmatch(user)
    if key is not None:
        return KeyClaim(token=key[1] + password)
    account_id = read_sid(user, "account", vendor_of(user))
    if account_id is None:
        raise NotAuthenticated("The user name must be a project's id, an account's sid or a key's sid.", shown=True)
    return KeyClaim(token=password, account_id=account_id)


def credentials(account: Account, token: str, terms: Terms) -> Mapping[str, str]:
    """For SignalWire's clients, then for Twilio's."""
    return {
        "base_url": terms.base_url + LAML,
        "space_url": urlsplit(terms.base_url).netloc,
        "project_id": write_sid(account.id, "account", Vendor.SIGNALWIRE),
        "token": token,
        "twilio_base_url": terms.base_url,
        "account_sid": write_sid(account.id, "account", Vendor.TWILIO),
        "auth_token": token,
        "api_key_sid": f"SK{token[:ID_LENGTH]}{KEY_PADDING}",
        "api_key_secret": token[ID_LENGTH:],
        **proof(account, terms),
    }
