"""Where an answer leads: the request that follows a redirect, with verb and body as they were.

What does not live here: how many are followed, which is for whoever sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from callvault.errors import BadRequest
from callvault.model.destination import check_url, read_networks
from callvault.model.notice import Notice
from callvault.webhooks.guard import Forbidden

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ANYWHERE = read_networks("0.0.0.0/0, ::/0")
"""Only the form is judged here; where it leads, the guard judges when it connects."""


def redirected(request: Notice, status: int | None, headers: Mapping[str, str]) -> Notice | None:
    """The request to the place where an answer leads; None where it leads nowhere.  ``headers``: the answer's.

    Raises:
        Forbidden: it leads to what is no place for a notice.
    """
    if status not in REDIRECTS or "location" not in headers:
        return None
    try:
        url = urljoin(request.url, headers["location"]).partition("#")[0]
        parts = urlsplit(check_url(url, "Location", _ANYWHERE))
    except (BadRequest, ValueError) as error:
        raise Forbidden(f"The answer leads elsewhere, and not well: {error}") from error
    before = urlsplit(request.url)
    if before.scheme == "https" and parts.scheme == "http":
        raise Forbidden("The answer leads from https to http, where anybody could read the notice.")
    moved = (parts.scheme, parts.netloc) != (before.scheme, before.netloc)
    kept = [
        (name, parts.netloc if name == "Host" else value)
        for name, value in request.headers
        if not (moved and name == "Authorization")
    ]
    return Notice(method=request.method, url=url, headers=tuple(kept), body=request.body)
