"""SRTCP (RFC 3711 section 3.4) of what we send ourselves: receiver reports, under the key of our own description.

What does not live here: what others send (``srtp``), what a report says (``rtcp``).

libsrtp is not asked, since it counts a session's packets from 1 and takes no other index from us.  Key, SSRC and index
make the keystream, so whoever goes on for a media worker that was killed, under the same key, must not count from 1
again.
"""

from __future__ import annotations

import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from callvault.errors import ProtocolError
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey

MOST_INDEX: Final = (1 << 31) - 1
"""One key is good for so many packets of a source (RFC 3711 section 9.2)."""
EPOCH_S: Final = 1_704_067_200
"""1 January 2024: the index that seconds give lasts from then for 68 years."""
_HEAD_BYTES: Final = 8
"""Header and SSRC stay in clear."""
_ENCRYPTED: Final = 1 << 31
_TAG_BYTES: Final = 10
"""Of either suite with HMAC (RFC 4568 section 6.2.2)."""
_ENCRYPTION, _AUTHENTICATION, _SALTING = 3, 4, 5
"""Labels of key derivation (RFC 3711 section 4.3.2)."""
_SALT_BYTES: Final = {"AEAD_AES_128_GCM": 12, "AEAD_AES_256_GCM": 12}
_USUAL_SALT_BYTES: Final = 14


class ReportSeal:
    """Encrypts and signs the reports of one source."""

    def __init__(self, key: SrtpKey) -> None:
        """``key``: without an identifier, as ours are.

        Raises:
            ProtocolError: an unknown suite, or a key of the wrong length.
        """
        if len(key.secret) != KEY_BYTES.get(key.suite):
            raise ProtocolError(f"Reports cannot be protected with {len(key.secret)} octets for {key.suite}.")
        salt_bytes = _SALT_BYTES.get(key.suite, _USUAL_SALT_BYTES)
        master, salt = key.secret[:-salt_bytes], key.secret[-salt_bytes:]
        self._key = _derived(master, salt, _ENCRYPTION, len(master))
        self._salt = int.from_bytes(_derived(master, salt, _SALTING, salt_bytes))
        self._signs = _derived(master, salt, _AUTHENTICATION, 20)
        self._gcm = AESGCM(self._key) if key.suite in _SALT_BYTES else None
        self._last = 0

    def seal(self, report: bytes, now_ns: int) -> bytes:
        """A compound packet as it goes out.

        Its index is the second in which it is sent, or the next one that is free.  Whoever comes after us is later,
        and has another SSRC besides: both would have to be the same for a keystream to come again.

        Raises:
            ProtocolError: the key is used up.
        """
        index = max(self._last + 1, now_ns // 1_000_000_000 - EPOCH_S)
        if index > MOST_INDEX:
            raise ProtocolError("A key has protected as many reports as it can (RFC 3711 section 9.2).")
        self._last = index
        head, body = report[:_HEAD_BYTES], report[_HEAD_BYTES:]
        ssrc, word = int.from_bytes(head[4:]), (_ENCRYPTED | index).to_bytes(4)
        if self._gcm is not None:  # RFC 7714 section 9.1
            nonce = (self._salt ^ ssrc << 48 ^ index).to_bytes(12)
            return head + self._gcm.encrypt(nonce, body, head + word) + word
        counter = (self._salt << 16 ^ ssrc << 64 ^ index << 16).to_bytes(16)  # RFC 3711 section 4.1.1
        signed = head + _counted(self._key, counter, body) + word
        return signed + hmac.digest(self._signs, signed, "sha1")[:_TAG_BYTES]


def _derived(master: bytes, salt: bytes, label: int, length: int) -> bytes:
    """RFC 3711 section 4.3.3; a salt of 12 octets is filled up with zeros behind it (RFC 7714 section 11)."""
    whole = int.from_bytes(salt.ljust(_USUAL_SALT_BYTES, b"\0"))
    return _counted(master, ((whole ^ label << 48) << 16).to_bytes(16), bytes(length))


def _counted(key: bytes, counter: bytes, data: bytes) -> bytes:
    """AES in counter mode."""
    return Cipher(AES(key), CTR(counter)).encryptor().update(data)
