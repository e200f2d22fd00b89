"""Whether the server that an account names may be spoken to: without this, an account could send us into our own net.

A name is looked up when it is given and whenever its store is put together anew.  The object-store library looks it up
once more, so a name that changes in between gets past this; the operator's firewall is what holds then.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from callvault.errors import NotAllowed
from callvault.model.destination import Network, may_receive


async def check_endpoint(host: str, port: int, *, secure: bool, allowed: Sequence[Network]) -> None:
    """See that requests may go there: to public addresses over https, and to the networks that are allowed.

    Raises:
        NotAllowed: they may not, or the name cannot be looked up.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed(f"{host} cannot be looked up.") from None
    for *_, sockaddr in found:
        address = ipaddress.ip_address(str(sockaddr[0]).partition("%")[0])
        if any(address in network for network in allowed if network.version == address.version):
            continue
        if not may_receive(address):
            raise NotAllowed(
                f"{host} is no public address; the operator can allow its network with the setting storage_networks."
            )
        if not secure:
            raise NotAllowed(f"{host} is to be spoken to over http; over the public net it has to be https.")
