"""One side of a call, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """Everything is optional: an upload may know a number and no more."""

    number: str | None = None
    """As the network gave it: E.164 with its plus, a bare extension, or a SIP URI."""
    name: str | None = None
    """The display name (caller id name)."""
    kind: str | None = None
    """``pstn``, ``sip``, ... where the source said so."""
    identity: str | None = None
    """What the party is known by, where that is not the number."""
    country: str | None = None
    """ISO 3166-1 alpha-2, told or derived from an E.164 number."""
    anonymous: bool | None = None
    contact_id: str | None = None
    contact_key: str | None = None
    contact_value: str | None = None


NOBODY = Party()
