"""Bodies of several parts (RFC 2046 section 5.1): taken apart as they come, put together as they should be.

What does not live here: what the parts mean.  Read tolerantly: lines that end in a line feed alone, spaces behind a
boundary (CUBE), ``Content-Type:x`` without a space and a length for each part (BroadWorks), no part before a blank
first line, no closing boundary, a boundary in quotes or not the one that was announced, parts within parts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from callvault.errors import ProtocolError

MOST_PARTS = 32
DEEPEST = 4

_PARAMETER = re.compile(r';\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))', re.IGNORECASE)
_FIRST_BOUNDARY = re.compile(rb"(?:\A|\n)--(\S[^\r\n]{0,199}?)[ \t]*\r?\n")
_REST_OF_BOUNDARY = re.compile(rb"(--)?[ \t]*(?=\r?\n|\Z)")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part that is not made of parts itself."""

    media_type: str
    """In lower case and without parameters; empty where nobody said."""
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""


def split_body(content_type: str, body: bytes) -> tuple[Part, ...]:
    """The parts of a body in their order; one for a body of one part, none for an empty one.

    Raises:
        ProtocolError: it is announced as several parts, and none can be found; or there are too many.
    """
    if not body.strip():
        return ()
    return tuple(_split(content_type, body, {}, DEEPEST))


def media_type_of(content_type: str) -> str:
    """``application/sdp`` of ``Application/SDP; charset=utf-8``."""
    return content_type.partition(";")[0].strip().lower()


def _split(content_type: str, body: bytes, headers: Mapping[str, str], depth: int) -> list[Part]:
    kind = media_type_of(content_type)
    if not kind.startswith("multipart/") or not depth:
        return [Part(media_type=kind, content=body, headers=headers)]
    pieces = _pieces(body, _boundary(content_type, body))
    if len(pieces) > MOST_PARTS:
        raise ProtocolError(f"The body has more than {MOST_PARTS} parts.", hint=400)
    parts: list[Part] = []
    for piece in pieces:
        said, content = _head(piece)
        parts += _split(said.get("content-type", ""), content, said, depth - 1)
    if len(parts) > MOST_PARTS:
        raise ProtocolError(f"The body has more than {MOST_PARTS} parts.", hint=400)
    return parts


def _boundary(content_type: str, body: bytes) -> bytes:
    """The one that was announced, or else the first line that looks like one."""
    match = _PARAMETER.search(content_type)
    said = re.sub(r"\\(.)", r"\1", match[1]) if match and match[1] is not None else match[2] if match else ""
    announced = said.strip().encode("utf-8", "surrogateescape")
    if announced and b"--" + announced in body:
        return announced
    found = _FIRST_BOUNDARY.search(body)
    if found is None:
        raise ProtocolError("The body is announced as several parts, and has no boundary between them.", hint=400)
    return found[1]


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the boundary's lines; behind the last one only where it does not close."""
    marker = b"--" + boundary
    pieces: list[bytes] = []
    start: int | None = None
    at = body.find(marker)
    while at >= 0:
        line = _REST_OF_BOUNDARY.match(body, at + len(marker))
        if line is not None and body[at - 1 : at] in {b"", b"\n"}:
            if start is not None:
                pieces.append(body[start:at].removesuffix(b"\n").removesuffix(b"\r"))
            start = None if line[1] else line.end()
            if line[1]:
                break
        at = body.find(marker, at + len(marker))
    if start is not None:
        pieces.append(body[start:])
    filled = [piece for piece in pieces if piece.strip()]
    if not filled:
        raise ProtocolError("The body is announced as several parts, and none of them has anything in it.", hint=400)
    return filled


def _head(piece: bytes) -> tuple[dict[str, str], bytes]:
    """A part's header fields and its content.  A piece begins with the end of its boundary's line."""
    if re.match(rb"\r?\n[ \t]*\r?\n", piece):  # a part without header fields
        return {}, re.sub(rb"\A\r?\n[ \t]*\r?\n", b"", piece, count=1)
    bare = piece.lstrip(b"\r\n")
    end = _BLANK.search(bare)
    head, content = (bare[: end.start()], bare[end.end() :]) if end else (bare, b"")
    fields: dict[str, str] = {}
    for line in re.split(r"\r?\n", _FOLD.sub(" ", head.decode("utf-8", "replace"))):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields, content
