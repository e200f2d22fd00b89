"""On what terms the user agent server serves: what it calls itself, what it takes, and how much at once.

What lives here: values, and the fields that say them on the wire.  What does not: obeying them (``agent``).
"""

from __future__ import annotations

from dataclasses import dataclass

from callvault.protocols.sip.flow import Flow, Transport
from callvault.protocols.sip.replies import Fields
from callvault.protocols.sip.timers import Intervals

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO")
EXTENSIONS = frozenset({"siprec", "timer"})
"""Option tags: RFC 7866 section 5.1, RFC 4028."""
ACCEPTED_TYPES = ("application/sdp", "application/rs-metadata+xml", "application/rs-metadata", "multipart/mixed")

CAPABILITIES: Fields = (
    ("Allow", ", ".join(METHODS)),
    ("Supported", ", ".join(sorted(EXTENSIONS))),
    ("Accept", ", ".join(ACCEPTED_TYPES)),
)
ALLOW: Fields = CAPABILITIES[:1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much is remembered at once; beyond it calls are refused, and what is under way goes on."""

    transactions: int = 20_000
    dialogs: int = 20_000
    held_bytes: int = 256 * 1024 * 1024
    """Of requests and answers that may be needed again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Everything that is not decided by a request."""

    key: bytes
    """Random and secret, 16 to 64 bytes: what tags of unremembered answers are made with."""
    name: str = "callvault"
    """Of the Server field."""
    user: str = "recorder"
    """Of our Contact."""
    intervals: Intervals = Intervals()  # noqa: RUF009 - it is frozen
    limits: Limits = Limits()
    retry_after_s: int = 10
    """What a client is told that finds no room."""
    answer_within_s: float = 8.0
    """How long an INVITE may wait for the driver; then it is refused, since a late answer helps nobody."""

    @property
    def server(self) -> Fields:
        return (("Server", self.name),)

    def contact(self, flow: Flow, *, secure: bool) -> str:
        """Where we are reached on this flow, with the tag of a recording server (RFC 7866 section 5.2)."""
        scheme = "sips" if secure else "sip"
        transport = "" if flow.transport is Transport.UDP else f";transport={flow.transport}"
        return f"<{scheme}:{self.user}@{flow.local}{transport}>;+sip.srs"
