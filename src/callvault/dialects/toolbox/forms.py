"""Names and values as a form's body, or behind a URL's question mark."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit, urlunsplit

FORM = "application/x-www-form-urlencoded"


def form_body(pairs: Iterable[tuple[str, str]]) -> bytes:
    """``name=value&...`` in UTF-8."""
    return urlencode(list(pairs)).encode()


def with_query(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The URL with these behind what its query holds already; its fragment goes."""
    parts = urlsplit(url)
    query = "&".join(piece for piece in (parts.query, urlencode(list(pairs))) if piece)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def without_fragment(url: str) -> str:
    """What is sent of a URL; one without a path asks for ``/``."""
    return with_query(url, ())
