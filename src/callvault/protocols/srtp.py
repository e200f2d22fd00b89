"""SRTP (RFC 3711) with keys from the signalling (SDES, RFC 4568): what comes encrypted is read.

What does not live here: the ciphers (libsrtp, by pylibsrtp), the ``a=crypto`` lines (``sdp``).
"""

from __future__ import annotations

import numpy as np
import pylibsrtp
from numpy.typing import NDArray

from callvault.errors import ProtocolError
from callvault.protocols.spool.batch import Batch

PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}
"""By the suite's name in ``a=crypto`` (RFC 4568 section 6.2, RFC 7714 section 14.1)."""
KEY_BYTES = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
"""Key and salt together."""


class Opener:
    """Decrypts what one stream's sender sends."""

    def __init__(self, suite: str, key: bytes) -> None:
        """``key``: master key, then master salt.

        Raises:
            ProtocolError: an unknown suite, or a key of the wrong length.
        """
        if suite not in PROFILES:
            raise ProtocolError(f"The SRTP suite {suite!r} is not known here; {', '.join(PROFILES)} are.")
        if len(key) != KEY_BYTES[suite]:
            raise ProtocolError(f"A key of {suite} has {KEY_BYTES[suite]} octets with its salt, not {len(key)}.")
        policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[suite])
        policy.window_size = 8192  # what comes two thousand packets late is in the recording all the same
        self._session = pylibsrtp.Session(policy)

        self.refused = 0
        """Packets that cannot be read: forged, or of another key."""
        self.repeated = 0
        """Packets that had come before, by libsrtp's list."""

    def open(self, batch: Batch) -> Batch:
        """The batch in clear."""
        opened: list[bytes] = []
        rows: list[int] = []
        for row, packet in enumerate(batch.packets()):
            try:
                opened.append(self._session.unprotect(packet))
            except pylibsrtp.Error as error:
                if "replay" in str(error):
                    self.repeated += 1
                else:
                    self.refused += 1
                continue
            rows.append(row)
        lengths: NDArray[np.uint16] = np.array([len(packet) for packet in opened], dtype=np.uint16)
        return Batch(
            stream=batch.stream,
            content=batch.content,
            arrivals_ns=batch.arrivals_ns[rows],
            lengths=lengths,
            data=np.frombuffer(b"".join(opened), dtype=np.uint8),
        )
