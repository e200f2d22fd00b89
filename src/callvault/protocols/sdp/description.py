"""A session description as lines that keep their order: what is not understood is written out as it came.

What lives here: sections, media lines, and reading and writing them.  What does not: what attributes mean
(``attributes``, ``payloads``, ``crypto``).  Read tolerantly: any line ends, missing mandatory lines, spaces at the
end of lines (CUBE), any encoding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from callvault.errors import ProtocolError

MOST_MEDIA = 64
"""A recorded call with more media lines is none; the largest conferences seen have nine."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Section:
    """The lines of the session, or those under one media line."""

    lines: tuple[tuple[str, str], ...] = ()
    """The letter before the sign of equality, and what stands behind it."""

    def first(self, letter: str) -> str | None:
        """The value of the first line of this letter."""
        return next((value for known, value in self.lines if known == letter), None)

    def attribute(self, name: str) -> str | None:
        """The value of the first attribute of this name; empty for one without a value."""
        return next(iter(self.attributes(name)), None)

    def attributes(self, name: str) -> Sequence[str]:
        """The values of all attributes of this name; names are compared in lower case."""
        return self.by_name.get(name, ())

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[str]]:
        """The values of all attributes, by name in lower case, in the order in which the names come."""
        found: dict[str, list[str]] = {}
        for letter, value in self.lines:
            if letter == "a":
                name, _, rest = value.partition(":")
                found.setdefault(name.strip().lower(), []).append(rest.strip())
        return found


NO_LINES = Section()


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """One ``m=`` line and what stands under it (RFC 8866 section 5.14)."""

    kind: str
    """``audio``, ``video``, ..., in lower case."""
    port: int
    """0 to 65535; 0: not used."""
    ports: str = ""
    """How many ports, as it came: the number behind a slash, mostly empty."""
    protocol: str
    """``RTP/AVP``, ``RTP/SAVP``, ..., in capitals."""
    formats: tuple[str, ...]
    """For RTP, payload types."""
    section: Section = NO_LINES

    def __str__(self) -> str:
        port = f"{self.port}/{self.ports}" if self.ports else str(self.port)
        return " ".join((self.kind, port, self.protocol, *self.formats))


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """A whole description."""

    section: Section
    """The lines before the first media line."""
    media: tuple[Media, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a description.

        Raises:
            ProtocolError: it has no line of the form ``v=0``, a media line cannot be read, or there are too many.
        """
        session: list[tuple[str, str]] = []
        media: list[tuple[str, list[tuple[str, str]]]] = []
        for line in _LINE_END.split(_text(data)):
            letter, equals, value = line.strip(" \t").partition("=")
            if not equals or len(letter) != 1 or not letter.isalpha():
                continue
            if letter == "m":
                media.append((value, []))
            else:
                (media[-1][1] if media else session).append((letter, value))
        if not session and not media:
            raise ProtocolError(
                "The session description has no lines of a letter, a sign of equality and a value.", hint=400
            )
        if len(media) > MOST_MEDIA:
            raise ProtocolError(f"The session description has more than {MOST_MEDIA} media lines.", hint=488)
        return cls(
            section=Section(lines=tuple(session)),
            media=tuple(_media(value, Section(lines=tuple(lines))) for value, lines in media),
        )

    def write(self) -> bytes:
        """The description as bytes, every line ended by CRLF."""
        lines = [f"{letter}={value}" for letter, value in self.section.lines]
        for media in self.media:
            lines.append(f"m={media}")
            lines += [f"{letter}={value}" for letter, value in media.section.lines]
        return "".join(f"{line}\r\n" for line in lines).encode()


def _text(data: bytes) -> str:
    """UTF-8, as the RFC has it, or else Latin-1, in which everything can be read."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _media(value: str, section: Section) -> Media:
    kind, port, protocol, *formats = [*value.split(), "", "", ""]
    number, _, count = port.partition("/")
    if not kind or not protocol or _NUMBER.fullmatch(number) is None or int(number) > 65535:
        raise ProtocolError(
            "A media line must have a kind, a port from 0 to 65535, a protocol and its formats.", hint=400
        )
    return Media(
        kind=kind.lower(),
        port=int(number),
        ports=count,
        protocol=protocol.upper(),
        formats=tuple(each for each in formats if each),
        section=section,
    )
