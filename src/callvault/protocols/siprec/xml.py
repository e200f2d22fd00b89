"""XML from strangers: elements by their local names, and nothing that an XML document can make a reader do.

What lives here: parsing with entities, DTD and network off, and looking through elements whatever their namespace.
What does not: what the elements mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from callvault.errors import ProtocolError

LARGEST = 1 << 20
"""Octets of a document; the longest seen from any client has about ten thousand."""

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it


def parse(data: bytes) -> tuple[Element, bool]:
    """The root, and whether the document had to be mended to be read.

    Raises:
        ProtocolError: it is no XML, has a document type (and so entities), or is too large.
    """
    if len(data) > LARGEST:
        raise ProtocolError(f"The metadata must not have more than {LARGEST} octets.", hint=413)
    text = data.strip(b" \t\r\n\x00\xef\xbb\xbf")
    try:
        return _parsed(text, mend=False), False
    except etree.XMLSyntaxError:
        pass
    try:
        return _parsed(text, mend=True), True
    except etree.XMLSyntaxError as error:
        raise ProtocolError(f"The metadata is no XML: {error.msg}.", hint=400) from error


def local(element: Element) -> str:
    """The name without namespace or prefix, in lower case."""
    return _bare(str(element.tag)).lower()


def namespace(element: Element) -> str:
    """The namespace; empty where there is none."""
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def name(element: Element) -> str:
    """The name without namespace or prefix, as it was written."""
    return _bare(str(element.tag))


def children(element: Element, *names: str) -> Iterator[Element]:
    """The elements right under this one; those of these local names, where any are given."""
    for child in element:
        if isinstance(child.tag, str) and (not names or local(child) in names):
            yield child


def text(element: Element | None) -> str:
    """The text in an element, with white space as in a sentence."""
    return " ".join((element.text or "").split()) if element is not None else ""


def child_text(element: Element, *names: str) -> str:
    """The text of the first child of one of these names that has any."""
    return next((found for child in children(element, *names) if (found := text(child))), "")


def attribute(element: Element, *names: str) -> str:
    """The value of the first of these attributes that is there and not empty."""
    for wanted in names:
        for known, value in element.attrib.items():
            if _bare(str(known)).lower() == wanted and str(value).strip():
                return str(value).strip()
    return ""


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _parsed(data: bytes, *, mend: bool) -> Element:
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
