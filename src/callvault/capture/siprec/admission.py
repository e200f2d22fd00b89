"""Who may bring calls in: the trunks' proofs (address, digest, certificate), and which trunk a call is of.

What does not live here: the trunks themselves (``capture.trunks``), and what is answered to whom (``door``).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from callvault.capture.trunks.table import TrunkTable
from callvault.errors import CallvaultError, NotAllowed, NotAuthenticated
from callvault.model.trunk import REALM, Trunk
from callvault.protocols.sip.digest import Algorithm, Credentials, Stale, challenges, check
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request

log = logging.getLogger("callvault.siprec")


class Challenged(NotAuthenticated):
    """A password is asked for: 401 with these values of ``WWW-Authenticate``."""

    def __init__(self, message: str, *, values: tuple[str, ...]) -> None:
        super().__init__(message, shown=False)
        self.values = values


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """What is known of whoever sent an INVITE."""

    request: Request
    flow: Flow
    names: tuple[str, ...]
    """Proved by a TLS certificate."""


class Admission:
    """Of calls, by the table of trunks."""

    def __init__(self, table: TrunkTable, key: bytes) -> None:
        """``key``: secret, and the same in every process of the server; nonces are made with it."""
        self._table = table
        self._key = key

    def admit(self, caller: Caller, now: float) -> Trunk:
        """The trunk that a call is of.  ``now``: seconds since 1970.

        Raises:
            Challenged: a trunk would take it with a password.
            NotAllowed: none would.
        """
        fitting = [trunk for trunk in self._table.trunks if _fits(trunk, caller)]
        asking = [trunk for trunk in fitting if trunk.username is not None]
        key = hashlib.blake2b(caller.flow.host.encode(), key=self._key[:64]).digest()
        stale = False
        for credentials in _credentials(caller.request):
            for trunk in asking:
                try:
                    if trunk.username == credentials.user:
                        self._check(trunk, credentials, caller.request.method, now, key=key)
                        return trunk
                except Stale:
                    stale = True
                except NotAuthenticated as error:
                    log.info("%s is not the trunk %s: %s", caller.flow.peer, trunk.name, error)
        open_ones = [trunk for trunk in fitting if trunk.username is None]
        if open_ones:
            return max(open_ones, key=lambda trunk: _narrowness(trunk, caller))
        if asking:
            values = challenges(REALM, now=now, key=key, stale=stale)
            raise Challenged("The call's trunk has to prove its password.", values=values)
        raise NotAllowed(f"No trunk takes calls from {caller.flow.peer}{_shown(caller)}.")

    def _check(self, trunk: Trunk, credentials: Credentials, method: str, now: float, *, key: bytes) -> None:
        digests = self._table.digests(trunk)
        if digests is None or credentials.realm != REALM:
            raise NotAuthenticated("The credentials are for another realm.", shown=True)
        secret = digests.sha256 if credentials.algorithm is Algorithm.SHA_256 else digests.md5
        check(credentials, method=method, secret=secret, now=now, key=key)


def _credentials(request: Request) -> list[Credentials]:
    found: list[Credentials] = []
    for value in request.headers.all("authorization"):
        try:
            credentials = Credentials.parse(value)
        except CallvaultError:
            continue
        if credentials is not None:
            found.append(credentials)
    return found


def _fits(trunk: Trunk, caller: Caller) -> bool:
    """Whether every proof but the password is given, and there is one to be given at all."""
    if not trunk.networks and trunk.certificate is None and trunk.username is None:
        return False
    if trunk.networks and _narrowness(trunk, caller)[1] < 0:
        return False
    return trunk.certificate is None or trunk.certificate.lower() in {name.lower() for name in caller.names}


def _narrowness(trunk: Trunk, caller: Caller) -> tuple[bool, int]:
    """For choosing among trunks that all fit: a certificate before an address, a narrow network before a wide one."""
    address = ip_address(caller.flow.host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    lengths = [network.prefixlen for network in trunk.networks if address in network]
    return trunk.certificate is not None, max(lengths, default=-1)


def _shown(caller: Caller) -> str:
    return f" with the certificate of {', '.join(caller.names)}" if caller.names else ""
