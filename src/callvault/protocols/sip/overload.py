"""Refusing calls at a price that an overloaded server can pay (RFC 3261 section 21.5.4).

What lives here: a 503 made from five lines of an INVITE, without reading the rest and without remembering anything.
What does not: deciding that there is overload.
"""

from __future__ import annotations

import hashlib
import re

_FIELD = re.compile(
    rb"^(via|v|from|f|to|t|call-id|i|cseq)[ \t]*:[ \t]*(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)
_TAG = re.compile(rb";\s*tag\s*=", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_NEEDED = {b"v", b"f", b"t", b"i", b"c"}


def quick_refusal(data: bytes, *, retry_after_s: int, key: bytes) -> bytes | None:
    """A 503 for an INVITE that begins a call; None for everything else, which has to be looked at."""
    if not data.startswith(b"INVITE "):
        return None
    head = data.partition(b"\r\n\r\n")[0]
    fields = [(match[1], _FOLD.sub(b" ", match[2]).strip()) for match in _FIELD.finditer(head)]
    initials = {_initial(name): value for name, value in fields}
    if not initials.keys() >= _NEEDED or _TAG.search(initials[b"t"]):
        return None
    seal = hashlib.blake2b(b"\n".join(initials[name] for name in sorted(_NEEDED)), key=key[:64], digest_size=9)
    lines = [b"SIP/2.0 503 Service Unavailable"]
    for name, value in fields:
        tag = b";tag=" + seal.hexdigest().encode() if _initial(name) == b"t" else b""
        lines.append(name + b": " + value.replace(b"\r", b" ") + tag)
    lines += [b"Retry-After: %d" % retry_after_s, b"Content-Length: 0", b"", b""]
    return b"\r\n".join(lines)


def _initial(name: bytes) -> bytes:
    return b"i" if name.lower() == b"call-id" else name[:1].lower()
