"""Pages of a list: which one is asked for, and the links to its neighbours.

A token says a place, and the side on which the page lies: ``PA`` after it, ``PB`` before it.  So both directions stay
right while recordings are added at the front, which a page number alone would not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from callvault.dialects.signalwire import paths
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.pages import read_token, write_token
from callvault.dialects.toolbox.parameters import whole_number
from callvault.errors import BadRequest
from callvault.model.query import Position
from callvault.wire import WireRequest

Item = TypeVar("Item")

DEFAULT_SIZE = 50
MOST = 1000
LAST_NUMBER = 10**9

AFTER, BEFORE = "PA", "PB"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The page that a request wants."""

    number: int
    """Counted from 0.  Beside a token it is only the caller's own count."""
    size: int
    place: Position | None = None
    backwards: bool = False
    """Whether the page lies before ``place``; it is then read from there towards the front."""


def asked(request: WireRequest) -> Asked:
    """``Page``, ``PageSize`` and ``PageToken``.

    Raises:
        BadRequest: out of range, not a token, or (SignalWire) a page other than the first without one.
    """
    number = whole_number(request.first("Page"), "Page", default=0, least=0, most=LAST_NUMBER)
    size = whole_number(request.first("PageSize"), "PageSize", default=DEFAULT_SIZE, least=1, most=MOST)
    token = request.first("PageToken")
    if not token:
        if number and paths.vendor(request) is Vendor.SIGNALWIRE:
            raise BadRequest("A page other than the first needs its PageToken.", field="PageToken")
        return Asked(number=number, size=size)
    if not token.startswith((AFTER, BEFORE)):
        raise BadRequest(f"PageToken must begin with {AFTER} or {BEFORE}.", field="PageToken", value=token)
    place = read_token(token[len(AFTER) :], "PageToken")
    return Asked(number=number, size=size, place=place, backwards=token.startswith(BEFORE))


def paging(
    request: WireRequest, page: Asked, items: Sequence[Item], place_of: Callable[[Item], Position], *, more: bool
) -> dict[str, Any]:
    """What stands round a page's items, which are in the order of the answer.

    ``more``: whether the list goes on beyond the page, in the direction in which it was read.
    """
    turned = _turning(request, page)
    after = before = None
    if items and (more or page.backwards):
        after = turned(page.number + 1, AFTER + write_token(place_of(items[-1])))
    if items and page.number and (more or not page.backwards):
        before = turned(page.number - 1, BEFORE + write_token(place_of(items[0])))
    links = {
        "uri": turned(page.number, request.first("PageToken")),
        "first_page_uri": turned(0, None),
        "next_page_uri": after,
        "previous_page_uri": before,
        "page": page.number,
        "page_size": page.size,
    }
    if paths.vendor(request) is Vendor.TWILIO:
        start = page.number * page.size
        links |= {"start": start, "end": start + max(0, len(items) - 1)}
    return links


def _turning(request: WireRequest, page: Asked) -> Callable[[int, str | None], str]:
    """From a page's number and token to its URI: host-relative, as clients put scheme and host before it.

    The filters stay.  Tokens need no encoding.
    """
    kept = urlencode([(key, value) for key, value in request.query if key not in {"Page", "PageSize", "PageToken"}])
    twilio = paths.vendor(request) is Vendor.TWILIO
    path = paths.own_path(request)
    if not twilio:
        path = path.removesuffix(paths.JSON)  # SignalWire's own (recorded answers of 2018-12 and the specification)
    stem = f"{path}?{kept}&" if kept else f"{path}?"

    def turned(number: int, token: str | None) -> str:
        counted = f"PageSize={page.size}&Page={number}" if twilio else f"Page={number}&PageSize={page.size}"
        return f"{stem}{counted}&PageToken={token}" if token else stem + counted

    return turned
