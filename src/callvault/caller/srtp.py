"""Keys for SRTP by SDES (RFC 4568), and packets protected with them, by pylibsrtp."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pylibsrtp import Error, Policy, Session

from callvault.caller.styles.scene import Key
from callvault.errors import HouseError

SECRET_BYTES = {
    "AEAD_AES_256_GCM": 44,
    "AEAD_AES_128_GCM": 28,
    "AES_256_CM_HMAC_SHA1_80": 46,
    "AES_256_CM_HMAC_SHA1_32": 46,
    "AES_192_CM_HMAC_SHA1_80": 38,
    "AES_192_CM_HMAC_SHA1_32": 38,
}
"""Master key and salt, where they are not the usual 30 octets."""

_PROFILES = {
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}
"""What can really be done; the others are offered where a vendor offers them."""


_TAG_BYTES = {"AES_CM_128_HMAC_SHA1_80": 10, "AES_CM_128_HMAC_SHA1_32": 4}
"""Behind an RTP packet's key identifier (RFC 3711 section 3.1); with GCM nothing is (RFC 7714 section 8.1)."""
_REPORT_TAG_BYTES = 10
"""The same of RTCP, of either suite (RFC 4568 section 6.2.2)."""


def keys(
    suites: Sequence[str], dice: Callable[[int], bytes], *, mki_bytes: int = 0, changing: bool = False
) -> tuple[Key, ...]:
    """A key for each suite, or two where it changes in mid-call; ``dice`` gives so many random octets."""
    found = []
    for tag, suite in enumerate(suites, start=1):
        length = SECRET_BYTES.get(suite, 30)
        secret = dice(length)
        following = dice(length) if changing else None
        found.append(Key(tag=tag, suite=suite, secret=secret, mki_bytes=mki_bytes, next_secret=following))
    return tuple(found)


class Protection:
    """Protects packets of one stream, in the order in which they are made."""

    def __init__(self, key: Key) -> None:
        if key.suite not in _PROFILES:
            raise HouseError(f"The recorder chose {key.suite}; this client can encrypt with {', '.join(_PROFILES)}.")
        secrets = [key.secret] if key.next_secret is None else [key.secret, key.next_secret]
        policies = [
            Policy(key=secret, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=_PROFILES[key.suite])
            for secret in secrets
        ]
        self._sessions = [Session(policy) for policy in policies]
        self._key = key
        self._current = 0

    def rtp(self, octets: bytes, *, changed: bool = False) -> bytes:
        """An RTP packet, encrypted and signed; ``changed``: under the key that follows."""
        if changed:
            self._current = len(self._sessions) - 1
        try:
            # Every session has every packet: how often the numbers ran over does not start again with a key.
            protected = [session.protect(octets) for session in self._sessions]
        except Error as error:
            raise HouseError(f"A packet could not be protected: {error}.") from error
        return self._named(protected[self._current], _TAG_BYTES.get(self._key.suite, 0))

    def rtcp(self, octets: bytes) -> bytes:
        """An RTCP packet, likewise."""
        try:
            protected = self._sessions[self._current].protect_rtcp(octets)
        except Error as error:
            raise HouseError(f"A report could not be protected: {error}.") from error
        return self._named(protected, _REPORT_TAG_BYTES if self._key.suite in _TAG_BYTES else 0)

    def _named(self, octets: bytes, tag_bytes: int) -> bytes:
        """With the key's identifier before the last octets, where it has one."""
        at = len(octets) - tag_bytes
        identifier = (self._current + 1).to_bytes(self._key.mki_bytes) if self._key.mki_bytes else b""
        return octets[:at] + identifier + octets[at:]
