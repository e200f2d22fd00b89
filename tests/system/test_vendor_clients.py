"""The vendors' own clients, unmodified, against a running server: list, get, download, delete, and their exceptions.

Kazoo and Bird, whose clients have no recordings, are spoken to in plain HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.system.archive import CARDS, CONFERENCE, CONNECTION, LEG, SESSION, Filled, decoded, fill
from tests.system.authority import Certificates, certify
from tests.system.environments import run_client
from tests.system.running import Running, running

LAST = len(CARDS) - 1
SINCE = "2026-01-03T09:00:00.000Z"
"""When the third recording began."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certify(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Running]:
    flags = ("--tls-cert", str(certificates.certificate), "--tls-key", str(certificates.key))
    with running(tmp_path_factory.mktemp("tls") / "data", *flags) as server:
        yield server


def assert_is_the_recording(content: str, filled: Filled, folder: Path) -> None:
    """Sample by sample what was put in."""
    assert np.array_equal(decoded(bytes.fromhex(content), folder), filled.samples[LAST])


def assert_sounds_like_it(content: str, filled: Filled, folder: Path) -> None:
    """As long as what was put in, in as many channels, to within a frame of a lossy format."""
    heard = decoded(bytes.fromhex(content), folder)
    assert heard.shape[1] == 2
    assert abs(len(heard) - len(filled.samples[LAST])) <= 2 * 1152


def test_bandwidth(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "bandwidth")
    ids = filled.names("bandwidth", "recording_id")
    told = {
        **filled.credentials("bandwidth"),
        "call_id": filled.names("bandwidth", "call_id")[LAST],
        "recording_id": ids[LAST],
        "from": "+12025550105",
        "to": "+12025550199",
        "since": SINCE,
    }
    answer = run_client("bandwidth", "bandwidth_23.py", told)
    assert answer["all"] == ids
    assert answer["starts"] == sorted(answer["starts"])
    assert answer["to"] == ids[:2]
    assert answer["from"] == [ids[LAST]]
    assert answer["since"] == ids[2:]
    assert answer["before"] == ids[:2]
    assert answer["of_call"] == [ids[LAST]]
    assert answer["one"] == {"id": ids[LAST], "duration": "PT1.4S", "channels": 2, "status": "complete"}
    assert_is_the_recording(answer["audio"], filled, tmp_path)
    assert answer["wrong_password"] == {"status": 401, "type": "UnauthorizedException"}
    assert answer["wrong_account"] == {"status": 403, "type": "ForbiddenException"}
    assert answer["unknown"] == {"status": 404, "type": "NotFoundException"}
    assert answer["bad_time"] == {"status": 400, "type": "BadRequestException"}
    assert answer["after_deletion"] == ids[:LAST]


def test_telnyx(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "telnyx")
    ids = filled.names("telnyx", "recording_id")
    newest_first = ids[::-1]
    told = {
        **filled.credentials("telnyx"),
        "recording_id": ids[LAST],
        "call_leg_id": LEG,
        "call_session_id": SESSION,
        "connection_id": CONNECTION,
        "conference_id": CONFERENCE,
        "from": "+12025550102",
        "to": "+12025550199",
        "since": filled.shown[2]["recording"]["created_at"],
    }
    answer = run_client("telnyx", "telnyx_4.py", told)
    assert answer["all"] == newest_first
    assert answer["paged"] == newest_first
    assert answer["from"] == [ids[1]]
    assert answer["to"] == [ids[1], ids[0]]
    assert answer["leg"] == answer["session"] == answer["connection"] == [ids[LAST]]
    assert answer["conference"] == [ids[3]]
    assert answer["since"] == newest_first[:3]
    assert answer["until"] == newest_first[2:]
    assert answer["one"] == {"id": ids[LAST], "channels": "dual", "duration_millis": 1400, "status": "completed"}
    assert_is_the_recording(answer["audio"], filled, tmp_path)
    assert_sounds_like_it(answer["mp3"], filled, tmp_path)
    assert answer["wrong_key"] == {"status": 401, "type": "AuthenticationError"}
    assert answer["unknown"] == {"status": 404, "type": "NotFoundError"}
    assert answer["bad_page"] == {"status": 422, "type": "UnprocessableEntityError"}
    assert answer["after_deletion"] == newest_first[1:]


def test_twilio(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "twilio")
    sids = filled.names("signalwire", "twilio_recording_sid")
    newest_first = sids[::-1]
    told = {
        **filled.credentials("signalwire"),
        "recording_sid": sids[LAST],
        "call_sid": filled.names("signalwire", "twilio_call_sid")[LAST],
        "media_url": filled.names("signalwire", "twilio_media_url")[LAST],
        "since": "2026-01-03T12:00:00+00:00",
    }
    answer = run_client("twilio", "twilio_9.py", told)
    assert answer["all"] == newest_first
    assert answer["call"] == answer["of_call"] == [sids[LAST]]
    assert answer["after"] == newest_first[:2]
    assert answer["before"] == newest_first[2:]
    assert answer["one"] == {
        "sid": sids[LAST],
        "duration": "1",
        "channels": 2,
        "status": "completed",
        "started": "2026-01-05T09:00:00+00:00",
    }
    assert_is_the_recording(answer["wav"], filled, tmp_path)
    assert answer["bare"] == answer["wav"]
    assert_sounds_like_it(answer["mp3"], filled, tmp_path)
    assert answer["metadata_without_credentials"] == 401
    assert answer["wrong_token"] == {"status": 401, "type": "TwilioRestException", "code": 20003}
    assert answer["unknown"] == {"status": 404, "type": "TwilioRestException", "code": 20404}
    assert answer["deleted"] is True
    assert answer["after_deletion"] == newest_first[1:]


def test_signalwire_over_tls(tls_server: Running, certificates: Certificates, tmp_path: Path) -> None:
    filled = fill(tls_server, tmp_path, "signalwire")
    sids = filled.names("signalwire", "recording_sid")
    told = {
        **filled.credentials("signalwire"),
        "recording_sid": sids[LAST],
        "call_sid": filled.names("signalwire", "call_sid")[LAST],
        "media_url": filled.names("signalwire", "media_url")[LAST],
    }
    answer = run_client("signalwire", "signalwire_2.py", told, authority=certificates.authority)
    assert answer["all"] == sids[::-1]
    assert answer["call"] == [sids[LAST]]
    assert answer["one"]["sid"] == sids[LAST]
    assert answer["one"]["duration"] == "1"
    assert answer["one"]["status"] == "completed"
    assert_is_the_recording(answer["wav"], filled, tmp_path)
    assert_sounds_like_it(answer["mp3"], filled, tmp_path)
    assert answer["metadata_without_credentials"] == 401
    assert answer["wrong_token"] == {"status": 401, "type": "TwilioRestException", "code": 20003}
    assert answer["unknown"] == {"status": 404, "type": "TwilioRestException", "code": 20404}
    assert answer["deleted"] is True
    assert answer["after_deletion"] == sids[:LAST][::-1]


def test_kazoo(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "kazoo")
    told = filled.credentials("kazoo")
    ids = filled.names("kazoo", "recording_id")
    base = f"{told['base_url']}/accounts/{told['account_id']}/recordings"
    with httpx.Client(timeout=20) as client:
        login = client.put(f"{told['base_url']}/api_auth", json={"data": {"api_key": told["api_key"]}})
        assert login.status_code == 201
        client.headers["X-Auth-Token"] = login.json()["auth_token"]
        assert [item["id"] for item in everything(client, base)] == ids[::-1]
        document = client.get(f"{base}/{ids[LAST]}").json()["data"]
        assert document["duration_ms"] == 1400
        audio = client.get(f"{base}/{ids[LAST]}", headers={"Accept": "audio/mpeg"})
        assert audio.headers["content-type"] == "audio/x-wav"
        assert_is_the_recording(audio.content.hex(), filled, tmp_path)
        asked = client.get(f"{base}/{ids[LAST]}", params={"accept": "audio/mpeg", "inline": "true"})
        assert asked.content == audio.content
        assert asked.headers["content-disposition"].startswith("inline")
        assert client.delete(f"{base}/{ids[LAST]}").json()["data"]["_read_only"]["deleted"] is True
        assert client.get(f"{base}/{ids[LAST]}").status_code == 404
        assert [item["id"] for item in everything(client, base)] == ids[:LAST][::-1]
        assert httpx.get(base).status_code == 401


def everything(client: httpx.Client, url: str) -> list[dict[str, Any]]:
    """Page by page as Kazoo's web client does it: until there is no next key, or it is the one we began with."""
    items: list[dict[str, Any]] = []
    parameters: dict[str, str] = {"page_size": "2"}
    while True:
        page = client.get(url, params=parameters).json()
        assert page["page_size"] == len(page["data"])
        items += page["data"]
        following = page.get("next_start_key")
        if following is None or following == page["start_key"]:
            return items
        parameters["start_key"] = following


def test_kazoo_pushes_and_reads_back(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "pushed")
    told = filled.credentials("kazoo")
    content = bytes(range(256)) * 64
    wav = b"RIFF" + (36 + len(content)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    wav += bytes.fromhex("0100010040 1f0000 803e0000 0200 1000".replace(" ", "")) + b"data"
    wav += len(content).to_bytes(4, "little") + content
    recording_id = "202601-00112233445566778899aabbccddeeff"
    query = f"from=1000%40acme.example&to=2000%40acme.example&call_id=abc-1%40pbx&recording_id={recording_id}"
    url = f"{told['push_url']}/call_recording_abc-1@pbx.wav?{query}"
    for _ in range(2):  # Kazoo sends again when it did not hear our answer
        assert httpx.put(url, content=wav).is_success
    assert httpx.get(url).content == wav
    base = f"{told['base_url']}/accounts/{told['account_id']}/recordings"
    headers = {"X-Auth-Token": told["api_key"]}
    document = httpx.get(f"{base}/{recording_id}", headers=headers).json()["data"]
    assert (document["from"], document["to"]) == ("1000@acme.example", "2000@acme.example")
    assert len(httpx.get(base, headers=headers).json()["data"]) == len(CARDS) + 1


def test_bird(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "bird")
    told = filled.credentials("bird")
    ids = filled.names("bird", "recording_id")
    base = f"{told['base_url']}/workspaces/{told['workspace_id']}/recordings"
    for scheme in ("Bearer", "AccessKey"):
        with httpx.Client(timeout=20, headers={"Authorization": f"{scheme} {told['access_key']}"}) as client:
            items: list[dict[str, Any]] = []
            page: dict[str, Any] = client.get(base, params={"limit": 2}).json()
            items += page["results"]
            while "nextPageToken" in page:
                page = client.get(base, params={"limit": 2, "pageToken": page["nextPageToken"]}).json()
                items += page["results"]
            assert [item["id"] for item in items] == ids[::-1]
    last = items[0]
    assert last["stereo"] is True
    assert last["duration"] == 1
    assert_is_the_recording(httpx.get(last["url"]).content.hex(), filled, tmp_path)
    redirected = httpx.get(f"{base}/{ids[LAST]}.mp3", headers={"Authorization": f"AccessKey {told['access_key']}"})
    assert redirected.status_code == 307
    assert_sounds_like_it(httpx.get(redirected.headers["location"]).content.hex(), filled, tmp_path)
    assert httpx.get(base).status_code == 401
    assert httpx.get(last["url"].replace("signature=", "signature=x")).status_code == 403


def test_what_came_in_is_what_is_kept(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "kept")
    media = filled.shown[LAST]["recording"]["media"]
    kept = (server.data / "media" / media["key"]).read_bytes()
    assert kept == (tmp_path / f"kept-{LAST}.wav").read_bytes()
    assert hashlib.sha256(kept).hexdigest() == media["sha256"]
