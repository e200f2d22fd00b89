"""The guard at the door: resolves a host, lets pass what may receive a notice, and connects to that very address.

Checking a name and connecting to it later would let it lead elsewhere meanwhile (DNS rebinding).  So the name is
resolved once for each connection, here; TLS still checks the certificate against the name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import TypeVar

from callvault.model.destination import Address, Network, may_receive
from callvault.webhooks.connection import NotConnected

Side = TypeVar("Side", bound=asyncio.Protocol)
"""Our end of a connection."""

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

RESOLVERS = 8
"""Threads that wait for name servers; of their own, so that a slow one keeps nothing else waiting."""
MOST_ADDRESSES = 4
"""Of one name; when none of so many answers, the next attempt may."""


class Forbidden(Exception):
    """The destination is not one to which anything may be sent."""


class Names:
    """Resolves names with the machine's own resolver."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="hook-names")

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        """All addresses of a name, in the resolver's order.

        Raises:
            NotConnected: it has none.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, _look_up, host, port)
        except (OSError, UnicodeError) as error:
            raise NotConnected(f"The name {host} leads nowhere: {error}.") from error
        return tuple(dict.fromkeys(ip_address(entry) for entry in found))

    def close(self) -> None:
        """Let go of the threads, whatever they wait for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Guard:
    """What the HTTP client connects through."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve

    async def connect(
        self, factory: Callable[[], Side], host: str, port: int, *, tls: ssl.SSLContext | None, seconds: float
    ) -> Side:
        """Connect to an address of this host that may receive notices; ``seconds``: for each step of it.

        Raises:
            Forbidden: it has none.
            NotConnected: none of them answers, or its certificate is not for this host.
        """
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._addresses(host, port)
        except TimeoutError as error:
            raise NotConnected(f"The name {host} was not resolved within {seconds:g} s.") from error
        for address in addresses[:-1]:
            try:
                return await _connect(factory, address, port, name=host, tls=tls, seconds=seconds)
            except NotConnected:
                continue
        return await _connect(factory, addresses[-1], port, name=host, tls=tls, seconds=seconds)

    def close(self) -> None:
        """Let go of the resolver's threads."""
        if isinstance(self._resolve, Names):
            self._resolve.close()

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        try:
            found: Sequence[Address] = (ip_address(host),)
        except ValueError:
            found = await self._resolve(host, port)
        allowed = [address for address in found if may_receive(address, self._allowed)]
        if not allowed:
            told = ", ".join(str(address) for address in found) or "nowhere"
            raise Forbidden(
                f"{host} leads to {told}, which is not public; the operator can allow a network with the setting"
                " hook_networks."
            )
        return allowed[:MOST_ADDRESSES]


async def _connect(
    factory: Callable[[], Side], address: Address, port: int, *, name: str, tls: ssl.SSLContext | None, seconds: float
) -> Side:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, side = await loop.create_connection(
                factory, str(address), port, ssl=tls, server_hostname=name if tls else None
            )
    except TimeoutError as error:
        raise NotConnected(f"No connection to {name} came about within {seconds:g} s.") from error
    except OSError as error:
        raise NotConnected(f"No connection to {name} came about: {error}.") from error
    return side


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
