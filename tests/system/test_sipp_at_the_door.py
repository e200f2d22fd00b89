"""SIPp plays recording clients at SIPREC's door: every scenario comes to its end, and every take is handed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from callvault.protocols.spool.journal import Exchanged, Reason, StreamAgreed
from tests.services import install, sipp
from tests.services.need import need
from tests.system.siprec_house import a_siprec_house

SCENARIOS = Path(__file__).parent / "sipp"
STREAMS = {
    "plain": ["1", "2"],
    "opensips_hold": ["1", "0"],
    "broadworks_pause": ["1", "2"],
    "metaswitch_mixed": ["1"],
    "avaya": ["10", "20"],
    "oracle": ["16777227", "16777228"],
    "audiocodes": ["1", "2"],
    "telnyx": ["1", "2"],
    "cube_late_offer": ["1"],
}
"""The labels that are taken, by scenario."""


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("name", STREAMS)
async def test_a_client_is_served_to_its_end(name: str, transport: str, tmp_path: Path) -> None:
    program = need(sipp.WHAT, sipp.find, sipp.INSTALL_LINE, install.install_sipp)
    (tmp_path / "sound.ul").write_bytes(b"\xff" * 8000)
    async with a_siprec_house(tmp_path / "spool") as house:
        played = await sipp.play(
            SCENARIOS / f"{name}.xml",
            program=program,
            folder=tmp_path,
            port=house.port(transport),
            transport=transport,
            keys={"recorded": "7f3a9c21d0@192.0.2.44"},
        )
        assert played.succeeded, played.report
        await house.door.settled()
        (take,) = house.spools.ended_takes()
        journal = house.journal(take)
        assert journal.ended is not None
        assert journal.ended.reason is Reason.BYE
        labels = [each.label for each in journal.records if isinstance(each, StreamAgreed)]
        assert list(dict.fromkeys(labels)) == STREAMS[name]
        messages = [each.message for each in journal.records if isinstance(each, Exchanged) and not each.sent]
        assert messages[0].startswith("INVITE ")
        assert messages[-1].startswith("BYE ")
        assert house.gate.sockets == {}


async def test_two_hundred_calls_at_once(tmp_path: Path) -> None:
    program = need(sipp.WHAT, sipp.find, sipp.INSTALL_LINE, install.install_sipp)
    async with a_siprec_house(tmp_path / "spool") as house:
        played = await sipp.play(
            SCENARIOS / "telnyx.xml", program=program, folder=tmp_path, port=house.port("udp"), calls=200, rate=400
        )
        assert played.succeeded, played.report
        await house.door.settled()
        assert len(house.spools.ended_takes()) == 200
        assert house.signalling.agent.dialogs == 0
        assert house.gate.sockets == {}
