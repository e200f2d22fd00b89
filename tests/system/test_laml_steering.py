"""Twilio's and SignalWire's own clients steer live calls: what is kept, cut out and silent, sample by sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.receiver import Received, receiving
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold, refuses, says
from tests.system.laml import signalwire_clients, twilio_clients
from tests.system.pieces import Piece
from tests.system.steered_calls import LiveCall, SteeredHouse, channels_of, steered_house

pytestmark = pytest.mark.slow

PYTHON = dict.fromkeys((400, 404), "TwilioRestException")
JAVASCRIPT = dict.fromkeys((400, 404), "RestException")


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What the statements differ in."""

    name: str
    """In our own API."""
    nobody: str
    source: str
    begun: str | None
    """What a duration is while it is recorded."""
    stopped: str | None
    """And when it has just been stopped."""
    key: str
    """With what callbacks are checked."""
    header: str


TWILIO = Vendor(
    name="twilio",
    nobody="CA" + "0" * 32,
    source="StartCallRecordingAPI",
    begun=None,
    stopped="0",
    key="auth_token",
    header="x-twilio-signature",
)
SIGNALWIRE = Vendor(
    name="signalwire",
    nobody="00000000-0000-4000-8000-000000000000",
    source="StartCallRecordingApi",
    begun="0",
    stopped="0",
    key="signing_key",
    header="x-signalwire-signature",
)
TWILIO_CLIENTS = twilio_clients(PYTHON, JAVASCRIPT)
SIGNALWIRE_CLIENTS = signalwire_clients(PYTHON, JAVASCRIPT)
CANNOT_SKIP = frozenset({"signalwire-1"})
"""Its update has no behaviour of a pause."""
CHECK = {
    "twilio": Client(name="twilio", script="hooks_laml.py", exceptions={}),
    "signalwire": Client(name="signalwire", script="hooks_laml.py", exceptions={}),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("laml"), certificates) as server:
        yield server


@pytest.fixture(scope="module")
def tls_house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("laml-tls"), certificates, tls=True) as server:
        yield server


@pytest.mark.parametrize("client", TWILIO_CLIENTS, ids=lambda client: client.name)
async def test_twilio(client: Client, house: SteeredHouse, tls_house: SteeredHouse) -> None:
    await steer(tls_house if client.tls else house, client, TWILIO)


@pytest.mark.parametrize("client", SIGNALWIRE_CLIENTS, ids=lambda client: client.name)
async def test_signalwire(client: Client, tls_house: SteeredHouse) -> None:
    await steer(tls_house, client, SIGNALWIRE)


async def steer(house: SteeredHouse, client: Client, vendor: Vendor) -> None:
    """A pause that is left out, a pause that is silence, and everything that is refused."""
    sids: list[str] = []
    with receiving() as hooks:
        begin = {
            "recording_channels": "dual",
            "recording_status_callback": hooks.url(),
            "recording_status_callback_event": ["in-progress", "completed"],
        }
        async with house.call() as call:
            name = call.name(vendor.name)

            async def hear(about: str, *statements: Statement) -> None:
                await call.hear(about, client, "signalwire", statements)

            def update(about: str, status: str, recording: str | None = None, **given: str) -> Statement:
                asked = {"call": name, "recording": recording or sids[0], "status": status, **given}
                duration = vendor.stopped if status == "stopped" else vendor.begun
                return says(about, "update", asked, [sids[0], status, 2, duration, vendor.source])

            def refused(about: str, status: str, recording: str) -> Statement:
                given = {"call": name, "recording": recording, "status": status}
                return refuses(about, "update", given, status=400, code=21220)

            await hear(
                "start",
                refused("nothing is under way", "paused", "Twilio.CURRENT"),
                says("start", "start", {"call": name, **begin}, begun(vendor, sids.append)),
                refuses("nobody's call", "start", {"call": vendor.nobody}, status=404, code=20404),
            )
            skips = {} if client.name in CANNOT_SKIP else {"pause_behavior": "skip"}
            await hear("skip", update("skip", "paused", **skips))
            await hear("resume", update("resume", "in-progress", "Twilio.CURRENT"))
            await hear("silence", update("silence", "paused", "Twilio.CURRENT"))
            await hear(
                "go on",
                update("go on", "in-progress"),
                refused("it goes on already", "in-progress", sids[0]),
            )
            await hear(
                "stop",
                update("stop", "stopped"),
                refused("it cannot go on", "in-progress", sids[0]),
            )
        await call.hear(
            "afterwards",
            client,
            "signalwire",
            [refuses("a call that is over", "start", {"call": name}, status=400, code=21220)],
        )
        (card,) = await house.finished(call, 1)
        requests = hooks.wait_for(2)
    for stream, channel in enumerate(channels_of(house.media(card["id"]))):
        check_pauses(call, call.kept(channel, stream), skips=client.name not in CANNOT_SKIP)
    told = [
        says(status, "validate", check(vendor, hooks.url(), request), {"status": status, "recording": sids[0]})
        for request, status in zip(requests, ("in-progress", "completed"), strict=True)
    ]
    hold(CHECK[vendor.name], house.credentials("signalwire"), told, house.authority)


def begun(vendor: Vendor, keep: Callable[[str], None]) -> Callable[[Any], None]:
    def compare(said: Any) -> None:
        keep(said[0])
        assert said[1:] == ["in-progress", 2, vendor.begun, vendor.source], said

    return compare


def check(vendor: Vendor, url: str, request: Received) -> Mapping[str, Any]:
    return {
        "key": vendor.key,
        "url": url,
        "body": request.body.decode(),
        "signature": request.headers[vendor.header],
    }


def check_pauses(call: LiveCall, kept: list[Piece], *, skips: bool) -> None:
    """What was skipped is not there, and what was silenced is silence of its own length."""
    first, *quiet, second, silence, last = kept
    assert [piece.sent for piece in (*quiet, silence)] == [None] * (1 if skips else 2)
    assert first.sent is not None
    assert second.sent is not None
    assert last.sent is not None
    assert first.sent <= call.at("start")
    assert first.sent + first.size <= min(call.at("skip"), second.sent - 1)
    assert second.sent <= call.at("resume")
    assert second.sent + second.size <= call.at("silence")
    assert silence.size == last.sent - second.sent - second.size
    assert second.shift == last.shift
    assert (second.shift != first.shift) is skips
    assert last.sent <= call.at("go on")
    assert last.sent + last.size <= call.at("stop")
