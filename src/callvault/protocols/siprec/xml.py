"""XML from strangers: elements by their local names, and nothing that an XML document can make a reader do.

What lives here: parsing with entities, DTD and network off, and looking through elements whatever their namespace.
What does not: what the elements mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from callvault.errors import ProtocolError

LARGEST = 1 << 20
"""Octets of a document; the longest seen from any client has about ten thousand."""
DEEPEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One element, whatever its namespace."""

    name: str
    """Without namespace or prefix, as it was written."""
    local: str
    """The same in lower case."""
    namespace: str
    """Empty where there is none."""
    attributes: Mapping[str, str]
    """By name without namespace, in lower case; empty ones are left out."""
    text: str
    """What stands before the first child, with white space as in a sentence."""
    inner: tuple[Element, ...]


def parse(data: bytes) -> tuple[Element, bool]:
    """The root, and whether the document had to be mended to be read.

    Raises:
        ProtocolError: it is no XML, has a document type (and so entities), is too large or too deep.
    """
    if len(data) > LARGEST:
        raise ProtocolError(f"The metadata must not have more than {LARGEST} octets.", hint=413)
    content = data.strip(b" \t\r\n\x00\xef\xbb\xbf")
    try:
        return _read(_parsed(content, mend=False), DEEPEST), False
    except etree.XMLSyntaxError:
        pass
    try:
        return _read(_parsed(content, mend=True), DEEPEST), True
    except etree.XMLSyntaxError as error:
        raise ProtocolError(f"The metadata is no XML: {error.msg}.", hint=400) from error


def children(element: Element, *names: str) -> Iterator[Element]:
    """The elements right under this one; those of these local names, where any are given."""
    return (child for child in element.inner if not names or child.local in names)


def child_text(element: Element, *names: str) -> str:
    """The text of the first child of one of these names that has any."""
    return next((child.text for child in element.inner if child.text and child.local in names), "")


def attribute(element: Element, *names: str) -> str:
    """The value of the first of these attributes that is there."""
    return next((element.attributes[name] for name in names if name in element.attributes), "")


def _read(node: etree._Element, depth: int) -> Element:
    if not depth:
        raise ProtocolError(f"The metadata must not have more than {DEEPEST} elements within one another.", hint=400)
    tag = str(node.tag)
    name = _bare(tag)
    attributes = {_bare(str(known)).lower(): said for known, value in node.items() if (said := str(value).strip())}
    return Element(
        name=name,
        local=name.lower(),
        namespace=tag[1:].partition("}")[0] if tag.startswith("{") else "",
        attributes=attributes,
        text=" ".join((node.text or "").split()),
        inner=tuple(_read(child, depth - 1) for child in node if isinstance(child.tag, str)),
    )


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _parsed(data: bytes, *, mend: bool) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=mend,
    )
    root = etree.fromstring(data, parser)
    if root is None:  # what mending leaves of nothing
        raise ProtocolError("The metadata is no XML: it has no element.", hint=400)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ProtocolError("The metadata must not have a document type.", hint=400)
    return root
