"""HTTP as plain values: what a dialect is given, and what it gives back.

What does not live here: sockets, the web framework, or anything that knows a vendor.  Audio travels as a handle that
the server streams; a dialect never holds bytes of a recording.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class ByteSource(Protocol):
    """Bytes that can be read from any place on, in pieces, without holding them all."""

    def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` (included) to ``stop`` (excluded; None: to the end)."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class WireRequest:
    """One HTTP request."""

    method: str
    """Upper case."""
    path: str
    """Percent-decoded; for messages.  Routing goes by ``parts``."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The variable segments of the route that matched, by name, percent-decoded one by one."""
    query: tuple[tuple[str, str], ...] = ()
    """In order, decoded; a name may come more than once."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; repeated ones joined by a comma and a space (RFC 9110 section 5.3)."""
    body: bytes = b""
    """Whole, up to the server's limit for short bodies; empty where the route takes a stream."""
    stream: AsyncIterator[bytes] | None = None
    """The body of a route that takes a stream, in pieces as they arrive."""
    client: str = ""
    """The address it came from."""

    def first(self, name: str) -> str | None:
        """The first value of a query parameter."""
        for key, value in self.query:
            if key == name:
                return value
        return None

    def header(self, name: str) -> str | None:
        """A header by its lower-case name."""
        return self.headers.get(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaSlice:
    """A stretch of a byte source, as a reply's body."""

    source: ByteSource
    start: int
    stop: int | None
    """Excluded; None: to the end, wherever that is."""
    live: bool = False
    """Whether it goes on for as long as somebody listens: the server looks out for whoever leaves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WireReply:
    """One HTTP answer.  The server adds Content-Length where it can be known, and Date."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | MediaSlice = b""
