"""Keys for SRTP in a session description (RFC 4568): ``a=crypto`` lines read, chosen among, written and struck out.

What does not live here: SRTP itself, and how a key is kept from others' eyes (it is sealed under the master key
before it is written anywhere).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from callvault.protocols.sdp.description import Media
from callvault.protocols.srtp import KEY_BYTES

STRUCK = "***"
"""What stands in a kept message where a key stood."""

_KEYS = re.compile(r"((?:^|(?<=[\r\n]))[ \t]*a=[ \t]*crypto[ \t]*:[ \t]*\S+[ \t]+\S+[ \t]+)[^\r\n]*", re.IGNORECASE)
_TAG = re.compile(r"[0-9]{1,9}", re.ASCII)
_UNDONE_BY_NOBODY = frozenset({"UNENCRYPTED_SRTP", "UNAUTHENTICATED_SRTP"})


@dataclass(frozen=True, kw_only=True, slots=True)
class SrtpKey:
    """A suite that we can undo, with its master key and salt."""

    suite: str
    secret: bytes = field(repr=False)
    """Master key, then master salt: as many octets as ``srtp.KEY_BYTES`` says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CryptoLine:
    """One ``a=crypto`` line that can be used."""

    tag: int
    key: SrtpKey
    lifetime: str | None = None
    """How many packets it is good for, as it came: ``2^31``."""

    def __str__(self) -> str:
        return f"crypto:{self.tag} {self.key.suite} inline:{base64.b64encode(self.key.secret).decode()}"


def crypto_of(media: Media) -> CryptoLine | None:
    """The first key that we can undo, in the client's order of preference (RFC 4568 section 7.1.2).

    Passed over are suites that are not known here, keys of another length than the suite's, several keys on one line,
    keys with an identifier in each packet (MKI), and lines that ask for SRTP without encryption or authentication.
    """
    return next((line for value in media.section.attributes("crypto") if (line := _line(value)) is not None), None)


def struck_out(message: str) -> str:
    """The message with every key in it replaced by three asterisks."""
    return _KEYS.sub(rf"\g<1>{STRUCK}", message)


def _line(value: str) -> CryptoLine | None:
    tag, suite, methods, *session = [*value.split(), "", "", ""]
    suite = suite.upper()
    if _TAG.fullmatch(tag) is None or suite not in KEY_BYTES or _UNDONE_BY_NOBODY & {each.upper() for each in session}:
        return None
    method, _, info = methods.partition(":")
    if method.lower() != "inline" or ";" in info:
        return None
    text, *more = info.split("|")
    secret = _octets(text)
    if secret is None or len(secret) != KEY_BYTES[suite] or any(":" in each for each in more):
        return None
    return CryptoLine(
        tag=int(tag), key=SrtpKey(suite=suite, secret=secret), lifetime=next((each for each in more if each), None)
    )


def _octets(text: str) -> bytes | None:
    """Base64 with its padding or without (rtpengine leaves it away)."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
