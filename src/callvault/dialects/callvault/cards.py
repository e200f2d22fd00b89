"""The card as an upload's header brings it.  What a card says, and how it is parsed, is ``model.card``'s matter."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any

import orjson

from callvault.dialects.callvault.kinds import Kind
from callvault.errors import BadRequest
from callvault.model.card import Card, read_card


def card_of_header(text: str, field: str) -> Card:
    """JSON in ASCII, or JSON in UTF-8 in base64url, with or without padding.

    Raises:
        BadRequest: it is neither, or the card is not one.
    """
    raw = text.strip()
    try:
        ascii_text = raw.encode("ascii")
        card = orjson.loads(ascii_text if raw.startswith("{") else _unpacked(ascii_text))
    except (binascii.Error, UnicodeError, orjson.JSONDecodeError):
        raise BadRequest(
            f"{field} must be a JSON object in ASCII (\\u escapes for the rest), or the same in base64url.", field=field
        ) from None
    return read_card(card)


def add_to_card(card: Card, said: dict[str, Any]) -> Card:
    """The card with what was said besides; None is not said.

    Raises:
        BadRequest: both say the same field.
    """
    spoken = {name: value for name, value in said.items() if value is not None}
    for name in spoken:
        if getattr(card, name) is not None:
            raise BadRequest(f"{name} stands in the query and in the card; say it once.", field=name)
    return replace(card, **spoken)


def _unpacked(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


CARD: Kind[Card] = Kind(read=card_of_header, schema={"$ref": "#/components/schemas/Card"})
