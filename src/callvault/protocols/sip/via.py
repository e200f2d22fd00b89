"""Via: the way that a request came, and its answers go back (RFC 3261 section 20.42, rport of RFC 3581).

What lives here: one hop.  What does not: sending anything along it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from callvault.errors import ProtocolError
from callvault.protocols.sip.grammar import NO_PARAMETERS, Parameters, split_outside
from callvault.protocols.sip.uri import host_and_port, in_brackets

MAGIC_COOKIE = "z9hG4bK"
"""What a branch begins with that is unique to its transaction (RFC 3261 section 8.1.1.7)."""

_HOP = re.compile(r"(SIP\s*/\s*[^\s/;]+)\s*/\s*([^\s/;]+)\s+(.*)", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"\s*\([^()]*\)\s*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Via:
    """One hop."""

    transport: str
    """In upper case."""
    host: str
    """A version 6 address without its brackets."""
    port: int | None = None
    parameters: Parameters = NO_PARAMETERS

    @classmethod
    def parse(cls, text: str) -> Via:
        """Read one hop.

        Raises:
            ProtocolError: it does not say by which transport and from where.
        """
        found = _HOP.fullmatch(text.strip())
        if found is None:
            raise ProtocolError("Via must say SIP/2.0, a transport, and where the request was sent.", hint=400)
        _, transport, rest = found.groups()
        place, *parameters = split_outside(_COMMENT.sub("", rest), ";")  # comments: RFC 2543
        host, port = host_and_port(place, "Via")
        return cls(transport=transport.upper(), host=host, port=port, parameters=Parameters.parse(";".join(parameters)))

    @property
    def branch(self) -> str | None:
        """The branch, where it is one that names the transaction; None where the client is older than RFC 3261."""
        branch = self.parameters.get("branch") or ""
        # A cookie alone is no name (RFC 4475 section 3.2.1)
        return branch if branch.lower().startswith(MAGIC_COOKIE.lower()) and len(branch) > len(MAGIC_COOKIE) else None

    @property
    def sent_by(self) -> str:
        """Host and port, for comparing: lower case."""
        return f"{in_brackets(self.host)}:{self.port or ''}".lower()

    def received_from(self, host: str, port: int) -> Via:
        """As its receiver notes it (RFC 3261 section 18.2.1, RFC 3581 section 4)."""
        parameters = self.parameters
        if "rport" in parameters:
            parameters = parameters.but("rport", str(port)).but("received", host)
        elif self.host.lower() != host.lower():
            parameters = parameters.but("received", host)
        return replace(self, parameters=parameters)

    def __str__(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        return f"SIP/2.0/{self.transport} {in_brackets(self.host)}{port}{self.parameters}"
