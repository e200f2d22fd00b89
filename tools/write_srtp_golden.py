"""Write tests/golden/protocols/srtp: packets whose key identifiers (MKI) libsrtp itself has put there.

pylibsrtp has no words for identifiers, so the library inside it is called directly.  The layouts are those of libsrtp
2.x's srtp.h.  Run as ``python tools/write_srtp_golden.py``; the files only change where libsrtp's output does.
"""

from __future__ import annotations

import ctypes
import json
from pathlib import Path

from pylibsrtp import _binding

FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "protocols" / "srtp"
PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": (1, 30),
    "AES_CM_128_HMAC_SHA1_32": (2, 30),
    "AEAD_AES_128_GCM": (7, 28),
    "AEAD_AES_256_GCM": (8, 44),
}
"""``srtp_profile_t``, and how long key and salt are."""
ANY_OUTBOUND = 3
SSRC = 0xCA11AB1E


class _Crypto(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("cipher", "key", "auth", "auth_key", "auth_tag", "services")]


class _MasterKey(ctypes.Structure):
    _fields_ = [("key", ctypes.c_char_p), ("mki", ctypes.c_char_p), ("mki_size", ctypes.c_uint)]


class _Policy(ctypes.Structure):
    _fields_ = [
        ("ssrc_type", ctypes.c_int),
        ("ssrc", ctypes.c_uint),
        ("rtp", _Crypto),
        ("rtcp", _Crypto),
        ("key", ctypes.c_void_p),
        ("keys", ctypes.POINTER(ctypes.POINTER(_MasterKey))),
        ("keys_count", ctypes.c_ulong),
        ("ekt", ctypes.c_void_p),
        ("window_size", ctypes.c_ulong),
        ("allow_repeat", ctypes.c_int),
        ("extensions", ctypes.c_void_p),
        ("extensions_count", ctypes.c_int),
        ("next", ctypes.c_void_p),
    ]


class Sender:
    """A session of libsrtp with several master keys."""

    def __init__(self, suite: str, keys: list[tuple[bytes, bytes]]) -> None:
        """``keys``: identifier, and key with salt."""
        self._library = ctypes.CDLL(_binding.__file__)
        self._masters = [_MasterKey(secret, mki, len(mki)) for mki, secret in keys]
        pointers = (ctypes.POINTER(_MasterKey) * len(keys))(*map(ctypes.pointer, self._masters))
        policy = _Policy(ssrc_type=ANY_OUTBOUND, keys=pointers, keys_count=len(keys))
        profile, _ = PROFILES[suite]
        self._done(self._library.srtp_crypto_policy_set_from_profile_for_rtp(ctypes.byref(policy.rtp), profile))
        self._done(self._library.srtp_crypto_policy_set_from_profile_for_rtcp(ctypes.byref(policy.rtcp), profile))
        self._session = ctypes.c_void_p()
        self._done(self._library.srtp_create(ctypes.byref(self._session), ctypes.byref(policy)))

    def protect(self, packet: bytes, key: int, *, report: bool) -> bytes:
        """Under the key of this place."""
        buffer = ctypes.create_string_buffer(packet, 2048)
        length = ctypes.c_int(len(packet))
        protect = self._library.srtp_protect_rtcp_mki if report else self._library.srtp_protect_mki
        self._done(protect(self._session, buffer, ctypes.byref(length), 1, key))
        return buffer.raw[: length.value]

    @staticmethod
    def _done(status: int) -> None:
        if status:
            raise RuntimeError(f"libsrtp says {status}.")


def _case(suite: str, mki_bytes: int) -> dict[str, object]:
    _, length = PROFILES[suite]
    keys = [
        (number.to_bytes(mki_bytes, "big"), bytes((37 * number + octet) % 256 for octet in range(length)))
        for number in (1, 2)
    ]
    sender = Sender(suite, keys)
    packets = []
    for row in range(12):
        sequence, key = (65_530 + row) & 0xFFFF, row // 4 % 2
        head = b"\x80\0" + sequence.to_bytes(2, "big") + (160 * row).to_bytes(4, "big") + SSRC.to_bytes(4, "big")
        clear = head + bytes((row * 7 + octet) % 256 for octet in range(20))
        packets.append({"clear": clear.hex(), "sealed": sender.protect(clear, key, report=False).hex()})
    reports = []
    for row in range(4):
        clear = b"\x80\xc8\0\x06" + SSRC.to_bytes(4, "big") + bytes((row * 11 + octet) % 256 for octet in range(20))
        reports.append({"clear": clear.hex(), "sealed": sender.protect(clear, row % 2, report=True).hex()})
    return {
        "suite": suite,
        "keys": [{"mki": mki.hex(), "secret": secret.hex()} for mki, secret in keys],
        "packets": packets,
        "reports": reports,
    }


def write() -> None:
    """All files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for suite in PROFILES:
        for mki_bytes in (1, 4, 128):
            text = json.dumps(_case(suite, mki_bytes), indent=1)
            (FOLDER / f"{suite.lower()}-{mki_bytes}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
