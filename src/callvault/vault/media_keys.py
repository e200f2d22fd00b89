"""Keys of encrypted streams, as a journal keeps them: never in clear on the disk.

What does not live here: what they open (``protocols.srtp``), how they are told (``protocols.sdp``).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from callvault.errors import OperatorError
from callvault.protocols.srtp_keys import SrtpKey, read_keys, write_keys
from callvault.vault.secrets import Secrets


def seal_media_keys(secrets: Secrets, keys: Sequence[SrtpKey], nonce: bytes) -> str:
    """What ``StreamAgreed.crypto`` holds.  ``keys``: of one ``a=crypto`` line; ``nonce``: 12 random bytes."""
    return base64.b64encode(secrets.seal(write_keys(keys), nonce)).decode()


def unseal_media_keys(secrets: Secrets, text: str) -> tuple[SrtpKey, ...]:
    """Turn ``seal_media_keys`` back.

    Raises:
        OperatorError: they were sealed under another master key, or are spoilt.
    """
    try:
        return read_keys(secrets.unseal(base64.b64decode(text)))
    except ValueError:
        raise OperatorError("A stream's key in the spool is spoilt.") from None
