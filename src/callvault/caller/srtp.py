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


def keys(suites: Sequence[str], dice: Callable[[int], bytes]) -> tuple[Key, ...]:
    """A key for each suite; ``dice`` gives so many random octets."""
    return tuple(
        Key(tag=tag, suite=suite, secret=dice(SECRET_BYTES.get(suite, 30))) for tag, suite in enumerate(suites, start=1)
    )


class Protection:
    """Protects packets of one stream, in the order in which they are made."""

    def __init__(self, key: Key) -> None:
        if key.suite not in _PROFILES:
            raise HouseError(f"The recorder chose {key.suite}; this client can encrypt with {', '.join(_PROFILES)}.")
        policy = Policy(key=key.secret, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=_PROFILES[key.suite])
        self._session = Session(policy)

    def rtp(self, octets: bytes) -> bytes:
        """An RTP packet, encrypted and signed."""
        try:
            return self._session.protect(octets)
        except Error as error:
            raise HouseError(f"A packet could not be protected: {error}.") from error

    def rtcp(self, octets: bytes) -> bytes:
        """An RTCP packet, likewise."""
        try:
            return self._session.protect_rtcp(octets)
        except Error as error:
            raise HouseError(f"A report could not be protected: {error}.") from error
