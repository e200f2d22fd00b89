"""Flows: between which two ends a message went, and over what.

What lives here: the value that a transport gives with what it received, and takes with what it shall send.  What does
not: sockets, and looking names up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from callvault.protocols.sip.uri import in_brackets


class Transport(StrEnum):
    """What SIP is carried over here."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"

    @property
    def reliable(self) -> bool:
        """Whether a message that was sent need not be sent again."""
        return self is not Transport.UDP

    @property
    def default_port(self) -> int:
        return 5061 if self is Transport.TLS else 5060


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """Their end and ours.  Addresses are numeric, version 6 ones without brackets."""

    transport: Transport
    host: str
    port: int
    local_host: str
    """Ours, as they reach it: what goes into Contact and Via."""
    local_port: int
    connection: int | None = None
    """Of a stream, which one; where it is closed another one is opened to the same end."""

    @property
    def peer(self) -> str:
        """``udp:192.0.2.7:5060``."""
        return f"{self.transport}:{in_brackets(self.host)}:{self.port}"

    @property
    def local(self) -> str:
        """Host and port of ours, as a URI has them."""
        return f"{in_brackets(self.local_host)}:{self.local_port}"

    def to(self, host: str, port: int) -> Flow:
        """From the same end of ours to another of theirs."""
        return self if (host, port) == (self.host, self.port) else replace(self, host=host, port=port, connection=None)

    def document(self) -> dict[str, Any]:
        """As JSON has it; without the connection, which does not outlive its process."""
        return {
            "transport": self.transport.value,
            "host": self.host,
            "port": self.port,
            "local_host": self.local_host,
            "local_port": self.local_port,
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Flow:
        """What ``document`` gave."""
        return cls(**{**document, "transport": Transport(document["transport"])})
