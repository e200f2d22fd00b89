"""What the lines of a description say of one stream: address, direction, label, packet time, RTCP, sources.

What does not live here: payload types (``payloads``), keys (``crypto``).  An attribute that cannot be read is as one
that is missing.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from callvault.protocols.sdp.description import Description, Media

_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)
_UNSPECIFIED = frozenset({"0.0.0.0", "::", "0:0:0:0:0:0:0:0"})  # noqa: S104 - read, and not listened on


class Direction(enum.StrEnum):
    """Who sends, seen from whoever wrote it (RFC 8866 section 6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """Whether whoever wrote it sends."""
        return self in {Direction.SENDRECV, Direction.SENDONLY}


_DIRECTIONS = {str(each): each for each in Direction}


class RecordingState(enum.StrEnum):
    """What a recorder says of itself to those who care (RFC 7866 section 6.1.1)."""

    ON = "on"
    OFF = "off"
    PAUSED = "paused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A ``c=`` line (RFC 8866 section 5.7)."""

    version: int
    """4 or 6."""
    host: str

    @property
    def unspecified(self) -> bool:
        """Whether it is nobody's: a hold in the way of RFC 2543."""
        return self.host in _UNSPECIFIED


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What ``a=ssrc`` says (RFC 5576)."""

    ssrc: int
    cname: str | None


def address_of(description: Description, media: Media | None = None) -> Address | None:
    """Where a stream comes from: the media line's own address, or the session's."""
    value = (media.section.first("c") if media else None) or description.section.first("c")
    words = value.split() if value else []
    if len(words) < 3 or words[0].upper() != "IN" or words[1].upper() not in {"IP4", "IP6"}:
        return None
    return Address(version=int(words[1][2]), host=words[2].partition("/")[0])


def direction_of(description: Description, media: Media) -> Direction:
    """Of the media line, else of the session, else both ways."""
    for section in (media.section, description.section):
        for name in section.by_name:
            if name in _DIRECTIONS:
                return _DIRECTIONS[name]
    return Direction.SENDRECV


def label_of(media: Media) -> str | None:
    """RFC 4574; None where there is none or an empty one."""
    return media.section.attribute("label") or None


def packet_ms_of(media: Media) -> int | None:
    """``a=ptime``, rounded to milliseconds."""
    value = (media.section.attribute("ptime") or "").partition(".")[0]
    return int(value) if _DIGITS.fullmatch(value) and 0 < int(value) <= 1000 else None


def shares_rtcp(media: Media) -> bool:
    """Whether RTCP may come to the port of RTP (RFC 5761)."""
    return media.section.attribute("rtcp-mux") is not None


def rtcp_place_of(description: Description, media: Media) -> tuple[str, int] | None:
    """Where the other side takes RTCP (RFC 3605): by itself the next port; None where it takes none."""
    place = address_of(description, media)
    if place is None or place.unspecified or not media.port:
        return None
    words = (media.section.attribute("rtcp") or "").split()
    port = int(words[0]) if words and _DIGITS.fullmatch(words[0]) else 0
    if not 0 < port <= 65535:
        port = media.port if shares_rtcp(media) else media.port + 1
    host = words[3] if len(words) > 3 else place.host
    return (host, port) if port <= 65535 else None


def source_of(media: Media) -> Source | None:
    """The first source that is told, and its name."""
    first: int | None = None
    for value in media.section.attributes("ssrc"):
        number, _, rest = value.partition(" ")
        if _DIGITS.fullmatch(number) is None or int(number) >= 2**32:
            continue
        first = int(number) if first is None else first
        name, colon, said = rest.strip().partition(":")
        if int(number) == first and colon and name.lower() == "cname" and said.strip():
            return Source(ssrc=first, cname=said.strip())
    return Source(ssrc=first, cname=None) if first is not None else None
