"""The whole way, in one command: `callvault serve` takes calls, and its own API has them, sample by sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from callvault.caller.call import place
from callvault.caller.crowd import place_all
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.sound import noise
from tests.sameness import differences
from tests.system.authority import Certificates
from tests.system.recording_server import RecordingServer, recording_server

RUTH = Voice(sound=noise(1, seconds=0.6))
OMAR = Voice(sound=noise(2, seconds=0.6), user="2001", host="pbx.example.net", name="Omar")


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[RecordingServer]:
    with recording_server(tmp_path_factory.mktemp("recorder"), certificates) as server:
        yield server


def planned(recorder: RecordingServer, transport: str = "udp", host: str = "127.0.0.1", **more: Any) -> CallPlan:
    trusted = recorder.authority if transport == "tls" else None
    return CallPlan(**{"recorder": recorder.uri(transport, host), "voices": (RUTH, OMAR), "ca_file": trusted, **more})


@pytest.mark.parametrize(
    ("style", "transport", "host", "secure"),
    [
        ("opensips", "udp", "127.0.0.1", False),
        ("oracle", "tcp", "127.0.0.1", False),
        ("telnyx", "tls", "127.0.0.1", True),
        ("rfc7865", "udp", "::1", False),
        ("metaswitch", "tcp", "::1", False),
    ],
)
async def test_a_call_is_in_the_archive(
    recorder: RecordingServer, style: str, transport: str, host: str, *, secure: bool
) -> None:
    known = recorder.ids()
    report = await place(planned(recorder, transport, host, style=style, secure=secure))
    assert (report.status, report.notes) == (200, ())
    (recorded,) = await recorder.made(known)
    for stream in report.streams:
        assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
    assert recorded.card["caller"]["number"] == RUTH.user
    assert recorded.card["callee"]["number"] == OMAR.user
    assert recorded.capture["reason"] == "bye"
    assert recorded.exchange[0]["text"].startswith("INVITE ")
    assert recorded.exchange[-1]["text"].startswith("SIP/2.0 200 ")


@pytest.mark.slow
async def test_many_calls_at_once_are_kept_apart(recorder: RecordingServer) -> None:
    def plan_of(number: int) -> CallPlan:
        voices = tuple(
            Voice(sound=noise(100 + 2 * number + side, seconds=1), user=f"{3_000 + 2 * number + side}")
            for side in (0, 1)
        )
        return planned(recorder, voices=voices, rtcp=False)

    known = recorder.ids()
    reports = await place_all(plan_of, calls=20, per_second=40)
    made = await recorder.made(known, count=20)
    by_ssrc = {ssrc: each for each in made for stream in each.capture["streams"] for ssrc in stream["ssrcs"]}
    for number, report in enumerate(reports):
        assert isinstance(report, CallReport), report
        recorded = by_ssrc[report.streams[0].ssrcs[0]]
        assert recorded.card["caller"]["number"] == f"{3_000 + 2 * number}"
        for stream in report.streams:
            assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
