"""SIP URIs (RFC 3261 section 19.1), as far as a message has to find its way by one.

What lives here: scheme, user, host, port, parameters.  What does not: escapes in the user part, which stay as they
came, and looking names up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callvault.errors import ProtocolError
from callvault.protocols.sip.grammar import NO_PARAMETERS, Parameters

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+\-.]*", re.ASCII)
_HOST = re.compile(r"\[[0-9A-Fa-f:.%A-Za-z]+\]|[^\s\[\]:;?/@]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Uri:
    """Where somebody can be reached."""

    scheme: str
    """In lower case."""
    user: str | None = None
    """As it came, password and escapes included; for schemes without hosts, all that follows the colon."""
    host: str = ""
    """A name or an address; a version 6 address without its brackets.  Empty for schemes without hosts."""
    port: int | None = None
    parameters: Parameters = NO_PARAMETERS

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Read a URI without its angle brackets.

        Raises:
            ProtocolError: there is no scheme, or a SIP URI has no host, or its port is no port.
        """
        scheme, colon, rest = text.strip().partition(":")
        if not colon or _SCHEME.fullmatch(scheme) is None:
            raise ProtocolError("A URI must begin with a scheme, such as sip:.", hint=400)
        if scheme.lower() not in {"sip", "sips"}:
            return cls(scheme=scheme.lower(), user=rest)
        userinfo, at, place = rest.rpartition("@")
        # A user part may hold semicolons and question marks (RFC 4475 section 3.1.1.13); a host may not
        address, _, _ = place.partition("?")
        hostport, semicolon, parameters = address.partition(";")
        host, port = host_and_port(hostport, "A SIP URI")
        return cls(
            scheme=scheme.lower(),
            user=userinfo if at else None,
            host=host,
            port=port,
            parameters=Parameters.parse(parameters) if semicolon else NO_PARAMETERS,
        )

    @property
    def secure(self) -> bool:
        return self.scheme == "sips" or self.transport == "tls"

    @property
    def transport(self) -> str | None:
        """The transport parameter, in lower case."""
        value = self.parameters.get("transport")
        return value.lower() if value else None


def host_and_port(text: str, what: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port``, or a bare version 6 address, as some clients write it.

    Raises:
        ProtocolError: the host is missing, or the port is none.
    """
    place = text.strip()
    if place.count(":") > 1 and not place.startswith("["):
        host, port = place, ""
    elif place.startswith("["):
        host, _, after = place.partition("]")
        host, port = host + "]", after.strip().removeprefix(":").strip()
    else:
        host, _, port = (part.strip() for part in place.partition(":"))
    if _HOST.fullmatch(host) is None and ":" not in host:
        raise ProtocolError(f"{what} must name a host.", hint=400)
    if not port:
        return host.strip("[]"), None
    if not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) <= 65535:
        raise ProtocolError(f"{what} must have a port from 1 to 65535.", hint=400)
    return host.strip("[]"), int(port)


def in_brackets(host: str) -> str:
    """The host as it stands before a colon and a port."""
    return f"[{host}]" if ":" in host else host
