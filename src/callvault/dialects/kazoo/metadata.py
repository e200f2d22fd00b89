"""``PATCH`` of a recording: its ``user_metadata``, which is all that Kazoo lets anybody write.

What lives here: reading the change.  It is kept in ``extras["kazoo"]``, where ``documents`` shows it.
Source: applications/crossbar, ``cb_recordings.erl`` of 5.x; doc/basics.md: null takes a key away (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.envelopes import open_data
from callvault.errors import BadRequest
from callvault.model.card import read_card
from callvault.wire import WireRequest

FIELD = "user_metadata"


class ReadOnly(BadRequest):
    """A field that only Kazoo writes."""

    code = "read-only"


def read_change(request: WireRequest) -> Mapping[str, Any] | None:
    """What is merged into a recording's ``extras``; None where nothing is changed.

    Raises:
        ReadOnly: another field than ``user_metadata`` is to be changed.
        BadRequest: it is no object, or holds what cannot be kept.
    """
    data = open_data(request)
    for field in data:
        if field != FIELD:
            raise ReadOnly("Read-only property", field=field)
    if FIELD not in data:
        return None
    said = data[FIELD]
    if said is not None and not isinstance(said, Mapping):
        raise BadRequest("user_metadata must be an object.", field=FIELD, value=str(said))
    patch = {words.NAME: {FIELD: said}}
    read_card({"extras": patch})
    return patch
