"""Kazoo's page tokens: where a page begins, as an Erlang term in base64url without padding.

A key is the list ``[owner?, second, id?, millisecond?]``: the owner where the list is a user's, the Gregorian second
and the id of the recording that comes first.  ``{}`` in the id's place stands behind everything in that second, and
nothing before it: CouchDB's collation.  Kazoo's keys end with the id; ours add the millisecond where it is not 0,
since our times are finer than a second.  External term format: https://www.erlang.org/doc/apps/erts/erl_ext_dist
(read 2026-11).
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from uuid import UUID

from callvault.dialects.kazoo import words
from callvault.dialects.toolbox.times import from_gregorian, gregorian
from callvault.errors import BadRequest
from callvault.model.query import Position

FIELD = "start_key"
FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=(1 << 128) - 1)

_VERSION, _SMALL, _INTEGER, _TUPLE, _NIL, _LIST, _BINARY, _BIG = 131, 97, 98, 104, 106, 108, 109, 110
_EMPTY = bytes((_TUPLE, 1, _NIL))
"""``{[]}``, which is how Kazoo holds an empty JSON object."""
_MOST_BYTES = 256
_ALMOST_A_SECOND = timedelta(microseconds=999_999)

Term = int | str | None
"""None: the empty object."""


def write_key(position: Position, owner: UUID | None) -> str:
    """The key of the page that begins with this recording."""
    terms: list[Term] = [gregorian(position.at), words.computed_id(position.id)]
    if millisecond := position.at.microsecond // 1000:
        terms.append(millisecond)
    return _write(_owned(terms, owner))


def write_edge(moment: datetime, owner: UUID | None, *, descending: bool) -> str:
    """The key of a page that begins at a moment, its whole second included."""
    second = gregorian(moment)
    return _write(_owned([second, None] if descending else [second], owner))


def read_key(text: str, owner: UUID | None, *, descending: bool) -> Position:
    """Where a page begins.  A bare number of Gregorian seconds is a key of Kazoo 4.1 and earlier.

    Raises:
        BadRequest: it is no key of this list.
    """
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return _position([int(text), None] if descending else [int(text)], text)
    terms = _read(text)
    if owner is not None and terms[:1] == [owner.hex]:
        terms = terms[1:]
    return _position(terms, text)


def _owned(terms: list[Term], owner: UUID | None) -> list[Term]:
    return terms if owner is None else [owner.hex, *terms]


def _position(terms: list[Term], text: str) -> Position:
    try:
        match terms:
            case [int(second)]:
                return Position(at=from_gregorian(second), id=FIRST_ID)
            case [int(second), None]:
                return Position(at=from_gregorian(second) + _ALMOST_A_SECOND, id=LAST_ID)
            case [int(second), str(name)] | [int(second), str(name), int()]:
                millisecond = terms[2] if len(terms) == 3 and isinstance(terms[2], int) else 0
                core_id = words.core_id(name)
                if core_id is not None and 0 <= millisecond < 1000:
                    return Position(at=from_gregorian(second) + timedelta(milliseconds=millisecond), id=core_id)
    except OverflowError:
        pass
    raise _unreadable(text)


def _write(terms: list[Term]) -> str:
    payload = bytes((_VERSION, _LIST)) + len(terms).to_bytes(4, "big") + b"".join(map(_encode, terms)) + bytes((_NIL,))
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def _encode(term: Term) -> bytes:
    if term is None:
        return _EMPTY
    if isinstance(term, str):
        octets = term.encode()
        return bytes((_BINARY,)) + len(octets).to_bytes(4, "big") + octets
    if 0 <= term < 256:
        return bytes((_SMALL, term))
    if -(1 << 31) <= term < 1 << 31:
        return bytes((_INTEGER,)) + term.to_bytes(4, "big", signed=True)
    size = (abs(term).bit_length() + 7) // 8
    return bytes((_BIG, size, term < 0)) + abs(term).to_bytes(size, "little")


def _read(text: str) -> list[Term]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if len(raw) > _MOST_BYTES or raw[:2] != bytes((_VERSION, _LIST)):
            raise _unreadable(text)
        count, rest = int.from_bytes(raw[2:6], "big"), raw[6:]
        terms: list[Term] = []
        for _ in range(min(count, _MOST_BYTES)):
            term, rest = _decode(rest)
            terms.append(term)
    except (ValueError, IndexError):
        raise _unreadable(text) from None
    if rest != bytes((_NIL,)):
        raise _unreadable(text)
    return terms


def _decode(raw: bytes) -> tuple[Term, bytes]:
    """The first term, and what follows it."""
    if raw[:3] == _EMPTY:
        return None, raw[3:]
    tag, size = raw[0], int.from_bytes(raw[1:5], "big")
    if tag == _SMALL:
        return raw[1], raw[2:]
    if tag == _INTEGER:
        return int.from_bytes(raw[1:5], "big", signed=True), raw[5:]
    if tag == _BINARY:
        return raw[5 : 5 + size].decode(), raw[5 + size :]
    if tag == _BIG:
        magnitude = int.from_bytes(raw[3 : 3 + raw[1]], "little")
        return -magnitude if raw[2] else magnitude, raw[3 + raw[1] :]
    raise ValueError(tag)


def _unreadable(text: str) -> BadRequest:
    return BadRequest(f"{FIELD} is not a key of this list.", field=FIELD, value=text)
