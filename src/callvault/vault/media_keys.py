"""Keys of encrypted streams, as a journal keeps them: never in clear on the disk.

What does not live here: what they open (``protocols.srtp``), how they are told (``protocols.sdp``).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from callvault.errors import OperatorError
from callvault.protocols.srtp_keys import SrtpKey
from callvault.vault.secrets import Secrets

NOTHING = "-"


def seal_media_keys(secrets: Secrets, keys: Sequence[SrtpKey], nonce: bytes) -> str:
    """What ``StreamAgreed.crypto`` holds.  ``keys``: of one ``a=crypto`` line; ``nonce``: 12 random bytes."""
    return base64.b64encode(secrets.seal(";".join(map(_written, keys)), nonce)).decode()


def unseal_media_keys(secrets: Secrets, text: str) -> tuple[SrtpKey, ...]:
    """Turn ``seal_media_keys`` back.

    Raises:
        OperatorError: they were sealed under another master key, or are spoilt.
    """
    try:
        return tuple(_read(key) for key in secrets.unseal(base64.b64decode(text)).split(";"))
    except ValueError:
        raise OperatorError("A stream's key in the spool is spoilt.") from None


def _written(key: SrtpKey) -> str:
    return f"{key.suite} {key.secret.hex()} {key.mki.hex() or NOTHING} {key.lifetime or NOTHING}"


def _read(text: str) -> SrtpKey:
    """Suite and key stand alone in journals of older versions."""
    suite, secret, *more = text.split(" ")
    mki, lifetime = more or (NOTHING, NOTHING)
    return SrtpKey(
        suite=suite,
        secret=bytes.fromhex(secret),
        mki=b"" if mki == NOTHING else bytes.fromhex(mki),
        lifetime=None if lifetime == NOTHING else int(lifetime),
    )
