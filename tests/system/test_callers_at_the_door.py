"""Every client's call passes SIPREC's door: it is taken, changed, and ended, and nothing about the answers is odd."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callvault.caller.call import place
from callvault.caller.digest import Credentials
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from callvault.caller.styles.registry import STYLES
from callvault.capture.siprec.tls import Identity
from callvault.protocols.spool.journal import Ended, Exchanged, Reason
from tests.system.authority import Certificates
from tests.system.siprec_house import TestHouse, a_siprec_house, a_trunk

RUTH = Voice(sound=noise(1, seconds=0.5))
OMAR = Voice(sound=noise(2, seconds=0.5), user="2001", host="pbx.example.net", name="Omar")


def planned(house: TestHouse, transport: str = "udp", host: str = "127.0.0.1", **more: Any) -> CallPlan:
    shown = f"[{host}]" if ":" in host else host
    uri = f"sip:recorder@{shown}:{house.port(transport)};transport={transport}"
    return CallPlan(**{"recorder": uri, "voices": (RUTH, OMAR), "keeps_messages": True, **more})


async def called(house: TestHouse, plan: CallPlan) -> tuple[list[str], list[Reason]]:
    """What was odd, and how the takes ended."""
    report = await place(plan)
    assert report.status == 200, report.reason
    await house.door.settled()
    journals = [house.journal(take) for take in house.spools.ended_takes()]
    assert all(sum(isinstance(each, Exchanged) for each in journal.records) >= 5 for journal in journals)
    return list(report.notes), [journal.ended.reason for journal in journals if isinstance(journal.ended, Ended)]


@pytest.mark.parametrize("style", STYLES)
async def test_every_client_is_served_with_hold_and_transfer(tmp_path: Path, style: str) -> None:
    async with a_siprec_house(tmp_path) as house:
        more: dict[str, Any] = {"holds": ((0.1, 0.2),), "transfer_at_s": 0.3, "refreshes_at_s": (0.4,)}
        notes, reasons = await called(house, planned(house, style=style, **more))
    assert (notes, reasons) == ([], [Reason.BYE])


@pytest.mark.parametrize(
    ("transport", "host"), [("tcp", "127.0.0.1"), ("tls", "127.0.0.1"), ("udp", "::1"), ("tcp", "::1")]
)
async def test_every_transport_leads_in(tmp_path: Path, certificates: Certificates, transport: str, host: str) -> None:
    shown = f"[{host}]" if ":" in host else host
    identity = Identity(certificate=certificates.certificate, key=certificates.key)
    async with a_siprec_house(tmp_path, listen=f"{transport}:{shown}:0", identity=identity) as house:
        plan = planned(house, transport, host, ca_file=certificates.authority)
        assert await called(house, plan) == ([], [Reason.BYE])


async def test_a_password_opens_it(tmp_path: Path) -> None:
    trunk = a_trunk("sbc", username="border", password="made up for this")
    async with a_siprec_house(tmp_path, trunks=[trunk]) as house:
        plan = planned(house, credentials=Credentials(user="border", password="made up for this"))
        assert await called(house, plan) == ([], [Reason.BYE])
        assert (await place(replace(plan, credentials=None))).status == 401
        assert (await place(replace(plan, credentials=Credentials(user="border", password="wrong")))).status == 401


async def test_a_third_line_comes_and_goes(tmp_path: Path) -> None:
    async with a_siprec_house(tmp_path) as house:
        joiner = Voice(sound=noise(3, seconds=0.5), user="2003", name="Lena")
        plan = planned(house, joiner=joiner, joins_at_s=0.1, leaves_at_s=0.3)
        assert await called(house, plan) == ([], [Reason.BYE])
