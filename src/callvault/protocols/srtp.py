"""SRTP (RFC 3711) with keys from the signalling (SDES, RFC 4568): what comes encrypted is read.

What does not live here: the ciphers (libsrtp, by pylibsrtp), the ``a=crypto`` lines (``sdp``).
"""

from __future__ import annotations

from collections.abc import Sequence

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
RETRY = 50
"""Every so many packets that no session opens, a new one is tried."""
MOST_SESSIONS = 16


class Opener:
    """Decrypts what one stream's sender sends, under whichever of its keys that is."""

    def __init__(
        self, keys: Sequence[tuple[str, bytes]], *, clear: Sequence[tuple[int, int]] = (), reports: bool = False
    ) -> None:
        """``keys``: suite, and master key with master salt, in the order in which they were told.

        ``clear``: spans of arrivals (ns) in which the sender may have sent without encryption.  ``reports``: what
        comes is SRTCP.

        Raises:
            ProtocolError: an unknown suite, or a key of the wrong length.
        """
        self._policies = [_policy(suite, key) for suite, key in dict.fromkeys(keys)]
        self._sessions = [pylibsrtp.Session(policy) for policy in self._policies]
        self._clear = clear
        self._reports = reports
        self._in_a_row = 0
        self.refused = 0
        """Packets that cannot be read: forged, or of another key."""
        self.repeated = 0
        """Packets that had come before, by libsrtp's list."""

    def open(self, batch: Batch) -> Batch:
        """The batch in clear."""
        opened: list[bytes] = []
        rows: list[int] = []
        for row, packet in enumerate(batch.packets()):
            clear = self._opened(packet)
            if clear is None and self._may_be_clear(int(batch.arrivals_ns[row])):
                clear = packet
            if clear is None:
                self.refused += 1
            elif clear:
                opened.append(clear)
                rows.append(row)
        lengths: NDArray[np.uint16] = np.array([len(packet) for packet in opened], dtype=np.uint16)
        return Batch(
            stream=batch.stream,
            content=batch.content,
            arrivals_ns=batch.arrivals_ns[rows],
            lengths=lengths,
            data=np.frombuffer(b"".join(opened), dtype=np.uint8),
        )

    def _opened(self, packet: bytes) -> bytes | None:
        """The packet in clear; empty where it came before, None where no key opens it."""
        for place, session in enumerate(self._sessions):
            clear = self._tried(session, packet)
            if clear is not None:
                if place:  # the sender has gone on to this one
                    self._sessions.insert(0, self._sessions.pop(place))
                self._in_a_row = 0
                return clear
        self._in_a_row += 1
        return self._begun_anew(packet) if self._in_a_row % RETRY == 1 else None

    def _begun_anew(self, packet: bytes) -> bytes | None:
        """Of a sender that starts its sequence numbers again under a key that it had: its index counts from 0 again."""
        for policy in self._policies if len(self._sessions) < MOST_SESSIONS else ():
            session = pylibsrtp.Session(policy)
            clear = self._tried(session, packet)
            if clear is not None:
                self._sessions.insert(0, session)
                self._in_a_row = 0
                return clear
        return None

    def _tried(self, session: pylibsrtp.Session, packet: bytes) -> bytes | None:
        try:
            return session.unprotect_rtcp(packet) if self._reports else session.unprotect(packet)
        except pylibsrtp.Error as error:
            if "replay" not in str(error):
                return None
            self.repeated += 1
            return b""

    def _may_be_clear(self, arrival_ns: int) -> bool:
        return any(since <= arrival_ns < until for since, until in self._clear)


def _policy(suite: str, key: bytes) -> pylibsrtp.Policy:
    if suite not in PROFILES:
        raise ProtocolError(f"The SRTP suite {suite!r} is not known here; {', '.join(PROFILES)} are.")
    if len(key) != KEY_BYTES[suite]:
        raise ProtocolError(f"A key of {suite} has {KEY_BYTES[suite]} octets with its salt, not {len(key)}.")
    policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[suite])
    policy.window_size = 8192  # what comes two thousand packets late is in the recording all the same
    return policy
