"""Session descriptions as a client reads them: where each stream may be sent, as what, and under which key."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callvault.errors import ProtocolError


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """A media line of the recorder's."""

    kind: str
    host: str
    port: int
    """0: refused."""
    encodings: tuple[tuple[int, str], ...]
    """Payload types in its order, with their encodings."""
    direction: str
    label: str | None
    rtcp_port: int | None
    """None: there is no RTCP."""
    crypto_tag: int | None
    """Which of our keys it chose."""


_STATIC = {
    0: "PCMU/8000",
    3: "GSM/8000",
    4: "G723/8000",
    8: "PCMA/8000",
    9: "G722/8000",
    13: "CN/8000",
    18: "G729/8000",
}
"""RFC 3551 section 6: needs no rtpmap."""


def read(octets: bytes) -> list[Agreed]:
    """All media lines.

    Raises:
        ProtocolError: it is no session description.
    """
    text = octets.decode("utf-8", "replace").replace("\r\n", "\n")
    session, *media = re.split(r"(?m)^(?=m=)", text)
    if "v=0" not in session:
        raise ProtocolError("The recorder's answer has no session description.")
    return [_line(part, session) for part in media]


def _line(part: str, session: str) -> Agreed:
    words = part.splitlines()[0][2:].split()
    if len(words) < 3 or not words[1].partition("/")[0].isdigit():
        raise ProtocolError(f"The recorder's media line {part.splitlines()[0]!r} cannot be read.")
    port = int(words[1].partition("/")[0])
    maps = {int(number): encoding for number, encoding in re.findall(r"(?m)^a=rtpmap:(\d+)\s+(\S+)", part)}
    numbers = [int(word) for word in words[3:] if word.isdigit()]
    directions = re.findall(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)\s*$", part) or re.findall(
        r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)\s*$", session
    )
    rtcp = re.search(r"(?m)^a=rtcp:(\d+)", part)
    shared = re.search(r"(?m)^a=rtcp-mux\s*$", part)
    tag = re.search(r"(?m)^a=crypto:(\d+)", part)
    label = re.search(r"(?m)^a=label:(\S+)", part)
    address = re.search(r"(?m)^c=IN IP[46] (\S+)", part) or re.search(r"(?m)^c=IN IP[46] (\S+)", session)
    return Agreed(
        kind=words[0],
        host=address[1] if address else "",
        port=port,
        encodings=tuple((number, maps.get(number) or _STATIC.get(number, "")) for number in numbers),
        direction=directions[0] if directions else "sendrecv",
        label=label[1] if label else None,
        rtcp_port=port if shared else int(rtcp[1]) if rtcp else port + 1,
        crypto_tag=int(tag[1]) if tag else None,
    )
