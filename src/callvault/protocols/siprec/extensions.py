"""What vendors add to the metadata, laid flat: a name and a text for each.

Seen are elements in a namespace of the vendor's, ``extensiondata`` (Oracle, BroadWorks, jambonz), ``callData``
(Ribbon), parameters as pairs of Name and Value (Telnyx) or with their name in an attribute, and headers of the recorded
call (Oracle's ``header label="Call-ID"``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callvault.protocols.siprec.xml import Element, attribute, child_text, children

MOST = 200
LONGEST = 2000
_WRAPPERS = frozenset({"extensiondata", "extensionparameters", "extension", "parameters", "calldata"})
_ENTRIES = frozenset({"parameter", "param", "item", "entry"})
_DEEPEST = 8


def extensions_of(elements: Iterable[Element]) -> dict[str, str]:
    """By name; of two of one name the first counts."""
    found: dict[str, str] = {}
    for element in elements:
        for key, value in _flat(element, "", _DEEPEST):
            if len(found) < MOST:
                found.setdefault(key[:LONGEST], value[:LONGEST])
    return found


def _flat(element: Element, before: str, depth: int) -> Iterator[tuple[str, str]]:
    inner = list(children(element))
    names = {child.local for child in inner}
    labelled = attribute(element, "label", "name", "key")
    own = "" if element.local in _WRAPPERS else element.name
    if names == {"name", "value"}:
        yield before + child_text(element, "name"), child_text(element, "value")
    elif labelled and names <= {"value"}:
        path = before if element.local in _ENTRIES or not own else f"{before}{own}."
        yield path + labelled, child_text(element, "value") or element.text
    elif not inner:
        if own and (said := element.text):
            yield before + own, said
    elif depth:
        for child in inner:
            yield from _flat(child, f"{before}{own}." if own else before, depth - 1)
