"""Where signalling is listened for, as operators write it: ``udp:0.0.0.0:5060 tls:[::]:5061``.

What does not live here: sockets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from callvault.errors import OperatorError
from callvault.protocols.sip.flow import Transport
from callvault.protocols.sip.replies import is_numeric
from callvault.protocols.sip.uri import in_brackets

_PLACE = re.compile(r"(udp|tcp|tls):(\[[^\[\]]+\]|[^\[\]:]+):([0-9]{1,5})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One socket that listens."""

    transport: Transport
    host: str
    """A numeric address, version 6 without brackets."""
    port: int
    """0: any that is free."""

    @property
    def is_version_6(self) -> bool:
        return isinstance(ip_address(self.host), IPv6Address)

    def __str__(self) -> str:
        return f"{self.transport}:{in_brackets(self.host)}:{self.port}"


def read_places(text: str) -> tuple[Place, ...]:
    """The setting ``sip_listen``.

    Raises:
        OperatorError: one of the places is none.
    """
    return tuple(_read_place(word) for word in text.split())


def _read_place(word: str) -> Place:
    found = _PLACE.fullmatch(word)
    host = found[2].strip("[]") if found else ""
    if found is None or not is_numeric(host) or int(found[3]) > 65535:
        raise OperatorError(
            f"sip_listen has {word!r}; each place must be a transport (udp, tcp, tls), a numeric address, and a port, "
            f"as in udp:0.0.0.0:5060 or tls:[::]:5061."
        )
    return Place(transport=Transport(found[1].lower()), host=host, port=int(found[3]))
