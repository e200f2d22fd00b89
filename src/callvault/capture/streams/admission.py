"""Who may open a media stream: the trunk that the path names, and what it takes to be let in by it.

A trunk with a password is shown it in one of four ways, since no vendor can do all of them: HTTP Basic, a Bearer token,
the URL, or a parameter ``token`` of the stream, which comes with its start.  What does not live here: the table's
source (``catalogue``), admission of SIP calls (``siprec.admission``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from callvault.capture.streams.places import Address
from callvault.errors import NotAllowed, NotAuthenticated, OperatorError
from callvault.model.trunk import REALM, Digests, Trunk

log = logging.getLogger("callvault.streams")

TOKEN = "token"  # noqa: S105 - the name of a parameter
DigestsOf = Callable[[Trunk], Digests | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Somebody who has opened a stream."""

    trunk: Trunk
    address: Address
    peer: str
    proven: bool
    """Whether the password was right; else the start has to bring it."""


class Admission:
    """The table of trunks, as it was last read."""

    def __init__(self, digests_of: DigestsOf) -> None:
        self._digests_of = digests_of
        self._trunks: Mapping[str, Trunk] = {}
        self._digests: Mapping[UUID, Digests] = {}

    @property
    def trunks(self) -> tuple[Trunk, ...]:
        """The table as it is."""
        return tuple(self._trunks.values())

    def take_over(self, trunks: Iterable[Trunk]) -> None:
        """These, and no others.  One whose password cannot be read admits nobody, and the others do."""
        kept: dict[str, Trunk] = {}
        digests: dict[UUID, Digests] = {}
        for trunk in trunks:
            try:
                found = self._digests_of(trunk)
            except OperatorError as error:
                log.warning("the trunk %s admits nobody: %s", trunk.name, error)
                continue
            kept[trunk.name] = trunk
            if found is not None:
                digests[trunk.id] = found
        self._trunks, self._digests = kept, digests

    def admit(self, address: Address, *, host: str, peer: str, authorization: str | None) -> Guest:
        """Let somebody in, or ask for more with the start.  ``host``: where they come from.

        Raises:
            NotAuthenticated: what was shown is wrong.
            NotAllowed: no such trunk takes streams from there.
        """
        trunk = self._trunks.get(address.trunk)
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
        digests = self._digests.get(trunk.id)
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
