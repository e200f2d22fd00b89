"""Opaque page tokens: a place in a sorted list, as text that a client hands back."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callvault.errors import BadRequest
from callvault.model.query import Position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def write_token(position: Position) -> str:
    """24 bytes, base64url without padding: 32 characters."""
    microseconds = (position.at - _EPOCH) // _MICROSECOND
    return base64.urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + position.id.bytes).decode()


def read_token(token: str, field: str) -> Position:
    """Turn ``write_token`` back.

    Raises:
        BadRequest: it is not one of ours.
    """
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
        if len(raw) == 24:
            moment = _EPOCH + int.from_bytes(raw[:8], "big", signed=True) * _MICROSECOND
            position = Position(at=moment, id=UUID(bytes=raw[8:]))
            if write_token(position) == token:
                return position
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise BadRequest(f"{field} is not a page token of this list.", field=field, value=token)
