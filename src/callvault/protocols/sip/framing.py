"""Where messages begin and end in a stream (RFC 3261 section 18.3, keep-alives of RFC 5626 section 4.4.1).

What lives here: cutting a TCP or TLS stream into messages and keep-alives, with bounded memory.  What does not: the
reading of what was cut out.  After `BadMessage` nothing in the stream can be trusted, and the connection is closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callvault.protocols.sip.grammar import NUMBER, decode
from callvault.protocols.sip.message import BadMessage

MOST_HEAD_BYTES = 32_768
MOST_BODY_BYTES = 262_144
"""Recording metadata of a large conference is some tens of kilobytes."""

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LOOK_BACK = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepAlive:
    """A double CRLF: whoever sent it wants a single one back."""


Piece = bytes | KeepAlive
PONG = b"\r\n"


class StreamFramer:
    """Bytes of one connection in, whole messages out."""

    def __init__(self, *, most_head_bytes: int = MOST_HEAD_BYTES, most_body_bytes: int = MOST_BODY_BYTES) -> None:
        self._buffer = bytearray()
        self._most_head = most_head_bytes
        self._most_body = most_body_bytes
        self._searched = 0
        self._ends_at: int | None = None

    @property
    def waiting_bytes(self) -> int:
        """How many bytes of an unfinished message are held."""
        return len(self._buffer)

    def receive(self, data: bytes) -> list[Piece]:
        """What these bytes complete, in order.

        Raises:
            BadMessage: the stream cannot be cut any further.
        """
        self._buffer += data
        pieces: list[Piece] = []
        while (piece := self._next()) is not None:
            pieces.append(piece)
        return pieces

    def _next(self) -> Piece | None:
        if self._ends_at is None:
            if self._skip_line_ends():
                return KeepAlive()
            self._ends_at = self._find_end()
        if self._ends_at is None or len(self._buffer) < self._ends_at:
            return None
        message = bytes(self._buffer[: self._ends_at])
        del self._buffer[: self._ends_at]
        self._ends_at, self._searched = None, 0
        return message

    def _skip_line_ends(self) -> bool:
        """Line ends before a message say nothing; a double one, with nothing behind it as yet, asks for a pong."""
        if self._searched or not self._buffer or self._buffer[0] not in b"\r\n":
            return False
        if self._buffer.startswith(b"\r\n\r\n"):
            del self._buffer[:4]
            return True
        if len(self._buffer) < 4 and b"\r\n\r\n".startswith(self._buffer):
            return False
        del self._buffer[: len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))]
        return False

    def _find_end(self) -> int | None:
        if not self._buffer or self._buffer[0] in b"\r\n":
            return None
        found = _BLANK_LINE.search(self._buffer, max(0, self._searched - _LOOK_BACK))
        if found is None:
            self._searched = len(self._buffer)
        if (found.start() if found else len(self._buffer)) > self._most_head:
            raise BadMessage(f"The header fields are longer than {self._most_head} bytes.", hint=513)
        if found is None:
            return None
        return found.end() + self._length(bytes(self._buffer[: found.start()]))

    def _length(self, head: bytes) -> int:
        """What Content-Length says; a stream has nothing else to end a body with, and nothing means none."""
        stated = set(_LENGTH.findall(_FOLD.sub(b" ", head)))
        if not stated:
            return 0
        text = decode(stated.pop())
        if stated or NUMBER.fullmatch(text) is None:
            raise BadMessage("A stream's messages need one Content-Length that is a number.", hint=400)
        if int(text) > self._most_body:
            raise BadMessage(f"The body is longer than {self._most_body} bytes.", hint=513)
        return int(text)
