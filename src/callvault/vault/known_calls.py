"""Which call a new recording is of, where an earlier one has told already."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.model.query import RecordingQuery


async def known_call(
    catalogue: Catalogue, account_id: UUID, foreign: Mapping[str, Mapping[str, str]], sip_call_id: str | None
) -> UUID | None:
    """The call that an earlier recording of it began, by the vendor's id or by the Call-ID."""
    for dialect, ids in foreign.items():
        if "call" in ids:
            known = await catalogue.resolve(account_id, dialect, "call", ids["call"])
            if known is not None:
                return known
    if sip_call_id is None:
        return None
    page = await catalogue.find(RecordingQuery(account_id=account_id, sip_call_id=sip_call_id, limit=1))
    return page.items[0].call_id if page.items else None
