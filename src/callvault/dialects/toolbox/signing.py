"""Signatures of notices: the keys of an account, and the ways in which several vendors sign.

Every key is derived from the house's one and the account's id, for one use: none is kept anywhere, and one that gets
known gives no other away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from callvault.dialects.contract import Terms
from callvault.model.actor import Account


def account_secret(account: Account, terms: Terms, use: str) -> bytes:
    """32 bytes that only this house knows for this account and this use."""
    if not terms.notice_key:
        raise ValueError("these terms were made without a key for notices")
    return hmac.digest(terms.notice_key, f"{use}/{account.id}".encode(), hashlib.sha256)


def hmac_base64(key: bytes, message: bytes, algorithm: str) -> str:
    """HMAC in base64.  ``algorithm``: ``sha1`` or ``sha256``, whichever the vendor has."""
    return base64.b64encode(hmac.digest(key, message, algorithm)).decode()


def basic(username: str, password: str) -> str:
    """The value of ``Authorization`` (RFC 7617), in UTF-8."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
