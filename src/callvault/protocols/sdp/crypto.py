"""Keys for SRTP in a session description (RFC 4568): ``a=crypto`` lines read, chosen among, written and struck out.

What does not live here: SRTP itself, and how a key is kept from others' eyes (it is sealed under the master key
before it is written anywhere).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from callvault.protocols.sdp.description import Media
from callvault.protocols.srtp_keys import KEY_BYTES, MOST_MKI_BYTES, SrtpKey

STRUCK = "***"
"""What stands in a kept message where a key stood."""

_KEYS = re.compile(r"((?:^|(?<=[\r\n]))[ \t]*a=[ \t]*crypto[ \t]*:[ \t]*\S+[ \t]+\S+[ \t]+)[^\r\n]*", re.IGNORECASE)
_TAG = re.compile(r"[0-9]{1,9}", re.ASCII)
_MKI = re.compile(r"([0-9]{1,309}):([0-9]{1,3})", re.ASCII)
_LIFETIME = re.compile(r"2\^([0-9]{1,2})|([0-9]{1,15})", re.ASCII)
MOST_PACKETS = 1 << 48
"""Under one key (RFC 3711 section 9.2)."""
_UNDONE_BY_NOBODY = frozenset({"UNENCRYPTED_SRTP", "UNAUTHENTICATED_SRTP"})


@dataclass(frozen=True, kw_only=True, slots=True)
class CryptoLine:
    """One ``a=crypto`` line that can be used."""

    tag: int
    keys: tuple[SrtpKey, ...]
    """All of one suite; more than one only where each has an identifier, and these are of one length."""

    @property
    def suite(self) -> str:
        """Of all of its keys."""
        return self.keys[0].suite

    def __str__(self) -> str:
        return f"crypto:{self.tag} {self.suite} {';'.join(map(_info, self.keys))}"


def crypto_of(media: Media) -> CryptoLine | None:
    """The first line of keys that we can undo, in the client's order of preference (RFC 4568 section 7.1.2).

    Passed over are suites that are not known here, keys of another length than the suite's, several keys on one line
    that packets could not choose among, and lines that ask for SRTP without encryption or authentication, or for keys
    that change on the way (KDR), which libsrtp cannot do.
    """
    return next((line for value in media.section.attributes("crypto") if (line := _line(value)) is not None), None)


def struck_out(message: str) -> str:
    """The message with every key in it replaced by three asterisks."""
    return _KEYS.sub(rf"\g<1>{STRUCK}", message)


def _line(value: str) -> CryptoLine | None:
    tag, suite, methods, *session = [*value.split(), "", "", ""]
    suite = suite.upper()
    if _TAG.fullmatch(tag) is None or suite not in KEY_BYTES or not all(map(_can_be_done, session)):
        return None
    keys = [key for text in methods.split(";") if (key := _key(suite, text)) is not None]
    if len(keys) != len(methods.split(";")):
        return None
    identifiers = [key.mki for key in keys]
    if len(keys) > 1 and (
        b"" in identifiers or len(set(map(len, identifiers))) > 1 or len(set(identifiers)) < len(keys)
    ):
        return None
    return CryptoLine(tag=int(tag), keys=tuple(keys))


def _can_be_done(parameter: str) -> bool:
    """A session parameter (RFC 4568 section 6.3), or what stands where one might."""
    name, _, told = parameter.upper().partition("=")
    return name not in _UNDONE_BY_NOBODY and (name != "KDR" or told == "0")


def _key(suite: str, text: str) -> SrtpKey | None:
    """``inline:KEY|LIFETIME|MKI:LENGTH`` (RFC 4568 section 9.2), the last two or one of them left away."""
    method, _, info = text.partition(":")
    octets, *more = info.split("|")
    secret = _octets(octets)
    if method.lower() != "inline" or secret is None or len(secret) != KEY_BYTES[suite]:
        return None
    named = [each for each in more if ":" in each]
    mki = _identifier(named[0]) if named else b""
    if mki is None or len(named) > 1:
        return None
    lifetime = next((each for each in more if each and ":" not in each), "")
    return SrtpKey(suite=suite, secret=secret, mki=mki, lifetime=_lifetime(lifetime))


def _info(key: SrtpKey) -> str:
    parts = [f"inline:{base64.b64encode(key.secret).decode()}"]
    if key.lifetime is not None:
        parts.append(str(key.lifetime))
    if key.mki:
        parts.append(f"{int.from_bytes(key.mki)}:{len(key.mki)}")
    return "|".join(parts)


def _identifier(text: str) -> bytes | None:
    """``1:4`` is 1 in four octets; None: it is too large for so many, or none at all."""
    found = _MKI.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= MOST_MKI_BYTES or int(found[1]) >= 1 << 8 * int(found[2]):
        return None
    return int(found[1]).to_bytes(int(found[2]))


def _lifetime(text: str) -> int | None:
    """``2^20`` or a number of packets.

    None where it is neither, or more than a key can be good for: nothing depends on it, so the key is taken.
    """
    found = _LIFETIME.fullmatch(text)
    if found is None:
        return None
    packets: int = 1 << int(found[1]) if found[1] else int(found[2])
    return packets if 0 < packets <= MOST_PACKETS else None


def _octets(text: str) -> bytes | None:
    """Base64 with its padding or without (rtpengine leaves it away)."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
