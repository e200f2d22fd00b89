"""The grammar that SIP's header fields share (RFC 3261 section 25.1): tokens, quoted strings, lists and parameters.

What lives here: reading them as tolerantly as real clients need, and writing them as strictly as others do.  What does
not: any particular header field.  Text is bytes decoded so that every octet comes back (``decode``, ``encode``), since
display names arrive in encodings that nobody announces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from callvault.errors import ProtocolError

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SPECIAL = re.compile(r'["<>]')


def decode(data: bytes) -> str:
    """As UTF-8, where what is no UTF-8 stands as lone surrogates; ``encode`` gives the same bytes back."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that ``decode`` read; a surrogate that no byte stands behind becomes a question mark."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def shown(text: str) -> str:
    """The text for people and rows: bytes that are no UTF-8 are read as Latin-1, controls become spaces."""
    if text.isascii() and text.isprintable():
        return text
    readable = "".join(chr(ord(sign) - 0xDC00) if 0xDC80 <= ord(sign) <= 0xDCFF else sign for sign in text)
    return "".join(sign if sign.isprintable() else " " for sign in readable)


def split_outside(text: str, separator: str) -> list[str]:
    """Split where the separator stands outside quoted strings and angle brackets; each part is stripped.

    A quotation that never ends, or a bracket that never closes, reaches to the end of the text.
    """
    if _SPECIAL.search(text) is None:
        return [part.strip() for part in text.split(separator)]
    parts: list[str] = []
    start = position = 0
    in_brackets = False
    while position < len(text):
        sign = text[position]
        if sign == '"' and not in_brackets:
            position = _after_quotation(text, position)
            continue
        if sign in "<>":
            in_brackets = sign == "<"
        elif sign == separator and not in_brackets:
            parts.append(text[start:position].strip())
            start = position + 1
        position += 1
    return [*parts, text[start:].strip()]


def _after_quotation(text: str, start: int) -> int:
    found = _QUOTED.match(text, start)
    return found.end() if found else len(text)


def quotation(text: str, what: str) -> tuple[str, str]:
    """The content of the quoted string that the text begins with, and what follows it.

    Raises:
        ProtocolError: the quotation has no end.
    """
    found = _QUOTED.match(text)
    if found is None:
        raise ProtocolError(f"The quoted string in {what} has no closing quotation mark.", hint=400)
    return _ESCAPED.sub(r"\1", found[0][1:-1]), text[found.end() :]


def unquoted(text: str) -> str:
    """The content, where the text is one quoted string; the text itself where it is anything else."""
    return _ESCAPED.sub(r"\1", text[1:-1]) if _QUOTED.fullmatch(text) else text


def quoted(text: str) -> str:
    """As a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """What follows a value behind semicolons: names as they were written, and compared without case."""

    pairs: tuple[tuple[str, str | None], ...] = ()
    """Name and value, quotation marks and all; None where there is no equals sign."""

    @classmethod
    def parse(cls, text: str) -> Parameters:
        """From ``;name=value;flag``, with or without the first semicolon; empty ones are passed over."""
        return cls(pairs=tuple(_pairs(text)))

    def __contains__(self, name: str) -> bool:
        return any(known.lower() == name.lower() for known, _ in self.pairs)

    def get(self, name: str) -> str | None:
        """The value, unquoted; empty for one without a value, None where there is no such parameter."""
        for known, value in self.pairs:
            if known.lower() == name.lower():
                return unquoted(value or "")
        return None

    def but(self, name: str, value: str | None) -> Parameters:
        """With this one changed in its place, or added at the end."""
        if name not in self:
            return Parameters(pairs=(*self.pairs, (name, value)))
        return Parameters(
            pairs=tuple((known, value if known.lower() == name.lower() else old) for known, old in self.pairs)
        )

    def __str__(self) -> str:
        return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in self.pairs)


NO_PARAMETERS = Parameters()


def _pairs(text: str) -> Iterator[tuple[str, str | None]]:
    for part in split_outside(text, ";"):
        name, equals, value = part.partition("=")
        if name.strip():
            yield name.strip(), value.strip() if equals else None


def whole_number(text: str, what: str, *, most: int) -> int:
    """A number of digits alone, from 0 to ``most``.

    Raises:
        ProtocolError: it is anything else.
    """
    if NUMBER.fullmatch(text) is None or int(text) > most:
        raise ProtocolError(f"{what} must be a number from 0 to {most}.", hint=400)
    return int(text)
