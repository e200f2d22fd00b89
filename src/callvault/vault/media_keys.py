"""Keys of encrypted streams, as a journal keeps them: never in clear on the disk.

What does not live here: what they open (``protocols.srtp``), how they are told (``protocols.sdp``).
"""

from __future__ import annotations

import base64

from callvault.errors import OperatorError
from callvault.vault.secrets import Secrets


def seal_media_key(secrets: Secrets, suite: str, key: bytes, nonce: bytes) -> str:
    """What ``StreamAgreed.crypto`` holds.  ``key``: with its salt; ``nonce``: 12 random bytes."""
    return base64.b64encode(secrets.seal(f"{suite} {key.hex()}", nonce)).decode()


def unseal_media_key(secrets: Secrets, text: str) -> tuple[str, bytes]:
    """Suite, and key with salt.

    Raises:
        OperatorError: it was sealed under another master key, or is spoilt.
    """
    try:
        suite, _, key = secrets.unseal(base64.b64decode(text)).rpartition(" ")
        return suite, bytes.fromhex(key)
    except ValueError:
        raise OperatorError("A stream's key in the spool is spoilt.") from None
