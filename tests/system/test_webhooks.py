"""Webhooks of a running server: each vendor's are checked by that vendor's own validator, and told by its own rules."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from callvault.audio.wav_header import wav_header
from tests.receiver import Answer, Received, Receiver, receiving
from tests.system.archive import command
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold, says
from tests.system.running import Running, running

TELNYX = (
    Client(name="telnyx", script="hooks_telnyx_4.py", exceptions={}),
    Client(name="telnyx-2", script="hooks_telnyx_2.py", exceptions={}),
    Client(name="telnyx-js", script="hooks_telnyx_js.cjs", exceptions={}),
)
STANDARD = Client(name="standardwebhooks", script="hooks_standard.py", exceptions={})
TWILIO = (
    Client(name="twilio", script="hooks_laml.py", exceptions={}),
    Client(name="twilio-8", script="hooks_laml.py", exceptions={}),
    Client(name="twilio-js", script="hooks_laml_js.cjs", exceptions={}),
)
SIGNALWIRE = (
    Client(name="signalwire", script="hooks_laml.py", exceptions={}),
    Client(name="signalwire-js", script="hooks_laml_js.cjs", exceptions={}),
)
"""signalwire 1 for Python has no validator."""
CALL: Mapping[str, Any] = {
    "caller": {"number": "+12025550101"},
    "callee": {"number": "+442079460199"},
    "transcription": {
        "id": "0a4f1c9e-4444-41ef-8a10-02420a0d7e70",
        "status": "available",
        "created_at": "2026-01-02T09:01:00.000Z",
        "updated_at": "2026-01-02T09:02:00.000Z",
        "completed_at": "2026-01-02T09:02:00.000Z",
        "transcripts": [{"text": "Zwei Tees für Zoë, please & thanks.", "confidence": 0.875}],
    },
}
CONFERENCE: Mapping[str, Any] = {"source": "conference", "conference_id": "0a4f1c9e-3333-41ef-8a10-02420a0d7e70"}
FRESH_S, TOO_OLD_S = 180, 301
"""Besides the seconds that a validator takes to start."""


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Running]:
    """A server that may call its neighbours on loopback, and trusts the private authority."""
    environment = {"CALLVAULT_HOOK_NETWORKS": "127.0.0.0/8", "CALLVAULT_HOOK_CA": str(certificates.authority)}
    with running(tmp_path_factory.mktemp("telling") / "data", environment=environment) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(lambda _: Answer(status=200)) as listening:
        yield listening


@dataclass(frozen=True, kw_only=True)
class House:
    """An account on the server, and who listens to it."""

    server: Running
    folder: Path
    name: str
    account: Mapping[str, Any]

    def credentials(self, dialect: str) -> dict[str, str]:
        words: dict[str, str] = self.account["dialects"][dialect]
        return words

    def hook(self, url: str, dialect: str, *said: str) -> Any:
        return command(self.server, "hook", "add", url, "--account", self.name, "--dialect", dialect, *said)

    def record(self, card: Mapping[str, Any]) -> dict[str, Any]:
        """What ``callvault show`` says of a new recording of one second."""
        file = self.folder / f"{len(list(self.folder.glob('*.wav')))}.wav"
        file.write_bytes(wav_header(samples=8000, channels=1, sample_rate=8000) + file.stem.encode().ljust(16_000))
        file.with_name(file.name + ".json").write_text(json.dumps(card))
        (taken,) = command(self.server, "add", str(file), "--account", self.name)
        shown: dict[str, Any] = command(self.server, "show", taken["id"])
        return shown

    def delete(self, recording: dict[str, Any]) -> None:
        key = {"Authorization": f"Bearer {self.account['key']['token']}"}
        url = f"{self.server.url}/callvault/v1/recordings/{recording['recording']['id']}"
        assert httpx.delete(url, headers=key, trust_env=False, timeout=30).status_code == 204


@pytest.fixture
def house(telling: Running, tmp_path: Path, request: pytest.FixtureRequest) -> House:
    name = re.sub(r"\W+", "-", request.node.name)
    return House(server=telling, folder=tmp_path, name=name, account=command(telling, "account", "add", name))


def flipped(text: str) -> str:
    """The last digit, one bit of it: it stays JSON or a form, and says something else."""
    at = max(index for index, letter in enumerate(text) if letter.isascii() and letter.isdigit())
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


def unwrapping(requests: Sequence[Received], expected: Sequence[tuple[str, str | None]]) -> list[Statement]:
    """What a validator has to make of genuine requests, and of what is not."""
    assert len(requests) == len(expected), [request.body for request in requests]
    statements = []
    for number, (request, (event, recording)) in enumerate(zip(requests, expected, strict=True)):
        given = {"body": request.body.decode(), "headers": request.headers}
        other = {**given, "body": flipped(request.body.decode())}
        statements += [
            says(f"{number} {event} is genuine", "unwrap", given, {"event": event, "recording": recording}),
            says(f"{number} {event} with one bit flipped", "unwrap", other, _is_refused),
            says(f"{number} {event}, still fresh", "unwrap", {**given, "later_s": FRESH_S}, _is_taken),
            says(f"{number} {event}, 301 s old", "unwrap", {**given, "later_s": TOO_OLD_S}, _is_refused),
        ]
    return statements


def _is_refused(answer: Any) -> None:
    assert set(answer) == {"refused"}, answer


def _is_taken(answer: Any) -> None:
    assert "event" in answer, answer


@pytest.mark.parametrize("client", [client.parameter() for client in TELNYX])
def test_telnyx(client: Client, house: House, receiver: Receiver) -> None:
    house.hook(receiver.url("/telnyx"), "telnyx", "--option", "client_state=dGVh")
    call, conference = house.record(CALL), house.record(CONFERENCE)
    requests = sorted(receiver.wait_for(3), key=lambda request: request.body[:60])
    ids = [shown["dialects"]["telnyx"]["recording_id"] for shown in (call, conference)]
    expected = [
        ("call.recording.saved", ids[0]),
        ("call.recording.transcription.saved", ids[0]),
        ("conference.recording.saved", ids[1]),
    ]
    hold(client, house.credentials("telnyx"), unwrapping(requests, expected))
    saved = json.loads(requests[0].body)
    assert saved["data"]["payload"]["client_state"] == "dGVh"
    assert saved["meta"] == {"attempt": 1, "delivered_to": receiver.url("/telnyx")}
    (link,) = saved["data"]["payload"]["recording_urls"].values()
    assert httpx.get(link, trust_env=False, timeout=30).content[:4] == b"RIFF", "what it links to can be fetched by now"


@pytest.mark.parametrize("client", [STANDARD.parameter()])
def test_our_own(client: Client, house: House, receiver: Receiver) -> None:
    house.hook(receiver.url("/ours"), "callvault")
    call = house.record(CALL)
    house.delete(call)
    id_ = call["recording"]["id"]
    kinds = ("recording.ended", "recording.available", "transcription.available", "recording.deleted")
    requests = receiver.wait_for(4)
    hold(client, house.credentials("callvault"), unwrapping(requests, [(kind, id_) for kind in kinds]))
    assert len({request.headers["webhook-id"] for request in requests}) == 4


def callbacks(
    requests: Sequence[Received], receiver: Receiver, key: str, header: str, expected: Sequence[Mapping[str, Any]]
) -> list[Statement]:
    """What a validator of status callbacks has to make of genuine requests, and of what is not."""
    assert len(requests) == len(expected), [request.body for request in requests]
    statements = []
    for number, (request, says_) in enumerate(zip(requests, expected, strict=True)):
        given = {
            "key": key,
            "url": f"{receiver.scheme}://{request.headers['host']}{request.target}",
            "body": request.body.decode(),
            "signature": request.headers[header],
        }
        told = "body" if request.body else "url"
        statements += [
            says(f"{number} is genuine", "validate", given, dict(says_)),
            says(f"{number} with one bit flipped", "validate", {**given, told: flipped(given[told])}, _is_refused),
            says(f"{number} sent elsewhere", "validate", {**given, "url": given["url"] + "x"}, _is_refused),
        ]
    return statements


@pytest.mark.parametrize("client", [client.parameter() for client in (*TWILIO, *SIGNALWIRE)])
def test_twilio_and_signalwire(client: Client, house: House, receiver: Receiver) -> None:
    twilio = client in TWILIO
    vendor, prefix = ("twilio", "twilio_") if twilio else ("signalwire", "")
    said = ("--option", f"vendor={vendor}")
    both = ("--event", "recording.available", "--event", "transcription.available")
    house.hook(receiver.url("/status?a=1&b=%20c"), "signalwire", *said, *both)
    sid = house.record(CALL)["dialects"]["signalwire"][f"{prefix}recording_sid"]
    receiver.wait_for(2)
    house.hook(receiver.url("/asked"), "signalwire", *said, "--method", "GET")
    other = house.record({})["dialects"]["signalwire"][f"{prefix}recording_sid"]
    requests = receiver.wait_for(4)
    requests = [request for request in requests if request.method == "POST"][:2] + [
        request for request in requests if request.method == "GET"
    ]
    key, header = ("auth_token", "x-twilio-signature") if twilio else ("signing_key", "x-signalwire-signature")
    expected = [{"status": "completed", "recording": sid}, {"status": None, "recording": sid}]
    asked = {"status": None, "recording": None}  # by GET it is all in the URL, and signed with it
    statements = callbacks(requests, receiver, key, header, [*expected, asked])
    hold(client, house.credentials("signalwire"), statements)
    assert requests[2].query["RecordingSid"] == other
    assert "Zoë, please & thanks." in dict(parse_qsl(requests[1].body.decode()))["TranscriptionText"]


def test_over_tls_with_a_private_authority(house: House, certificates: Certificates) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.certificate, certificates.key)
    with receiving(tls=tls) as receiver:
        house.hook(receiver.url("/status"), "signalwire")
        house.record({})
        (request,) = receiver.wait_for(1)
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_bandwidth(house: House, receiver: Receiver) -> None:
    said = ("--username", "ruth", "--password", "tea: two", "--option", "tag=tea")
    house.hook(receiver.url("/bandwidth"), "bandwidth", *said)
    call, conference = house.record(CALL), house.record(CONFERENCE)
    told = {json.loads(request.body)["eventType"]: request for request in receiver.wait_for(3)}
    assert set(told) == {"recordingAvailable", "transcriptionAvailable", "conferenceRecordingAvailable"}
    assert {request.headers["authorization"] for request in told.values()} == {"Basic cnV0aDp0ZWE6IHR3bw=="}
    available = json.loads(told["recordingAvailable"].body)
    names = call["dialects"]["bandwidth"]
    assert (available["recordingId"], available["tag"], available["duration"]) == (names["recording_id"], "tea", "PT1S")
    own = house.credentials("bandwidth")
    heard = httpx.get(available["mediaUrl"], auth=(own["username"], own["password"]), trust_env=False, timeout=30)
    assert heard.content[:4] == b"RIFF"
    other = json.loads(told["conferenceRecordingAvailable"].body)
    assert other["recordingId"] == conference["dialects"]["bandwidth"]["recording_id"]
    assert "callId" not in other


def test_kazoo(house: House, receiver: Receiver) -> None:
    house.hook(receiver.url("/form"), "kazoo")
    house.hook(receiver.url("/json"), "kazoo", "--option", "format=json")
    house.hook(receiver.url("/query"), "kazoo", "--method", "GET")
    recording = house.record({})
    house.delete(recording)
    requests = receiver.wait_for(9)
    form = [dict(parse_qsl(request.body.decode())) for request in requests if request.path == "/form"]
    assert [told["action"] for told in form] == ["doc_created", "doc_edited", "doc_deleted"]
    assert {told["type"] for told in form} == {"call_recording"}
    assert {told["id"] for told in form} == {recording["dialects"]["kazoo"]["recording_id"]}
    assert [json.loads(request.body) for request in requests if request.path == "/json"] == form
    assert [request.query for request in requests if request.path == "/query"] == form
    assert {request.headers["content-type"] for request in requests if request.path == "/form"} == {
        "application/x-www-form-urlencoded"
    }
