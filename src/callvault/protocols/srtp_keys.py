"""Master keys of SRTP, and the field by which a packet says which of them it is under (MKI, RFC 3711 section 3.1).

What does not live here: how keys are told (``sdp.crypto``), the ciphers (``srtp``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

KEY_BYTES = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
"""Of the suites that we can undo: key and salt together."""
MOST_MKI_BYTES = 128
"""RFC 4568 section 6.1."""
_TAG_BYTES = {"AES_CM_128_HMAC_SHA1_80": (10, 10), "AES_CM_128_HMAC_SHA1_32": (4, 10)}
"""Of SRTP and of SRTCP, whose tag is never the short one (RFC 4568 section 6.2.2).

With GCM the tag is the cipher's own, and the identifier is the last of all (RFC 7714 sections 8.1 and 9.1)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SrtpKey:
    """A suite that we can undo, with its master key and salt."""

    suite: str
    secret: bytes = field(repr=False)
    """Master key, then master salt: as many octets as ``KEY_BYTES`` says."""
    mki: bytes = b""
    """The identifier that stands in each packet under this key; empty: none does."""
    lifetime: int | None = None
    """For how many packets it is good, by whoever made it; None: that was not told."""

    def opens(self, packet: bytes, *, reports: bool) -> bool:
        """Whether the packet can be under this key, by its identifier."""
        if not self.mki:
            return True
        begin, end = self._field(packet, reports=reports)
        return begin >= 0 and packet[begin:end] == self.mki

    def bare(self, packet: bytes, *, reports: bool) -> bytes:
        """One that ``opens`` allows, as it would be if keys had no identifiers: no check sum is over the field."""
        if not self.mki:
            return packet
        begin, end = self._field(packet, reports=reports)
        return packet[:begin] + packet[end:]

    def _field(self, packet: bytes, *, reports: bool) -> tuple[int, int]:
        end = len(packet) - _TAG_BYTES.get(self.suite, (0, 0))[reports]
        return end - len(self.mki), end


_NOTHING = "-"


def write_keys(keys: Iterable[SrtpKey]) -> str:
    """As text, secrets in clear: for a process of ours, or to be sealed."""
    return ";".join(
        f"{key.suite} {key.secret.hex()} {key.mki.hex() or _NOTHING} {key.lifetime or _NOTHING}" for key in keys
    )


def read_keys(text: str) -> tuple[SrtpKey, ...]:
    """Turn ``write_keys`` back.

    Raises:
        ValueError: it is no such text.
    """
    return tuple(_read(key) for key in text.split(";")) if text else ()


def _read(text: str) -> SrtpKey:
    """Suite and key stand alone in journals of older versions."""
    suite, secret, *more = text.split(" ")
    mki, lifetime = more or (_NOTHING, _NOTHING)
    return SrtpKey(
        suite=suite,
        secret=bytes.fromhex(secret),
        mki=b"" if mki == _NOTHING else bytes.fromhex(mki),
        lifetime=None if lifetime == _NOTHING else int(lifetime),
    )
