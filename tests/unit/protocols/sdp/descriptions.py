"""Short descriptions to read: the lines that a test is about, under a usual head."""

from __future__ import annotations

from callvault.protocols.sdp.description import Description

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"


def described(*lines: str, head: str = HEAD) -> Description:
    return Description.parse((head + "".join(f"{line}\r\n" for line in lines)).encode())


def one(*lines: str) -> Description:
    return described("m=audio 40000 RTP/AVP 0", *lines)
