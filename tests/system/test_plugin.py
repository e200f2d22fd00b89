"""callvault's pytest plugin in somebody else's project, with the vendors' own SDKs."""

from __future__ import annotations

from pathlib import Path

from tests.system.third_party import run_project

INI = "[pytest]\ncallvault_seed = cast/recordings.yaml\nfilterwarnings = error\n"

SEED = """
clock: stepped
accounts:
  - name: shop
    serial: 55001234
    recordings:
      - {name: order, audio: {tone: 3, hz: 500, channels: 2}}
      - {name: live, audio: {speech: 8}, progress: {0: capturing, 10: processing, 12: available}}
  - name: other
    recordings: [{}]
"""

TELNYX = """
import httpx
import pytest
import telnyx


@pytest.fixture
def client(callvault):
    told = callvault.credentials("telnyx")
    return telnyx.Telnyx(api_key=told["api_key"], base_url=told["base_url"], max_retries=0)


def test_a_recording_is_fetched_once_it_is_there(callvault, client):
    live = callvault.recording("live")
    name = live.names["telnyx"]["recording_id"]
    assert live.status == "capturing"
    with pytest.raises(telnyx.NotFoundError):
        client.recordings.retrieve(name)
    callvault.advance(12)
    urls = client.recordings.retrieve(name).data.download_urls
    assert httpx.get(urls.wav, trust_env=False).content[:4] == b"RIFF"


def test_every_test_begins_anew(callvault, client):
    assert callvault.recording("live").status == "capturing"
    assert len(list(client.recordings.list())) == 1


def test_a_limit_is_the_sdks_own_exception(callvault, client):
    callvault.fault(dialect="telnyx", path="/v2/recordings", status=429, retry_after_s=2)
    with pytest.raises(telnyx.RateLimitError) as refused:
        client.recordings.list()
    assert refused.value.response.headers["retry-after"] == "2"
    assert len(list(client.recordings.list())) == 1


def test_the_sdk_tries_again_where_it_is_worth_it(callvault):
    told = callvault.credentials("telnyx")
    patient = telnyx.Telnyx(api_key=told["api_key"], base_url=told["base_url"], max_retries=2)
    callvault.fault(status=503, times=2)
    assert len(list(patient.recordings.list())) == 1


def test_other_accounts_have_their_own(callvault):
    told = callvault.credentials("telnyx", account="other")
    client = telnyx.Telnyx(api_key=told["api_key"], base_url=told["base_url"])
    assert len(list(client.recordings.list())) == 1
"""

TWILIO = """
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client


@pytest.fixture
def client(callvault):
    told = callvault.credentials("signalwire")
    client = Client(told["account_sid"], told["auth_token"])
    client.api.base_url = told["twilio_base_url"]
    return client


def test_a_recording_goes_through_the_vendors_statuses(callvault, client):
    sid = callvault.recording("live").names["signalwire"]["twilio_recording_sid"]
    seen = [client.recordings(sid).fetch().status]
    for seconds in (10, 2):
        callvault.advance(seconds)
        seen.append(client.recordings(sid).fetch().status)
    assert seen == ["in-progress", "processing", "completed"]
    assert client.recordings(sid).fetch().duration == "8"


def test_a_limit_is_the_sdks_own_exception(callvault, client):
    callvault.fault(dialect="signalwire", status=429)
    sid = callvault.recording("order").names["signalwire"]["twilio_recording_sid"]
    with pytest.raises(TwilioRestException) as refused:
        client.recordings(sid).fetch()
    assert (refused.value.status, refused.value.code) == (429, 20429)


def test_what_is_deleted_is_back_after_a_reset(callvault, client):
    sid = callvault.recording("order").names["signalwire"]["twilio_recording_sid"]
    assert client.recordings(sid).delete()
    assert callvault.recording("order").status == "deleted"
    callvault.reset()
    assert client.recordings(sid).fetch().duration == "3"
"""

BROKEN_LINES = """
import time

import httpx
import pytest


def fetch(callvault):
    url = callvault.recording("order").names["telnyx"]["media_url"]
    return httpx.get(url, trust_env=False)


def test_audio_that_breaks_off(callvault):
    whole = fetch(callvault).content
    callvault.fault(path="/media/*", break_after_bytes=5000)
    with pytest.raises(httpx.RemoteProtocolError):
        fetch(callvault)
    assert fetch(callvault).content == whole


def test_audio_that_comes_slowly(callvault):
    callvault.fault(path="/media/*", first_byte_after_s=0.2, bytes_per_s=500_000)
    begun = time.monotonic()
    assert len(fetch(callvault).content) == 44 + 3 * 8000 * 4
    assert time.monotonic() - begun > 0.3


def test_a_client_without_patience(callvault):
    callvault.fault(path="/media/*", first_byte_after_s=30)
    url = callvault.recording("order").names["telnyx"]["media_url"]
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, trust_env=False, timeout=0.2)


def test_what_is_no_fault_is_refused_with_a_sentence(callvault):
    with pytest.raises(Exception, match="status must be 401"):
        callvault.fault(status=200)
"""

WITHOUT_SEED = """
def test_there_is_a_cast_without_a_file(callvault_server):
    statuses = {name: entry.status for name, entry in callvault_server.recordings().items()}
    assert statuses == {
        "order": "available", "question": "available", "conference": "available", "voicemail": "available",
        "live": "capturing", "soon": None, "broken": "capturing",
    }
    callvault_server.advance(30)
    assert {entry.status for entry in callvault_server.recordings().values()} == {"available", "failed"}
    callvault_server.reset()
    assert callvault_server.recording("soon").status is None
"""

QUIET = """
import sys


def test_it():
    assert [name for name in sys.modules if name.startswith(("callvault.server", "callvault.vault", "numpy"))] == []
"""


def test_a_suite_with_a_vendors_sdk(tmp_path: Path) -> None:
    files = {"pytest.ini": INI, "cast/recordings.yaml": SEED, "test_telnyx.py": TELNYX, "test_twilio.py": TWILIO}
    outcome = run_project(tmp_path, {**files, "test_lines.py": BROKEN_LINES}, sdks=["telnyx", "twilio"])
    assert outcome.counts == {"passed": 12}, outcome.output


def test_a_suite_without_a_seed_file(tmp_path: Path) -> None:
    outcome = run_project(tmp_path, {"test_cast.py": WITHOUT_SEED})
    assert outcome.counts == {"passed": 1}, outcome.output


def test_a_mistake_in_the_seed_file_is_what_the_suite_is_told(tmp_path: Path) -> None:
    files = {"pytest.ini": INI, "cast/recordings.yaml": "accounts:\n  - nam: shop\n", "test_cast.py": WITHOUT_SEED}
    outcome = run_project(tmp_path, files)
    assert outcome.counts == {"error": 1}, outcome.output
    assert "recordings.yaml, line 2: An account has no field 'nam'" in outcome.output


def test_nothing_starts_where_nothing_is_asked_for(tmp_path: Path) -> None:
    outcome = run_project(tmp_path, {"test_quiet.py": QUIET}, flags=["-W", "error"])
    assert outcome.counts == {"passed": 1}, outcome.output
