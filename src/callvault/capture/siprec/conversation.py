"""What signalling asks of whoever reads descriptions and metadata: the seam between a call and its recording session.

What does not live here: reading them (``protocols.sdp``, ``protocols.siprec``), sockets (``capture.gate``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callvault.capture.aim import Aim
from callvault.capture.gate import Opened, Opening
from callvault.protocols.sip.message import Request
from callvault.protocols.spool.journal import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """What came of a request."""

    content_type: str = ""
    body: bytes = b""
    """Our description; empty where none was asked for."""
    records: tuple[Record, ...] = ()
    """What is journalled of it before it is answered."""
    aims: Mapping[int, Aim | None] | None = None
    """Where receiver reports of streams go, for those of which it was said."""
    closed: tuple[int, ...] = ()
    """Streams whose sockets are not needed any more."""


class Conversation(Protocol):
    """One recording session."""

    def propose(self, request: Request) -> Sequence[Opening]:
        """Read a request that begins or changes the call; the sockets that it needs and that are not open yet.

        Raises:
            ProtocolError: it cannot be served; the call stays as it was.
        """

    def agree(self, opened: Mapping[int, Opened], at_ns: int) -> Agreed:
        """Answer what was proposed, with these sockets added."""

    def acknowledged(self, request: Request, at_ns: int) -> Agreed:
        """The ACK came; it may carry the answer to an offer of ours."""

    @property
    def held(self) -> bool:
        """Whether no stream is meant to flow just now."""
