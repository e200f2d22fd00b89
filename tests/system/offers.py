"""Offers of recording clients, and the end of their calls."""

from __future__ import annotations

from tests.system.sip_client import SipClient, status
from tests.system.siprec_house import TestHouse


def offer(*lines: str, key: bool = False) -> bytes:
    """Audio lines by label."""
    profile = "RTP/SAVP" if key else "RTP/AVP"
    crypto = ["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "Tm90aGluZ1RvU2VlSGVyZUp1c3RNYWRlVXBLZXlz"]
    media = [
        text
        for number, label in enumerate(lines)
        for text in (
            f"m=audio {40000 + 2 * number} {profile} 0",
            f"a=label:{label}",
            "a=sendonly",
            *(crypto if key else []),
        )
    ]
    described = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", *media]
    return "".join(f"{line}\r\n" for line in described).encode()


SDP = ("Content-Type: application/sdp", "Require: siprec")


async def hang_up(client: SipClient, house: TestHouse) -> None:
    client.send(client.request("BYE"))
    assert status(await client.final()) == 200
    await house.door.settled()
