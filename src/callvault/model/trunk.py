"""The trunk: where recorded calls may come from, how that is proved, and whose recordings they become.

What does not live here: how a proof is checked (``capture.siprec``), rows (``catalogue``).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Any
from uuid import UUID

from callvault.model.policy import SETTING as POLICY

REALM = "callvault"
"""Of digest admission (RFC 7616): what is kept of a password is made with it, so it cannot be a setting."""

PARTS = "parts"
"""The setting that says which recordings a call of more than two streams becomes: one of ``Parts``."""


class Parts(enum.StrEnum):
    """What is kept of a call with more than two streams."""

    BOTH = "both"
    """A mix of two channels, and a recording of each stream."""
    MIX = "mix"
    EACH = "each"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trunk:
    """Each proof that is named has to be given; one that names none admits nobody."""

    id: UUID
    account_id: UUID
    name: str
    """Unique on the server."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """The addresses from which its calls come."""
    username: str | None = None
    """For digest admission."""
    sealed_digests: bytes | None = field(default=None, repr=False)
    """``Digests``, encrypted under the master key."""
    certificate: str | None = None
    """The name (DNS or URI subject alternative name, else common name) in the client's TLS certificate."""
    user_id: UUID | None = None
    """Whose recordings they are within the account."""
    connection_id: str | None = None
    """What the recordings say of where they came from."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """How its calls are recorded."""
    account_policy: Mapping[str, Any] | None = None
    """The account's ``policy``, which holds where the settings have none; known to whoever admits calls."""
    created_at: datetime
    updated_at: datetime

    def about_recordings(self) -> dict[str, Any]:
        """What a take's journal keeps of the trunk, since the trunk may change before the take is finished."""
        policy = {} if self.account_policy is None else {POLICY: self.account_policy}
        return {
            **policy,
            **self.settings,
            "user_id": str(self.user_id) if self.user_id else None,
            "connection_id": self.connection_id,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Digests:
    """H(user:realm:password) in lower-case hex, by algorithm (RFC 7616 section 3.4.2)."""

    md5: str
    sha256: str
