"""Responses (RFC 3261 section 8.2.6): what every one takes over from its request, and where it goes.

What lives here: making them, and the addresses of section 18.2.2.  What does not: sending them again.
"""

from __future__ import annotations

import hashlib
from ipaddress import ip_address

from callvault.errors import ProtocolError
from callvault.protocols.sip.address import Address
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.grammar import encode
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request, Response
from callvault.protocols.sip.via import Via

REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    408: "Request Timeout", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
    416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required", 422: "Session Interval Too Small",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 505: "Version Not Supported",
    513: "Message Too Large", 603: "Decline",
}  # fmt: skip
"""RFC 3261 section 21, RFC 4028 for 422."""

Fields = tuple[tuple[str, str], ...]


def make_response(
    request: Request,
    status: int,
    flow: Flow,
    *,
    to_tag: str | None,
    fields: Fields = (),
    body: bytes = b"",
    reason: str | None = None,
) -> Response:
    """The response to a request as it came over this flow; fields that cannot be read are given back as they are."""
    return Response(
        status=status,
        reason=reason or REASONS.get(status, "Refused" if status >= 300 else "OK"),
        headers=Headers(fields=(*_taken_over(request, status, flow, to_tag), *fields)),
        body=body,
    )


def _taken_over(request: Request, status: int, flow: Flow, to_tag: str | None) -> list[tuple[str, str]]:
    taken = [("Via", via) for via in request.headers.listed("via")]
    if taken:
        taken[0] = ("Via", _noted(taken[0][1], flow))
    for name in ("From", "To", "Call-ID", "CSeq"):
        value = request.headers.first(name)
        if value is not None:
            taken.append((name, _tagged(value, to_tag) if name == "To" and to_tag else value))
    if 101 <= status < 300:
        taken += [("Record-Route", route) for route in request.headers.all("record-route")]
    timestamp = request.headers.first("timestamp")
    if timestamp is not None and status == 100:  # section 8.2.6.1
        taken.append(("Timestamp", timestamp))
    return taken


def _noted(via: str, flow: Flow) -> str:
    try:
        return str(Via.parse(via).received_from(flow.host, flow.port))
    except ProtocolError:
        return via


def _tagged(value: str, tag: str) -> str:
    """The field with our tag where it has none; otherwise byte for byte as it came."""
    try:
        return value if Address.parse(value).tag else str(Address.parse(value).tagged(tag))
    except ProtocolError:
        return value


def response_flow(essentials: Essentials, flow: Flow) -> Flow:
    """Where the responses to a request go (section 18.2.2, RFC 3581 section 4)."""
    via = essentials.via
    if flow.transport.reliable or "rport" in via.parameters:
        return flow
    return flow.to(flow.host, via.port or flow.transport.default_port)


def steady_tag(request: Request, key: bytes) -> str:
    """A tag that comes out the same for the same request, for answers that nobody remembers (section 8.2.7)."""
    text = "\n".join(request.headers.first(name) or "" for name in ("via", "from", "call-id", "cseq"))
    return hashlib.blake2b(encode(text), key=key[:64], digest_size=9).hexdigest()


def is_numeric(host: str) -> bool:
    """Whether it is an address that needs no looking up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
