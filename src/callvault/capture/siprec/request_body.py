"""What a request says of a recording session: a description, a metadata document, header fields; each may be missing.

What does not live here: what is made of it (``session``).  A description that cannot be read refuses the request; a
metadata document that cannot be read is an oddity, and the call is recorded without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callvault.errors import ProtocolError
from callvault.protocols.multipart import Part, split_body
from callvault.protocols.sdp.description import Description
from callvault.protocols.sip.grammar import shown
from callvault.protocols.sip.message import Request
from callvault.protocols.siprec.headers import Fields
from callvault.protocols.siprec.metadata import NAMESPACE, Document
from callvault.protocols.siprec.oddities import Oddity, odd
from callvault.protocols.siprec.reading import read_document

SDP = "application/sdp"
METADATA = frozenset({"application/rs-metadata", "application/rs-metadata+xml"})
"""RFC 7866 section 12.3 has the first of its drafts; RFC 9806 registers the second."""
DISPOSITION = "recording-session"


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestBody:
    """One request, read."""

    description: Description | None
    document: Document | None
    told: str | None
    """The document as it came, readable or not."""
    fields: Fields
    oddities: tuple[Oddity, ...]


def read_request(request: Request) -> RequestBody:
    """Read a request.

    Raises:
        ProtocolError: its body cannot be taken apart, or its description cannot be read.
    """
    parts = split_body(request.headers.first("content-type") or "", request.body)
    described = next((part.content for part in parts if _is_description(part)), None)
    metadata = next((part.content for part in parts if _is_metadata(part)), None)
    document, oddities = _read_metadata(metadata)
    return RequestBody(
        description=None if described is None else Description.parse(described),
        document=document,
        told=None if metadata is None else readable(metadata),
        fields=fields_of(request),
        oddities=tuple(oddities),
    )


def fields_of(request: Request) -> Fields:
    """The header fields as text for people and rows."""
    return tuple((name, shown(value)) for name, value in request.headers)


def readable(data: bytes) -> str:
    """UTF-8, or else Latin-1, in which everything can be read."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _is_description(part: Part) -> bool:
    return part.media_type == SDP or (not part.media_type and part.content.lstrip().startswith(b"v=0"))


def _is_metadata(part: Part) -> bool:
    disposition = part.headers.get("content-disposition", "").partition(";")[0].strip().lower()
    return part.media_type in METADATA or (disposition == DISPOSITION and part.media_type != SDP)


def _read_metadata(data: bytes | None) -> tuple[Document | None, list[Oddity]]:
    if data is None:
        return None, []
    try:
        document = read_document(data)
    except ProtocolError as error:
        return None, [odd("metadata-unreadable", why=error)]
    oddities = [odd("metadata-mended")] if document.mended else []
    if document.namespace != NAMESPACE:
        oddities.append(odd("metadata-namespace", namespace=document.namespace, right=NAMESPACE))
    return document, oddities


def refusals(sentences: Sequence[str]) -> ProtocolError:
    """A call of which nothing can be recorded (RFC 3261 section 21.4.26)."""
    return ProtocolError(f"Nothing of this call can be recorded: {'; '.join(sentences)}.", hint=488)
