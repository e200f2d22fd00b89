"""SIPREC's door under fire: torture messages, damaged ones and port scans, beside a good call."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from callvault.capture.siprec.tls import Identity
from callvault.protocols.spool.journal import Reason
from tests.system.authority import certify, client_tls
from tests.system.offers import SDP, hang_up, offer
from tests.system.sip_client import SipClient, a_client, status
from tests.system.siprec_house import TestHouse, a_siprec_house, a_trunk
from tests.unit.protocols.sip.messages import TORTURE

SCANS = (
    b"GET /admin HTTP/1.0\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    b"\x00" * 1400,
    b"REGISTER sip:100@192.0.2.1 SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n",
    b"help\r\n",
    b"INVITE\r\n\r\n",
)
GOOD = a_trunk("good", networks=["127.0.0.1"])
"""Whoever is under fire comes from 127.0.0.1, and the fire from 127.0.0.2."""


def damaged(dice: random.Random) -> bytes:
    """A torture message with a stretch of it exchanged, doubled or cut off."""
    wire = dice.choice(sorted(TORTURE.values()))
    start = dice.randrange(len(wire))
    end = min(len(wire), start + dice.randrange(80))
    middle = dice.choice([b"", wire[start:end] * 2, dice.randbytes(20), b"\r\n\r\n", b'"', b"\x00"])
    return wire[:start] + middle + wire[end:]


def shots(count: int) -> list[bytes]:
    dice = random.Random(20260302)
    return [*TORTURE.values(), *SCANS, *(damaged(dice) for _ in range(count))]


async def still_there(client: SipClient, house: TestHouse) -> None:
    """The call under way is changed and hung up on as if nothing had been."""
    assert status(await client.invite(*SDP, body=offer("1", "2"))) == 200
    await hang_up(client, house)
    assert len(house.spools.ended_takes()) == 1
    assert house.spools.live_takes() == []


async def fire(client: SipClient, count: int) -> None:
    """Datagrams, with a ping among them now and then, so that none is dropped before it is read."""
    for number, shot in enumerate(shots(count)):
        client.send(shot)
        if number % 20 == 0:
            client.send(client.request("OPTIONS", branch=f"after{number}"))
            await client.final()


async def test_datagrams_of_every_kind_disturb_nobody(tmp_path: Path) -> None:
    async with a_siprec_house(tmp_path, trunks=[GOOD]) as house:
        port = house.port("udp")
        async with (
            a_client("udp", "127.0.0.1", port, call="good", source="127.0.0.1") as good,
            a_client("udp", "127.0.0.1", port, call="bad", source="127.0.0.2") as bad,
        ):
            assert status(await good.invite(*SDP, body=offer("1"))) == 200
            await fire(bad, 1500)
            await house.door.settled()
            assert house.signalling.agent.dialogs == 1
            assert house.signalling.agent.dropped > 100
            await still_there(good, house)


async def test_damaged_calls_that_are_let_in_break_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await fire(client, 1500)
        await house.door.settled()
        assert house.signalling.agent.dialogs > 5
        for call in house.door.calls:
            call.hang_up(Reason.STOPPED)
        await house.door.settled()
        assert house.signalling.agent.dialogs == 0
        assert house.gate.sockets == {}
        assert house.spools.live_takes() == []
        for take in house.spools.ended_takes():
            journal = house.journal(take)
            assert journal.spoilt == 0
            assert journal.ended is not None
        assert "could not be handled" not in caplog.text


async def test_streams_of_every_kind_disturb_nobody(tmp_path: Path) -> None:
    async with a_siprec_house(tmp_path, trunks=[GOOD]) as house:
        port = house.port("tcp")
        async with a_client("tcp", "127.0.0.1", port, call="good", source="127.0.0.1") as good:
            assert status(await good.invite(*SDP, body=offer("1"))) == 200
            for shot in shots(300):
                async with a_client("tcp", "127.0.0.1", port, source="127.0.0.2") as bad:
                    bad.send(shot)
                    bad.send(b"\r\n\r\n")
            await house.door.settled()
            assert house.signalling.agent.dialogs == 1
            await still_there(good, house)


@pytest.mark.parametrize("own", [True, False])
async def test_a_trunk_is_known_by_its_certificate(tmp_path: Path, own: bool) -> None:
    certificates = certify(tmp_path / "certificates")
    identity = Identity(certificate=certificates.certificate, key=certificates.key, authorities=certificates.authority)
    async with (
        a_siprec_house(
            tmp_path / "spool",
            listen="tls:127.0.0.1:0",
            trunks=[a_trunk("secure", certificate="localhost")],
            identity=identity,
        ) as house,
        a_client("tls", "127.0.0.1", house.port("tls"), tls=client_tls(certificates, own=own)) as client,
    ):
        answer = await client.invite(*SDP, body=offer("1"))
        assert status(answer) == (200 if own else 403)
        if own:
            begun = house.journal(house.take()).begun
            assert begun is not None
            assert (begun.trunk, begun.peer) == ("secure", f"tls:127.0.0.1:{client.own_port}")
            await hang_up(client, house)


async def test_plain_bytes_at_a_tls_port_disturb_nobody(tmp_path: Path) -> None:
    certificates = certify(tmp_path / "certificates")
    identity = Identity(certificate=certificates.certificate, key=certificates.key)
    async with (
        a_siprec_house(tmp_path / "spool", listen="tls:127.0.0.1:0", identity=identity) as house,
        a_client("tls", "127.0.0.1", house.port("tls"), tls=client_tls(certificates, own=False), call="good") as good,
    ):
        assert status(await good.invite(*SDP, body=offer("1"))) == 200
        for shot in SCANS:
            async with a_client("tcp", "127.0.0.1", house.port("tls")) as bad:
                bad.send(shot)
        await still_there(good, house)
