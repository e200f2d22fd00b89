"""Trunks of one account, as somebody added them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from callvault.model.trunk import Trunk
from callvault.vault.secrets import Secrets
from callvault.vault.trunks import make_trunk

SECRETS = Secrets(b"m" * 32)
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT = UUID(int=7)


def a_trunk(name: str, **proofs: Any) -> Trunk:
    entropy = name.encode().ljust(22, b"-")
    return make_trunk(ACCOUNT, name, secrets=SECRETS, now=MOMENT, entropy=entropy, **proofs)
