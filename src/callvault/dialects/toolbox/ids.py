"""UUIDs as callers write them, and as they are written to callers."""

from __future__ import annotations

import re
from uuid import UUID

from callvault.model.spelling import write_uuid

__all__ = ["read_uuid", "write_uuid"]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def read_uuid(text: str) -> UUID | None:
    """A UUID in its usual form, hyphens and all, in either case; None where the text is something else."""
    return UUID(text) if _UUID.fullmatch(text) else None
