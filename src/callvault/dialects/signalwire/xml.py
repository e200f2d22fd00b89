"""Documents as Twilio writes them in XML: ``<TwilioResponse>`` round what JSON says under other names.

Names are the JSON keys in capitals (``date_created`` is ``DateCreated``); a list's paging goes into its attributes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from callvault.wire import WireReply

CONTENT_TYPE = "application/xml; charset=utf-8"

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) cannot hold in any spelling."""


def xml_reply(
    name: str, content: Mapping[str, Any], *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> WireReply:
    """One thing, its name in JSON's spelling."""
    return _reply(_element(name, content), status, headers)


def xml_list_reply(name: str, items: Sequence[Mapping[str, Any]], paging: Mapping[str, Any]) -> WireReply:
    """A page of things.  ``name`` is their plural."""
    attributes = "".join(
        f" {key.replace('_', '')}={quoteattr(_text('' if value is None else value))}"
        for key, value in sorted(paging.items())
    )
    tag, inner = _tag(name), "".join(_element(name.removesuffix("s"), item) for item in items)
    return _reply(f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>", 200, ())


def _reply(inner: str, status: int, headers: tuple[tuple[str, str], ...]) -> WireReply:
    document = f"<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse>{inner}</TwilioResponse>"
    return WireReply(status=status, headers=(("content-type", CONTENT_TYPE), *headers), body=document.encode())


def _element(name: str, value: object) -> str:
    tag = _tag(name)
    if value is None or value == "":
        return f"<{tag}/>"
    if isinstance(value, Mapping):
        inner = "".join(_element(key, entry) for key, entry in value.items())
    else:
        inner = escape(_text(value))
    return f"<{tag}>{inner}</{tag}>"


def _tag(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _text(value: object) -> str:
    return _ILLEGAL.sub("\ufffd", str(value))
