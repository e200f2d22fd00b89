"""SIP over UDP: one socket that listens, and says of each datagram where it was sent to and how long it has waited.

What lives here: the socket and Linux's ancillary data.  What does not: what the datagrams say.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from callvault.capture.siprec.places import Place
from callvault.errors import OperatorError
from callvault.protocols.sip.flow import Flow, Transport

Receive = Callable[[bytes, Flow, float], None]
"""A datagram, where it went between, and the seconds for which it lay in the kernel's queue."""

LARGEST = 65_535
BUFFER_BYTES = 4 * 1024 * 1024
AT_ONCE = 64
"""Datagrams that are taken before anybody else has a turn."""

_SO_RCVBUFFORCE = 33  # <asm-generic/socket.h>
_SO_TIMESTAMPNS = 35  # a struct timespec comes with each datagram
_IP_PKTINFO = 8  # <linux/in.h>; Python has no names for these
_PKTINFO = struct.Struct("=I4s4s")
_PKTINFO_6 = struct.Struct("=16sI")
_TIMESPEC = struct.Struct("=qq")


class DatagramPort:
    """A bound UDP socket."""

    def __init__(self, place: Place, receive: Receive) -> None:
        """Bind it.

        Raises:
            OperatorError: the place is taken, or not ours.
        """
        family = socket.AF_INET6 if place.is_version_6 else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._receive = receive
        try:
            self._prepare(place.is_version_6)
            self._socket.bind((place.host, place.port))
        except OSError as error:
            self._socket.close()
            raise OperatorError(f"Nothing can be listened for at {place}: {error.strerror}.") from error
        host, port = self._socket.getsockname()[:2]
        self.place = Place(transport=Transport.UDP, host=host, port=port)
        self._is_wild = ip_address(host).is_unspecified

    def _prepare(self, is_version_6: bool) -> None:  # noqa: FBT001 - it is a fact of the socket
        try:  # beyond net.core.rmem_max, where we may
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER_BYTES)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if is_version_6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)

    def start(self) -> None:
        """From now on datagrams are taken."""
        asyncio.get_running_loop().add_reader(self._socket, self._take)

    def close(self) -> None:
        """Let go of the socket; may be repeated."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def fits(self, flow: Flow) -> bool:
        """Whether a flow ends at this socket."""
        return flow.local_port == self.place.port and (
            flow.local_host == self.place.host
            or (self._is_wild and (":" in flow.local_host) == self.place.is_version_6)
        )

    def send(self, data: bytes, flow: Flow) -> None:
        """Send it, from the address that the flow has; what the network does not take is lost, as datagrams are."""
        ancillary = [_source(flow.local_host)] if self._is_wild else []
        try:
            self._socket.sendmsg([data], ancillary, 0, (flow.host, flow.port))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # unreachable, too long, or an answer to what we sent before (ICMP)
            return

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                data, ancillary, _, source = self._socket.recvmsg(LARGEST, 256)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # an ICMP error of an earlier sending
                continue
            self._receive(data, self._flow(ancillary, source), _age_s(ancillary))

    def _flow(self, ancillary: list[tuple[int, int, bytes]], source: tuple[str, int]) -> Flow:
        return Flow(
            transport=Transport.UDP,
            host=source[0].partition("%")[0],
            port=source[1],
            local_host=(_sent_to(ancillary) or self.place.host) if self._is_wild else self.place.host,
            local_port=self.place.port,
        )


def _sent_to(ancillary: list[tuple[int, int, bytes]]) -> str | None:
    """The address of ours that a datagram was sent to."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            return str(IPv4Address(_PKTINFO.unpack(data)[2]))
        if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
            return str(IPv6Address(_PKTINFO_6.unpack(data)[0]))
    return None


def _source(host: str) -> tuple[int, int, bytes]:
    """Ancillary data that have a datagram sent from this address of ours."""
    address = ip_address(host)
    if isinstance(address, IPv6Address):
        return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, _PKTINFO_6.pack(address.packed, 0)
    return socket.IPPROTO_IP, _IP_PKTINFO, _PKTINFO.pack(0, address.packed, address.packed)


def _age_s(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            age_ns: int = time.time_ns() - seconds * 1_000_000_000 - nanoseconds
            return max(0, age_ns) / 1e9
    return 0.0
