"""A ping to our own door: what a place that is listened at answers to OPTIONS.

What does not live here: anything that is done with the answer.
"""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import IPv6Address, ip_address

from callvault.capture.siprec.places import Place
from callvault.errors import HouseError, ProtocolError
from callvault.protocols.sip.flow import Transport
from callvault.protocols.sip.framing import StreamFramer
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request, Response, parse, write
from callvault.protocols.sip.uri import in_brackets

PATIENCE_S = 2.0


async def ping(place: Place, token: str) -> Response:
    """The answer of whoever listens there.  ``token``: random, so that the answer is to this question.

    Raises:
        HouseError: nobody answers, or not in SIP.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            said = await (_ask_datagram if place.transport is Transport.UDP else _ask_stream)(place, token)
            answer = parse(said)
    except (OSError, TimeoutError, ProtocolError) as error:
        raise HouseError(f"Nobody answers at {place}: {error or 'no word within 2 s'}.") from error
    if not isinstance(answer, Response):
        raise HouseError(f"Whoever listens at {place} answers with a request.")
    return answer


def _target(place: Place) -> str:
    """Where to send to; nobody can be sent to at an address that stands for all."""
    address = ip_address(place.host)
    if not address.is_unspecified:
        return place.host
    return "::1" if isinstance(address, IPv6Address) else "127.0.0.1"


def _question(place: Place, local: tuple[str, int], token: str) -> bytes:
    host, transport = in_brackets(local[0]), place.transport.upper()
    uri = f"sip:{in_brackets(_target(place))}:{place.port}"
    fields = (
        ("Via", f"SIP/2.0/{transport} {host}:{local[1]};rport;branch=z9hG4bK{token}"),
        ("Max-Forwards", "1"),
        ("From", f"<sip:doctor@{host}>;tag={token}"),
        ("To", f"<{uri}>"),
        ("Call-ID", token),
        ("CSeq", "1 OPTIONS"),
    )
    return write(Request(method="OPTIONS", uri=uri, headers=Headers(fields=fields)))


class _Answer(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.came.done():
            self.came.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.came.done():
            self.came.set_exception(exc)


async def _ask_datagram(place: Place, token: str) -> bytes:
    transport, answer = await asyncio.get_running_loop().create_datagram_endpoint(
        _Answer, remote_addr=(_target(place), place.port)
    )
    try:
        transport.sendto(_question(place, transport.get_extra_info("sockname")[:2], token))
        return await answer.came
    finally:
        transport.close()


async def _ask_stream(place: Place, token: str) -> bytes:
    context = None
    if place.transport is Transport.TLS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # it is ourselves: the certificate names others' view of us
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(_target(place), place.port, ssl=context)
    try:
        writer.write(_question(place, writer.get_extra_info("sockname")[:2], token))
        framer = StreamFramer()
        while data := await reader.read(65_536):
            for piece in framer.receive(data):
                if isinstance(piece, bytes):
                    return piece
        raise ConnectionResetError("the connection was closed")
    finally:
        writer.close()
