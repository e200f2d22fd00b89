"""Cross-origin headers: Kazoo's own web client is served from elsewhere, and any page may ask with a token.

They are sent only to requests that carry an ``Origin`` or a preflight's headers (``api_util.erl``, read 2026-11).
``Range`` may be sent and ``Content-Range`` read besides, which Kazoo does not let a page do.
"""

from __future__ import annotations

from callvault.wire import WireRequest

Headers = tuple[tuple[str, str], ...]

_ASKING = frozenset({"origin", "access-control-request-method", "access-control-request-headers"})
_MAY_SEND = (
    "Accept, Authorization, Cache-Control, Content-Type, If-Match, If-None-Match, Range, X-Auth-Token, X-File-Name,"
    " X-Pretty-Print, X-Request-ID"
)
_MAY_READ = "Content-Disposition, Content-Range, ETag, Location, X-Auth-Token, X-Request-ID"
_DAY_S = 86_400


def cross_origin(request: WireRequest) -> Headers:
    """What lets a page of another origin read the answer."""
    if not _ASKING & set(request.headers):
        return ()
    return (("access-control-allow-origin", "*"), ("access-control-expose-headers", _MAY_READ))


def preflight(request: WireRequest) -> Headers:
    """What lets it ask."""
    allowed = cross_origin(request)
    if not allowed:
        return ()
    return (
        *allowed,
        ("access-control-allow-methods", "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS"),
        ("access-control-allow-headers", _MAY_SEND),
        ("access-control-max-age", str(_DAY_S)),
    )
