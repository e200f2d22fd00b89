"""SIPp's recording clients are what they are meant to be: the recorder by hand takes each, and hears its sound.

And the other way round: our client's call is taken by a recorder that SIPp plays.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest

from callvault.audio import g711
from callvault.caller.call import place
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from tests.ports import free_port
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


async def test_sipp_takes_our_call_as_a_recorder(tmp_path: Path) -> None:
    """SIPp fails the call where a message is not as its scenario has it; UDP waits for it to be there."""
    program = need(sipp.WHAT, sipp.find, sipp.INSTALL_LINE, install.install_sipp)
    port = free_port()
    with bound() as first, bound() as second:
        recorder = await asyncio.create_subprocess_exec(
            program, "-sf", str(SCENARIOS / "recorder.xml"), "-m", "1", "-i", "127.0.0.1", "-p", str(port), "-nostdin",
            "-key", "first", str(first.getsockname()[1]), "-key", "second", str(second.getsockname()[1]),
            "-timeout", "30", "-timeout_error", cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        voices = tuple(Voice(sound=noise(number, seconds=0.6)) for number in (1, 2))
        plan = CallPlan(
            recorder=f"sip:127.0.0.1:{port}", voices=voices, renames_at_s=0.1, transfer_at_s=0.3, rtcp=False
        )
        report = await place(plan)
        said, _ = await recorder.communicate()
        assert recorder.returncode == 0, said.decode()
        assert (report.status, report.ended, report.notes) == (200, "bye", ())
        for stream, taken in zip(report.streams, (first, second), strict=True):
            packets = [taken.recv(2048) for _ in range(stream.packets)]
            heard = np.concatenate([g711.decode_ulaw(packet[12:]) for packet in packets])
            assert np.array_equal(heard, stream.placed())


def bound() -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    taken.settimeout(5)
    return taken
