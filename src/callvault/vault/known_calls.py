"""What recordings tell of calls: which call a new one is of, and whether there was such a call at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.model.query import RecordingQuery

CALLS = frozenset({"call", "call_control"})
"""The kinds of a vendor's id that name a call."""


async def known_call(
    catalogue: Catalogue, account_id: UUID, foreign: Mapping[str, Mapping[str, str]], sip_call_id: str | None
) -> UUID | None:
    """The call that an earlier recording of it began, by the vendor's id or by the Call-ID."""
    for dialect, ids in foreign.items():
        for kind in CALLS & ids.keys():
            known = await catalogue.resolve(account_id, dialect, kind, ids[kind])
            if known is not None:
                return known
    if sip_call_id is None:
        return None
    page = await catalogue.find(RecordingQuery(account_id=account_id, sip_call_id=sip_call_id, limit=1))
    return page.items[0].call_id if page.items else None


async def is_over(catalogue: Catalogue, account_id: UUID, kind: str, core_id: UUID) -> bool:
    """Whether a call that is not live was there: whether something was recorded of it.  ``kind``: as a ref has it."""
    names = {"session": "call_session_id", "conference": "conference_id"}
    narrowed: dict[str, Any] = {names.get(kind, "call_id"): core_id}
    page = await catalogue.find(replace(RecordingQuery(account_id=account_id, limit=1), **narrowed))
    return bool(page.items)
