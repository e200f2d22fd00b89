"""Where a notice may go: which URLs are fit to be called, and which addresses are nobody's business.

A server that calls whatever URL it is given can be made to call its own neighbours (server-side request forgery).  So
nothing goes to an address that is not public, unless the operator allows its network.  What does not live here:
resolving names, and connecting (``webhooks.guard``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, unquote, urlsplit

from callvault.errors import BadRequest, OperatorError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
_SPECIAL = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IANA's IPv4 special-purpose registry (read 2026-11), and multicast.  Python's own table differs from release to
release.
"""
_UNICAST = IPv6Network("2000::/3")
"""All that is handed out to the public."""
_SPECIAL_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
"""What of it is not (IANA's IPv6 special-purpose registry, read 2026-11): protocols, Teredo, documentation, 6to4."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address, which is where it goes."""


_CREDENTIALS = re.compile("//[^/?#]*@")


def read_networks(text: str, setting: str = "hook_networks") -> tuple[Network, ...]:
    """The networks of a setting, with commas between.

    Raises:
        OperatorError: one is none.
    """
    networks = []
    for word in (word.strip() for word in text.split(",")):
        if not word:
            continue
        try:
            networks.append(ip_network(word))
        except ValueError as error:
            raise OperatorError(
                f"The setting {setting} must be networks such as 10.1.0.0/16 or fd00::/8: {error}."
            ) from None
    return tuple(networks)


def may_receive(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether a notice may be sent to this address: it is public, or in a network that the operator allows."""
    meant = _meant(address)
    if any(meant in network for network in allowed if network.version == meant.version):
        return True
    if isinstance(meant, IPv4Address):
        return not any(meant in network for network in _SPECIAL)
    return meant in _UNICAST and not any(meant in network for network in _SPECIAL_6)


def check_url(url: str, field: str, allowed: Sequence[Network] = ()) -> str:
    """Answer the URL of a hook.

    Raises:
        BadRequest: it is not one that can be called; the sentence says why.
    """
    _check_text(url, field)
    parts, host = _split(url, field)
    if parts.username is not None or parts.password is not None:
        raise BadRequest(f"{field} must hold no user name; give username and password besides.", field=field)
    try:
        literal = ip_address(host)
    except ValueError:
        return url
    if not may_receive(literal, allowed):
        raise BadRequest(
            f"{field} leads to {host}, which is not a public address; the operator can allow its network with the"
            " setting hook_networks.",
            field=field,
        )
    return url


def check_url_and_credentials(url: str, field: str, allowed: Sequence[Network] = ()) -> str:
    """Answer the URL of a place for files or of a callback, in which a name and a password may stand for Basic.

    Raises:
        BadRequest: it is not one that can be called; the sentence says why.
    """
    _check_text(url, field)
    try:
        plain = without_credentials(url)
    except ValueError:
        plain = legible(url)
    check_url(plain, field, allowed)
    return url


def _check_text(url: str, field: str) -> None:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadRequest(f"{field} must be a URL in ASCII of at most {LONGEST_URL} characters.", field=field)


def _split(url: str, field: str) -> tuple[SplitResult, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in {"http", "https"} or port == 0:
        raise BadRequest(f"{field} must be a URL such as https://example.org/calls, not {legible(url)!r}.", field=field)
    return parts, host


def _meant(address: Address) -> Address:
    """The address that an address stands for."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def without_credentials(url: str) -> str:
    """The URL without the name and the password in it.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def legible(url: str) -> str:
    """The same of anything that was meant for a URL, for sentences that quote it."""
    return _CREDENTIALS.sub("//", url)


def credentials_of(url: str) -> tuple[str, str] | None:
    """The name and the password in a URL; None where it has none."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return None
    return unquote(parts.username or ""), unquote(parts.password or "")
