"""How a recording was encrypted, as Twilio tells it, in documents and in callbacks.

The names differ by place and age (the REST specification, the callback's JSON, older samples), so all of them are told.
``renditions`` is ours: each form was encrypted with a vector of its own, since one key must never meet the same vector
twice; the vector beside it is that of the WAV as it was recorded, which is what a bare media URL gives.
"""

from __future__ import annotations

from typing import Any

from callvault.dialects.signalwire.words import Vendor, write_sid
from callvault.model.recording import Recording

TYPE = "rsa-aes"


def encryption_details(recording: Recording) -> dict[str, Any] | None:
    """What whoever has the private key needs; None where nothing was encrypted."""
    media = recording.media
    if media is None or media.sealed is None:
        return None
    sealed = media.sealed
    sid = write_sid(sealed.key_id, "public key", Vendor.TWILIO)
    vector = sealed.forms[0].iv
    return {
        "type": TYPE,
        "encryption_public_key_sid": sid,
        "public_key_sid": sid,
        "encryption_cek": sealed.wrapped_key,
        "encrypted_cek": sealed.wrapped_key,
        "encryption_iv": vector,
        "iv": vector,
        "renditions": [{"format": str(made.format), "channels": made.channels, "iv": made.iv} for made in sealed.forms],
    }
