"""Who may open a media stream: the trunk that the path names, and what it takes to be let in by it.

A trunk with a password is shown it in one of four ways, since no vendor can do all of them: HTTP Basic, a Bearer token,
the URL, or a parameter ``token`` of the stream, which comes with its start.  What does not live here:
the trunks themselves (``capture.trunks``), admission of SIP calls (``siprec.admission``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from callvault.capture.streams.places import Address
from callvault.capture.trunks.table import TrunkTable
from callvault.errors import NotAllowed, NotAuthenticated
from callvault.model.trunk import REALM, Trunk

TOKEN = "token"  # noqa: S105 - the name of a parameter


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Somebody who has opened a stream."""

    trunk: Trunk
    address: Address
    peer: str
    proven: bool
    """Whether the password was right; else the start has to bring it."""


class Admission:
    """Of streams, by the table of trunks."""

    def __init__(self, table: TrunkTable) -> None:
        self._table = table

    def admit(self, address: Address, *, host: str, peer: str, authorization: str | None) -> Guest:
        """Let somebody in, or ask for more with the start.  ``host``: where they come from.

        Raises:
            NotAuthenticated: what was shown is wrong.
            NotAllowed: no such trunk takes streams from there.
        """
        trunk = self._table.named(address.trunk)
        if trunk is None or trunk.certificate is not None or not (trunk.networks or trunk.username):
            raise NotAllowed(f"No trunk {address.trunk!r} takes media streams.")
        if trunk.networks and not _within(trunk, host):
            raise NotAllowed(f"The trunk {trunk.name!r} takes no streams from {host}.")
        shown = _shown(authorization, address.token)
        if trunk.username is None:
            return Guest(trunk=trunk, address=address, peer=peer, proven=True)
        if shown is not None and not self._proves(trunk, *shown):
            raise NotAuthenticated("The trunk's password is another.", shown=True)
        return Guest(trunk=trunk, address=address, peer=peer, proven=shown is not None)

    def check(self, guest: Guest, token: str | None) -> None:
        """What the start brought of somebody who had shown nothing before.

        Raises:
            NotAuthenticated: it is not the trunk's password.
        """
        if not guest.proven and (token is None or not self._proves(guest.trunk, None, token)):
            raise NotAuthenticated("The trunk's password has to be shown.", shown=token is not None)

    def _proves(self, trunk: Trunk, user: str | None, password: str) -> bool:
        digests = self._table.digests(trunk)
        if digests is None or trunk.username is None:
            return False
        made = hashlib.sha256(f"{trunk.username}:{REALM}:{password}".encode()).hexdigest()
        return hmac.compare_digest(made, digests.sha256) and user in (None, trunk.username)


def _shown(authorization: str | None, token: str | None) -> tuple[str | None, str] | None:
    """User, if one is named, and password."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return None, value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""  # something was shown, and it proves nothing
        return user, password
    return None if token is None else (None, token)


def _within(trunk: Trunk, host: str) -> bool:
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in trunk.networks)
