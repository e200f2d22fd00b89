"""What a path says: under which base it was asked, whose words it wants, and in which form.

The vendors put the form into the path's end (``.json``, ``.wav``, ...), and their clients put the base together from
parts that overlap.
"""

from __future__ import annotations

from callvault.dialects.signalwire.words import API_VERSION, Vendor, vendor_of
from callvault.model.media import MediaFormat
from callvault.wire import WireRequest

LAML = f"/api/laml/{API_VERSION}"
BARE = f"/{API_VERSION}"

BASES: dict[str, str] = {
    LAML: LAML,
    BARE: BARE,
    f"/api/laml{LAML}": LAML,
    LAML + BARE: LAML,
    LAML + LAML: LAML,
    BARE + BARE: BARE,
}
"""Where we are asked, and what the URIs in the answer begin with.

A client that is told a base with a path puts it before the version, and again before each ``next_page_uri`` (twilio
9.13, ``Domain.absolute_url``): so ``/api/laml`` comes twice on every page but the first.  The answer names it once, or
it would grow with every page.
"""

JSON, XML = ".json", ".xml"
MEDIA: dict[str, MediaFormat] = {"": MediaFormat.WAV, ".wav": MediaFormat.WAV, ".mp3": MediaFormat.MP3}
"""What a recording's path ends with, and the audio that it stands for."""

CREDENTIALS = "/v1/Credentials"
"""Of Twilio's Accounts API, which is younger: no account in the path, and JSON always."""

_ACCOUNTS = "/Accounts/"


def vendor(request: WireRequest) -> Vendor:
    """Whose words the caller wants; told even where no route matched."""
    if request.path.startswith(CREDENTIALS):
        return Vendor.TWILIO
    return vendor_of(request.parts.get("account") or request.path.partition(_ACCOUNTS)[2])


def base(request: WireRequest) -> str:
    """What URIs in the answer begin with."""
    return BASES.get(request.path.partition(_ACCOUNTS)[0], LAML)


def own_path(request: WireRequest) -> str:
    """The request's path under the base that answers use."""
    return base(request) + _ACCOUNTS + request.path.partition(_ACCOUNTS)[2].rstrip("/")


def split(segment: str, asked_by: Vendor) -> tuple[str, str]:
    """A path's last segment as id and ending.  Only one ending goes, and only one that means something here."""
    stem, dot, extension = segment.rpartition(".")
    ending = dot + extension
    known = ending in MEDIA or ending == JSON or (ending == XML and asked_by is Vendor.TWILIO)
    return (stem, ending) if dot and known else (segment, "")


def media_format(request: WireRequest) -> MediaFormat | None:
    """The audio that a recording's path asks for; None where it asks what is known of it.

    Without an ending it is audio, but not in a conference, where SignalWire's specification (2026-08) has a document.
    """
    ending = split(request.parts["recording"], vendor(request))[1]
    if ending == "" and "conference" in request.parts:
        return None
    return MEDIA.get(ending)


def wants_xml(request: WireRequest) -> bool:
    """Twilio answers XML wherever the path does not end in ``.json``, but for its younger APIs; SignalWire never."""
    if request.path.startswith(CREDENTIALS):
        return False
    return vendor(request) is Vendor.TWILIO and not request.path.rstrip("/").endswith(JSON)
