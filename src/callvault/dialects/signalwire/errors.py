"""The error body of both vendors: ``{code, message, more_info, status}``, and Twilio's in XML where it answers XML."""

from __future__ import annotations

import math
from urllib.parse import quote

from callvault.dialects.contract import Terms
from callvault.dialects.signalwire import paths
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.signalwire.xml import xml_reply
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.refusals import refusal_headers
from callvault.errors import (
    BadRequest,
    CallerError,
    CallvaultError,
    Conflict,
    Ended,
    Gone,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotOffered,
    TooLarge,
    TooMany,
)
from callvault.wire import WireReply, WireRequest

SIGNALWIRE_MORE = "https://signalwire.com/docs/compatibility-api/reference/errors"
TWILIO_MORE = "https://www.twilio.com/docs/errors/"
TWILIO_DETAIL = "Your AccountSid or AuthToken was incorrect."

FIELD_CODES: dict[Vendor, dict[str, int]] = {
    Vendor.SIGNALWIRE: {
        "PageSize": 54454,
        "Page": 54453,
        "PageToken": 54453,
        "RecordingStatusCallback": 21402,
        "RecordingStatusCallbackEvent": 13621,
        "RecordingStatusCallbackMethod": 21209,
        "Trim": 13699,
    },
    Vendor.TWILIO: {"PageSize": 20007, "PageToken": 21481},
}
BAD_REQUEST: dict[Vendor, int] = {Vendor.SIGNALWIRE: 10000, Vendor.TWILIO: 20001}
NOT_IN_PROGRESS = 21220
INELIGIBLE = "Requested resource is not eligible for recording"
"""What Twilio says of a call that is over, or not there yet."""
BROKEN: dict[Vendor, int] = {Vendor.SIGNALWIRE: 20504, Vendor.TWILIO: 20500}


def refuse(error: CallvaultError, request: WireRequest, terms: Terms) -> WireReply:
    """The vendor's status, code and sentence for any error of ours."""
    vendor = paths.vendor(request)
    status, code, message = _of_steering(error, request) or _words(error, request, vendor)
    body: dict[str, object] = {"code": code}
    if vendor is Vendor.TWILIO and status == 401:
        body["detail"] = TWILIO_DETAIL
    more = f"{TWILIO_MORE}{code}" if vendor is Vendor.TWILIO else SIGNALWIRE_MORE
    body |= {"message": message, "more_info": more, "status": status}
    headers = refusal_headers(error, status, 'Basic realm="callvault"')
    if isinstance(error, TooMany) and vendor is Vendor.SIGNALWIRE:
        headers = (*headers, *_limit_headers(error, terms))
    if paths.wants_xml(request):
        return xml_reply("RestException", body, status=status, headers=headers)
    return json_reply(body, status=status, headers=headers)


def _limit_headers(error: TooMany, terms: Terms) -> tuple[tuple[str, str], ...]:
    """As SignalWire sends them with every answer (seen 2026-11): the reset in seconds since 1970."""
    limit = (("x-ratelimit-limit", str(error.limit)),) if error.limit is not None else ()
    reset = math.ceil(terms.now.timestamp() + error.after_s)
    return (*limit, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(reset)))


def _of_steering(error: CallvaultError, request: WireRequest) -> tuple[int, int, str] | None:
    """What is said where a recording is to begin or to change, and the call or the recording is not in the state."""
    if request.method != "POST" or "/Recordings" not in request.path:
        return None
    match error:
        case Ended():
            return 400, NOT_IN_PROGRESS, INELIGIBLE
        case Conflict():
            return 400, NOT_IN_PROGRESS, str(error)
        case _:
            return None


def _words(error: CallvaultError, request: WireRequest, vendor: Vendor) -> tuple[int, int, str]:
    missing = f"The requested resource {quote(request.path, errors='replace')} was not found"
    match error:
        case NotAuthenticated():
            return 401, 20003, _not_authenticated(request, vendor)
        case NotAllowed():  # SignalWire says 401 to a token without the scope (its page on authorization)
            return 401 if vendor is Vendor.SIGNALWIRE else 403, 20003, str(error)
        case NotOffered(allowed=(_, *_)):
            return 405, 20004, "Method not allowed"
        case NotFound() | NotOffered() | Gone():
            return 404, 20404, missing
        case Conflict() if request.method == "DELETE":
            return 409, 20009, str(error)
        case Conflict():  # two channels of a recording that has one
            return 400, BAD_REQUEST[vendor], str(error)
        case TooLarge():
            return 413, BAD_REQUEST[vendor], str(error)
        case TooMany():
            return 429, 20429, "Too Many Requests"
        case BadRequest():
            return 400, FIELD_CODES[vendor].get(error.field or "", BAD_REQUEST[vendor]), str(error)
        case CallerError():
            return 400, BAD_REQUEST[vendor], str(error)
        case _:
            return 500, BROKEN[vendor], "An internal server error has occurred"


def _not_authenticated(request: WireRequest, vendor: Vendor) -> str:
    if vendor is Vendor.SIGNALWIRE:
        return "Authentication failed"
    if request.header("authorization") is None:
        return "Authentication Error - No credentials provided"
    return "Authenticate"
