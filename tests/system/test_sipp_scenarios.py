"""SIPp's recording clients are what they are meant to be: the recorder by hand takes each, and hears its sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from callvault.audio import g711
from callvault.caller.sound import noise
from tests.services import install, sipp
from tests.services.need import need
from tests.system.plain_recorder import PlainRecorder, recording

SCENARIOS = Path(__file__).parent / "sipp"
SOUND = g711.encode_ulaw(noise(1, seconds=1).samples)

METHODS = {
    "plain": ["INVITE", "ACK", "BYE"],
    "opensips_hold": ["INVITE", "ACK", "INVITE", "INVITE", "ACK", "INVITE", "ACK", "BYE"],
    "broadworks_pause": ["INVITE", "ACK", "INVITE", "ACK", "INVITE", "ACK", "BYE"],
    "metaswitch_mixed": ["INVITE", "ACK", "BYE"],
    "cube_late_offer": ["INVITE", "ACK", "BYE"],
}
"""Those that play a sound too; its file lies in the folder in which SIPp runs."""


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("name", METHODS)
async def test_a_scenario_is_a_call_with_a_sound(name: str, transport: str, tmp_path: Path) -> None:
    program = need(sipp.WHAT, sipp.find, sipp.INSTALL_LINE, install.install_sipp)
    (tmp_path / "sound.ul").write_bytes(SOUND)
    recorder = PlainRecorder(offers=name == "cube_late_offer")
    async with recording(recorder, transport):
        played = await sipp.play(
            SCENARIOS / f"{name}.xml", program=program, folder=tmp_path, port=recorder.port, transport=transport,
            keys={"recorded": "7f3a9c21d0@192.0.2.44"},
        )  # fmt: skip
    assert played.succeeded, played.report
    assert recorder.methods() == METHODS[name]
    heard = b"".join(packet[12:] for packet in recorder.media[0])
    assert len(heard) > len(SOUND) / 2
    assert SOUND.startswith(heard)
