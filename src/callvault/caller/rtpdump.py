"""Packets in a file, as rtptools' ``rtpdump -F dump`` writes them and Wireshark reads them.

A line of text, a header of 16 octets, then for each packet: its length with and without this head of 8 octets, and the
milliseconds since the beginning (https://formats.kaitai.io/rtpdump/, read 2026-11).
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable

_HEAD = 8


def dump(packets: Iterable[tuple[float, bytes]], *, began_s: float, host: str, port: int) -> bytes:
    """A file's content.  ``packets``: seconds since ``began_s`` (1970) and octets."""
    address = ipaddress.ip_address(host)
    source = int(address) if address.version == 4 else 0  # the format knows no other
    seconds = int(began_s)
    pieces = [
        f"#!rtpplay1.0 {host}/{port}\n".encode(),
        struct.pack("!IIIHH", seconds, int((began_s - seconds) * 1e6), source, port, 0),
    ]
    for at_s, octets in packets:
        pieces.append(struct.pack("!HHI", len(octets) + _HEAD, len(octets), round(at_s * 1_000)) + octets)
    return b"".join(pieces)
