"""SIP messages (RFC 3261 section 7): bytes to values and back.

What lives here: start line, header fields and body.  What does not: where a message ends in a stream (`framing`), what
its fields mean (`via`, `address`, `exchange`).  Read tolerantly: folded lines, compact names, bare line feeds, any
encoding, white space where it does not belong; what was odd is said in ``oddities``.  Whatever the bytes, the
answer is a message or `BadMessage`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from callvault.errors import ProtocolError
from callvault.protocols.sip.grammar import NUMBER, TOKEN, decode, encode
from callvault.protocols.sip.headers import NO_HEADERS, Headers

MOST_HEADERS = 400
"""A message with more is no call: the longest seen from any client has about sixty."""

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_VERSION = re.compile(r"SIP/[0-9]+\.[0-9]+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a client asks."""

    method: str
    uri: str
    headers: Headers = NO_HEADERS
    body: bytes = b""
    raw: bytes = b""
    """The bytes that it was read from; empty for one that was made here."""
    oddities: tuple[str, ...] = ()
    """A sentence for each thing that is not as the protocol has it, and was passed over."""

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What a server answers."""

    status: int
    reason: str
    headers: Headers = NO_HEADERS
    body: bytes = b""
    raw: bytes = b""
    oddities: tuple[str, ...] = ()

    @property
    def start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"


Message = Request | Response


class BadMessage(ProtocolError):
    """These bytes are no message that can be acted on; ``hint`` is None where they deserve no answer either."""

    def __init__(self, message: str, *, hint: int | None = None, request: Request | None = None) -> None:
        super().__init__(message, hint=hint)
        self.request = request
        """As much as could be read, so that the refusal finds its way."""


@dataclass(slots=True)
class _Reading:
    """One message while it is read."""

    head: str
    rest: bytes
    raw: bytes
    oddities: list[str] = field(default_factory=list)


def parse(data: bytes) -> Message:
    """Read one message that is all there, as from a datagram.

    Raises:
        BadMessage: it is none.
    """
    raw = data.lstrip(b"\r\n")
    if not raw:
        raise BadMessage("The message is empty; it must begin with a start line.")
    end = _BLANK_LINE.search(raw)
    head = raw[: end.start()] if end else raw.rstrip(b"\r\n")
    reading = _Reading(head=decode(head), rest=raw[end.end() :] if end else b"", raw=raw)
    if end is None:
        reading.oddities.append("No empty line follows the header fields.")
    start, _, lines = _unfolded(reading.head).partition("\n")
    headers = _headers(lines, reading)
    return _response(start, headers, reading) or _request(start, headers, reading)


def write(message: Message) -> bytes:
    """The message as bytes, with the Content-Length that its body has, whatever its fields say."""
    lines = [message.start_line]
    lines += [f"{name}: {value}" for name, value in message.headers if name.lower() not in {"content-length", "l"}]
    lines.append(f"Content-Length: {len(message.body)}")
    return encode("\r\n".join(lines)) + b"\r\n\r\n" + message.body


def _unfolded(head: str) -> str:
    """Lines that end in a line feed; a carriage return that stands alone becomes a space, so that it ends nothing."""
    return _FOLD.sub(" ", head).replace("\r\n", "\n").replace("\r", " ")


def _headers(lines: str, reading: _Reading) -> Headers:
    fields: list[tuple[str, str]] = []
    for line in lines.split("\n") if lines else []:
        name, colon, value = line.partition(":")
        if colon and TOKEN.fullmatch(name.rstrip()):
            fields.append((name.rstrip(), value.strip()))
        elif line.strip():
            reading.oddities.append("A line among the header fields has no name and colon.")
        if len(fields) > MOST_HEADERS:
            raise BadMessage(f"The message has more than {MOST_HEADERS} header fields.", hint=513)
    return Headers(fields=tuple(fields))


def _response(start: str, headers: Headers, reading: _Reading) -> Response | None:
    version, _, rest = start.strip().partition(" ")
    if _VERSION.fullmatch(version) is None:
        return None
    digits, _, reason = rest.strip().partition(" ")
    if version.upper() != "SIP/2.0" or NUMBER.fullmatch(digits) is None or not 100 <= int(digits) <= 699:
        raise BadMessage("The status line must be SIP/2.0, a status from 100 to 699, and a reason.")
    if _length_fault(headers) is not None:
        raise BadMessage("The response's Content-Length is no length.")
    body = _body(headers, reading)
    return Response(
        status=int(digits),
        reason=reason.strip(),
        headers=headers,
        body=body,
        raw=reading.raw,
        oddities=tuple(reading.oddities),
    )


def _request(start: str, headers: Headers, reading: _Reading) -> Request:
    method, uri, version = _three_words(start)
    if _VERSION.fullmatch(version) is None or TOKEN.fullmatch(method) is None:
        raise BadMessage("The bytes begin with no start line of SIP.")
    bare = Request(method=method, uri=uri, headers=headers, raw=reading.raw)
    if version.upper() != "SIP/2.0":
        raise BadMessage(f"The request is {version}; only SIP/2.0 is spoken here.", hint=505, request=bare)
    if not uri or any(sign.isspace() for sign in uri) or uri[0] == "<":
        raise BadMessage("The Request-URI must be a URI without white space or brackets.", hint=400, request=bare)
    fault = _length_fault(headers)
    if fault is not None:
        raise BadMessage(fault, hint=400, request=bare)
    body = _body(headers, reading)
    return Request(
        method=method, uri=uri, headers=headers, body=body, raw=reading.raw, oddities=tuple(reading.oddities)
    )


def _three_words(start: str) -> tuple[str, str, str]:
    """Method, what is between, and version; RFC 4475 has start lines with more white space than they should."""
    words = start.split()
    if len(words) < 2:
        return "", "", ""
    return words[0], " ".join(words[1:-1]), words[-1]


def _length_fault(headers: Headers) -> str | None:
    lengths = set(headers.all("content-length"))
    if len(lengths) > 1:
        return "The message has two Content-Length fields that differ."
    if any(NUMBER.fullmatch(length) is None for length in lengths):
        return "Content-Length must be a number of bytes."
    return None


def _body(headers: Headers, reading: _Reading) -> bytes:
    """The body by its length where that fits; a datagram ends with its body, so a wrong length is only odd.

    RFC 3261 section 18.3 drops what is beyond the length, and has a 400 for a body that is shorter.  Here the short
    one is taken: that its parts are complete is for their reader to say, and a call is at stake.
    """
    stated = headers.first("content-length")
    if stated is None:
        return reading.rest
    length = int(stated)
    if length > len(reading.rest):
        reading.oddities.append(f"Content-Length says {length}, and the body has {len(reading.rest)} bytes.")
    elif length < len(reading.rest):
        reading.oddities.append(f"Content-Length says {length}, and {len(reading.rest)} bytes follow the fields.")
    return reading.rest[:length]
