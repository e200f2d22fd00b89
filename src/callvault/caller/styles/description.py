"""Session descriptions (RFC 8866), as a client writes its offer.

What lives here: the lines that are the same with everybody, to be put into each vendor's order.
"""

from __future__ import annotations

import base64

from callvault.caller.styles.scene import Key, Line


def address(host: str) -> str:
    """``IN IP4 192.0.2.1`` or ``IN IP6 2001:db8::1``."""
    return f"IN {'IP6' if ':' in host else 'IP4'} {host}"


def media(line: Line) -> str:
    """The ``m=`` line.  SRTP has a profile of its own (RFC 4568, RFC 3711)."""
    profile = "RTP/SAVP" if line.keys else "RTP/AVP"
    return f"m={line.kind} {line.port} {profile} {' '.join(str(entry.number) for entry in line.formats)}"


def rtpmaps(line: Line) -> list[str]:
    """What each payload type is, and its parameters."""
    lines = []
    for entry in line.formats:
        lines.append(f"a=rtpmap:{entry.number} {entry.encoding}")
        if entry.parameters is not None:
            lines.append(f"a=fmtp:{entry.number} {entry.parameters}")
    return lines


def crypto(key: Key, *, padded: bool = True) -> str:
    """RFC 4568 section 9.1.  rtpengine leaves the padding of the base64 away, which not every reader forgives."""
    infos = []
    for identifier, secret in enumerate([key.secret] if key.next_secret is None else [key.secret, key.next_secret], 1):
        text = base64.b64encode(secret).decode()
        info = f"inline:{text if padded else text.rstrip('=')}"
        infos.append(f"{info}|2^31|{identifier}:{key.mki_bytes}" if key.mki_bytes else info)
    return f"a=crypto:{key.tag} {key.suite} {';'.join(infos)}"


def direction(line: Line) -> str:
    """A recording client only sends (RFC 7866 section 7.1.1)."""
    return "a=sendonly" if line.active else "a=inactive"
