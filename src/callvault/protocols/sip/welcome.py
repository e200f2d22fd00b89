"""Whether a request is one that a recording server takes at all (RFC 3261 section 8.2).

What lives here: the checks that need no state, as one function.  What does not: trunks and credentials, which are the
driver's matter.
"""

from __future__ import annotations

from dataclasses import dataclass

from callvault.protocols.sip.message import Request
from callvault.protocols.sip.replies import Fields
from callvault.protocols.sip.terms import ALLOW, EXTENSIONS, METHODS

SCHEMES = frozenset({"sip", "sips", "tel"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Objection:
    """Why a request is refused."""

    status: int
    sentence: str
    fields: Fields = ()


def objection(request: Request) -> Objection | None:
    """The first thing that speaks against it; an ACK is never objected to, and a CANCEL's extensions do not count."""
    if request.method == "ACK":
        return None
    if request.method not in METHODS:
        return Objection(status=405, sentence=f"{request.method} is not taken here.", fields=ALLOW)
    scheme = request.uri.partition(":")[0].lower()
    if scheme not in SCHEMES:
        return Objection(status=416, sentence=f"The Request-URI's scheme {scheme} is not one of sip, sips and tel.")
    unknown = sorted(request.headers.tags("require") - EXTENSIONS)
    if unknown and request.method != "CANCEL":
        spelt = [tag for tag in request.headers.listed("require") if tag.lower() in unknown]
        return Objection(
            status=420,
            sentence=f"The request requires {', '.join(spelt)}, which is not known here.",
            fields=(("Unsupported", ", ".join(spelt)),),
        )
    return None
