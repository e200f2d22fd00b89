"""BXML that steers recordings: a document with one verb, pushed into a live call, from XML to a value.

What does not live here: what a verb does (``steering``).  Sources: NOTES.md.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from callvault.errors import BadRequest

ROOT = "Bxml"
LARGEST = 64 * 1024


class Steer(enum.StrEnum):
    """The verbs that are about a recording under way."""

    START = "StartRecording"
    STOP = "StopRecording"
    PAUSE = "PauseRecording"
    RESUME = "ResumeRecording"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """One verb, as it stands in the document."""

    name: Steer
    attributes: Mapping[str, str]

    def text(self, name: str, longest: int) -> str | None:
        """An attribute; None where there is none, or an empty one.

        Raises:
            BadRequest: it is too long.
        """
        value = self.attributes.get(name)
        if value is not None and len(value) > longest:
            raise BadRequest(f"{name} must have at most {longest} characters", field=name)
        return value or None

    def truth(self, name: str) -> bool:
        """An attribute that is ``true`` or ``false``; false where there is none.

        Raises:
            BadRequest: it is something else.
        """
        value = self.attributes.get(name, "false").lower()
        if value not in {"true", "false"}:
            raise BadRequest(f"{name} must be true or false, but was {value}", field=name)
        return value == "true"

    def word(self, name: str, *words: str) -> str:
        """An attribute that is one of some words, in any case; the first where there is none.

        Raises:
            BadRequest: it is something else.
        """
        value = self.attributes.get(name, words[0]).lower()
        known = {word.lower(): word for word in words}
        if value not in known:
            raise BadRequest(f"{name} must be {' or '.join(words)}, but was {value}", field=name)
        return known[value]


def read_bxml(body: bytes) -> Verb:
    """The one verb of a document.

    Raises:
        BadRequest: it is no BXML, or holds anything but one verb that steers a recording.
    """
    root = _root(body)
    verbs = [child for child in root if isinstance(child.tag, str)]
    if root.tag != ROOT or len(verbs) != 1 or verbs[0].tag not in set(Steer):
        raise BadRequest(
            f"The BXML must be a <{ROOT}> with one of {', '.join(f'<{verb}>' for verb in Steer)} in it; other verbs "
            "belong to whoever connects the call"
        )
    (verb,) = verbs
    attributes = {str(name): str(value) for name, value in verb.attrib.items()}
    return Verb(name=Steer(str(verb.tag)), attributes=attributes)


def _root(body: bytes) -> etree._Element:
    if len(body) > LARGEST:
        raise BadRequest(f"The BXML must have at most {LARGEST} octets")
    if b"<!DOCTYPE" in body:
        raise BadRequest("The BXML must have no document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadRequest("The request body is no XML") from error
