"""SIP messages as a client reads them (RFC 3261 section 7): tolerant, and its own.

What lives here: start lines, headers, bodies; where a message ends in a stream of octets.  What does not: sockets, what
a message means for a call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callvault.errors import ProtocolError

_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type",
    "s": "subject", "k": "supported", "x": "session-expires",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A request or a response."""

    start: str
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, the long ones; in order, one for each line."""
    body: bytes = b""

    @property
    def status(self) -> int | None:
        """Of a response; None for a request."""
        found = re.match(r"SIP/2\.0\s+(\d{3})", self.start, re.IGNORECASE)
        return int(found[1]) if found else None

    @property
    def reason(self) -> str:
        """Of a response: its words."""
        return self.start.split(None, 2)[2] if len(self.start.split(None, 2)) > 2 else ""

    @property
    def method(self) -> str:
        """Of a request, or of the one that a response answers."""
        return (self.start.split()[0] if self.status is None else self.get("cseq").split()[-1]).upper()

    def get(self, name: str) -> str:
        """The first header of a name; empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def every(self, name: str) -> list[str]:
        """All headers of a name, in order, those that share a line too."""
        found = [value for key, value in self.headers if key == name]
        return [part.strip() for value in found for part in re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", value)]

    @property
    def branch(self) -> str:
        """Of the topmost Via."""
        return parameter(self.get("via"), "branch") or ""

    @property
    def cseq(self) -> int:
        """The number; 0 where there is none."""
        words = self.get("cseq").split()
        return int(words[0]) if words and words[0].isdigit() else 0


def parameter(value: str, name: str) -> str | None:
    """A parameter of a header's value, brackets and quotes passed over; None where it is not there."""
    outside = re.sub(r"<[^>]*>|\"[^\"]*\"", "", value)
    found = re.search(rf";\s*{re.escape(name)}\s*(?:=\s*([^;,\s]+))?(?=[;,\s]|$)", outside, re.IGNORECASE)
    return (found[1] or "") if found else None


def uri(value: str) -> str:
    """The URI of a From, To, Contact or Route."""
    bracketed = re.search(r"<([^>]*)>", value)
    return bracketed[1] if bracketed else value.split(";", maxsplit=1)[0].strip()


def parse(octets: bytes) -> Message:
    """A whole message.

    Raises:
        ProtocolError: it has no start line.
    """
    head, _, body = octets.partition(b"\r\n\r\n")
    text = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace"))
    start, *lines = text.lstrip("\r\n").split("\r\n")
    if "SIP/2.0" not in start.upper():
        raise ProtocolError(f"A SIP message begins with a request or a status line, and not with {start[:40]!r}.")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        lowered = name.strip().lower()
        headers.append((_COMPACT.get(lowered, lowered), value.strip()))
    return Message(start=start, headers=tuple(headers), body=body)


def cut(octets: bytes) -> tuple[bytes | None, bytes]:
    """The first whole message of a stream, and what is behind it; None while it has not all come (RFC 3261, 18.3)."""
    octets = octets.lstrip(b"\r\n")
    head, blank, _ = octets.partition(b"\r\n\r\n")
    if not blank:
        return None, octets
    found = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
    length = len(head) + 4 + (int(found[1]) if found else 0)
    if len(octets) < length:
        return None, octets
    return octets[:length], octets[length:]


def respond(
    request: Message, status: int, reason: str, *, to_tag: str, extra: Sequence[str] = (), body: str = ""
) -> bytes:
    """An answer to a request of the recorder's (RFC 3261 section 8.2.6)."""
    lines = [f"SIP/2.0 {status} {reason}"]
    lines += [f"{name.title()}: {value}" for name, value in request.headers if name in {"via", "record-route"}]
    to = request.get("to")
    tagged = to if parameter(to, "tag") is not None or status == 100 else f"{to};tag={to_tag}"
    lines += [
        f"From: {request.get('from')}",
        f"To: {tagged}",
        f"Call-ID: {request.get('call-id')}",
        f"CSeq: {request.get('cseq')}",
        *extra,
        f"Content-Length: {len(body.encode())}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
