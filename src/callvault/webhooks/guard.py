"""The guard at the door: resolves a host, lets pass what may receive a notice, and connects to that very address.

Checking a name and connecting to it later would let it lead elsewhere meanwhile (DNS rebinding).  So the name is
resolved once for each connection, here; TLS still checks the certificate against the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from callvault.model.destination import Address, Network, may_receive

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
            httpcore.ConnectError: it has none.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, _look_up, host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"The name {host} leads nowhere: {error}.") from error
        return tuple(dict.fromkeys(ip_address(entry) for entry in found))

    def close(self) -> None:
        """Let go of the threads, whatever they wait for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Guard(httpcore.AsyncNetworkBackend):
    """What the HTTP client connects through."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of this host that may receive notices.

        Raises:
            Forbidden: it has none.
            httpcore.ConnectError, httpcore.ConnectTimeout: none of them answers.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"The name {host} was not resolved within {timeout:g} s.") from error
        for address in addresses[:-1]:
            try:
                return await self._connect(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(addresses[-1], port, timeout, local_address, socket_options)

    def close(self) -> None:
        """Let go of the resolver's threads."""
        if isinstance(self._resolve, Names):
            self._resolve.close()

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - the library's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never.

        Raises:
            Forbidden: always.
        """
        raise Forbidden(f"Nothing is sent to the socket {path}.")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

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
        self,
        address: Address,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
