"""Whether the server that an account names may be spoken to: without this, an account could send us into our own net.

A name is looked up when it is given and whenever its store is put together anew; a name that changes in between is not
caught by this, so the strictest choice, ``none``, is the one for who cannot have that.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from callvault.errors import NotAllowed

POLICIES = ("public", "any", "none")


async def check_endpoint(host: str, port: int, *, secure: bool, policy: str) -> None:
    """See that requests may go there.

    Raises:
        NotAllowed: the operator's policy does not have it, or the name cannot be looked up.
    """
    if policy == "any":
        return
    if policy == "none":
        raise NotAllowed("Servers of one's own are not allowed here; the setting storage_endpoints would allow them.")
    if not secure:
        raise NotAllowed(f"{host} is to be spoken to over http; only https is allowed here.")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed(f"{host} cannot be looked up.") from None
    for *_, address in found:
        if not is_public(str(address[0])):
            raise NotAllowed(f"{host} is an address of a private net, to which nothing is sent from here.")


def is_public(address: str) -> bool:
    """Whether an address is anybody's: not private, not this machine's, not a group's."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast
