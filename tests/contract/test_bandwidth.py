"""Bandwidth through the whole house: transcriptions asked for and taken back, audio deleted alone, conferences."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.bandwidth import words
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.events import EventKind
from callvault.model.ids import new_id
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Recording, Source, Status
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.wire import WireReply
from tests.world import NOW, TOKEN, World, json_of, open_world

ACME = Account(id=UUID("019cad00-0000-7000-8000-00000000ac3e"), serial=71_000_042, name="acme", created_at=NOW)
BASE = f"/api/v2/accounts/{ACME.serial}"
KEY = {"Authorization": "Basic " + base64.b64encode(f"{TOKEN[:16]}:{TOKEN[16:]}".encode()).decode()}
CONFERENCE = UUID("019cad00-0000-7000-8000-0000000c0f0e")
SAID = Transcription(
    id=UUID("019cad00-0000-7000-8000-00000000751d"),
    status=TranscriptionStatus.AVAILABLE,
    created_at=NOW,
    updated_at=NOW,
    completed_at=NOW,
    transcripts=(Transcript(text="Two teas.", confidence=0.5),),
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        await opened.account(ACME)
        yield opened


async def record(world: World, **fields: Any) -> Recording:
    known = {
        "id": new_id(NOW, bytes(10)),
        "call_id": UUID(int=7 << 76),
        "status": Status.AVAILABLE,
        "media_state": MediaState.WHOLE,
        "started_at": NOW,
        "ended_at": NOW + timedelta(seconds=1),
        "duration_ms": 1000,
        "format": MediaFormat.WAV,
        "channels": 1,
    }
    return await world.record(ACME.id, Card(**{**known, **fields}))


def path_of(recording: Recording) -> str:
    return f"{BASE}/calls/{words.leg_id(recording)}/recordings/{words.recording_id(recording)}"


async def ask(world: World, method: str, path: str, body: object = None) -> WireReply:
    headers = KEY if body is None else {**KEY, "Content-Type": "application/json"}
    return await world.ask(method, path, headers, b"" if body is None else json.dumps(body).encode())


async def test_a_transcription_that_is_asked_for_is_told_of_where_the_request_says(world: World) -> None:
    recording = await record(world)
    body = {
        "callbackUrl": "https://hooks.example.net/bandwidth",
        "callbackMethod": "POST",
        "callbackTimeout": 12.5,
        "username": "ruth",
        "password": "two teas",
        "tag": "order 7",
        "detectLanguage": False,
    }
    reply = await ask(world, "POST", path_of(recording) + "/transcription", body)
    assert (reply.status, reply.body) == (204, b"")
    (hook,) = await world.vault.catalogue.hooks(ACME.id, recording.id)
    assert (hook.dialect, hook.url, hook.method, hook.username) == ("bandwidth", body["callbackUrl"], "POST", "ruth")
    assert hook.recording_id == recording.id
    assert hook.events == {EventKind.TRANSCRIPTION_AVAILABLE, EventKind.TRANSCRIPTION_FAILED}
    assert hook.options == {"tag": "order 7", "timeout": "12.5"}
    assert world.vault.notifying.password(hook) == "two teas"
    one = await json_of(await ask(world, "GET", path_of(recording)))
    assert one["transcription"]["status"] in {"processing", "error"}


async def test_who_asks_last_is_told_alone(world: World) -> None:
    recording = await record(world)
    for number in range(3):
        body = {"callbackUrl": f"https://hooks.example.net/{number}"}
        reply = await ask(world, "POST", path_of(recording) + "/transcription", body)
        while reply.status == 409:  # the one before is being made
            await asyncio.sleep(0.01)
            reply = await ask(world, "POST", path_of(recording) + "/transcription", body)
    hooks = await world.vault.catalogue.hooks(ACME.id, recording.id)
    assert [hook.url for hook in hooks] == ["https://hooks.example.net/2"]


@pytest.mark.parametrize("body", [None, {}, {"callbackUrl": None, "tag": None, "callbackTimeout": None}])
async def test_nobody_has_to_be_told(world: World, body: object) -> None:
    recording = await record(world)
    assert (await ask(world, "POST", path_of(recording) + "/transcription", body)).status == 204
    assert await world.vault.catalogue.hooks(ACME.id, recording.id) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"callbackTimeout": 26}, "callbackTimeout must be within the range [1, 25], but was 26"),
        ({"callbackTimeout": "9"}, "callbackTimeout must be a number, but was 9"),
        ({"callbackMethod": "PUT"}, "callbackMethod must be GET or POST, but was PUT"),
        ({"detectLanguage": "yes"}, "detectLanguage must be true or false, but was yes"),
        ({"username": "x" * 1025}, "username must be a text of at most 1024 characters"),
        ([], "The request body must be a JSON object"),
        ({"callbackUrl": "http://127.0.0.1/hook"}, "127.0.0.1"),
        ({"callbackUrl": "gopher://example.net"}, "gopher"),
    ],
)
async def test_a_wrong_request_changes_nothing(world: World, body: object, sentence: str) -> None:
    recording = await record(world)
    reply = await ask(world, "POST", path_of(recording) + "/transcription", body)
    assert reply.status == 400
    said = await json_of(reply)
    assert said["type"] == "validation"
    assert sentence in said["description"]
    assert (await json_of(await ask(world, "GET", path_of(recording))))["transcription"] is None
    assert await world.vault.catalogue.hooks(ACME.id, recording.id) == []


async def test_a_transcription_is_deleted_and_the_recording_stays(world: World) -> None:
    recording = await record(world, transcription=SAID)
    where = path_of(recording) + "/transcription"
    assert (await json_of(await ask(world, "GET", where))) == {
        "transcripts": [{"text": "Two teas.", "confidence": 0.5}]
    }
    assert (await ask(world, "DELETE", where)).status == 204
    assert (await ask(world, "GET", where)).status == 404
    assert (await ask(world, "DELETE", where)).status == 404
    one = await json_of(await ask(world, "GET", path_of(recording)))
    assert (one["transcription"], one["status"]) == (None, "complete")


async def test_audio_is_deleted_and_the_metadata_stays(world: World) -> None:
    recording = await record(world)
    media = path_of(recording) + "/media"
    assert (await ask(world, "GET", media)).status == 200
    assert (await ask(world, "DELETE", media)).status == 204
    one = await json_of(await ask(world, "GET", path_of(recording)))
    assert (one["status"], one["mediaUrl"], one["duration"]) == ("deleted", None, "PT1S")
    assert (await ask(world, "GET", media)).status == 404
    refused = await ask(world, "POST", path_of(recording) + "/transcription", {"tag": "late"})
    assert (refused.status, (await json_of(refused))["type"]) == (410, "validation")


async def test_a_conferences_recordings_have_a_shape_of_their_own(world: World) -> None:
    conference = await record(
        world,
        conference_id=CONFERENCE,
        conference_name="standup",
        source=Source.CONFERENCE,
        label="line-2",
    )
    name = words.conference_id(conference)
    where = f"{BASE}/conferences/{name}/recordings"
    shown = {
        "accountId": str(ACME.serial),
        "conferenceId": name,
        "name": "standup",
        "recordingId": words.recording_id(conference),
        "duration": "PT1S",
        "channels": 1,
        "startTime": "2026-03-05T07:08:09.123Z",
        "endTime": "2026-03-05T07:08:10.123Z",
        "fileFormat": "wav",
        "status": "complete",
        "mediaUrl": f"{world.base_url}{where}/{words.recording_id(conference)}/media",
        "recordingName": "line-2",
    }
    assert (await json_of(await ask(world, "GET", where))) == [shown]
    assert (await json_of(await ask(world, "GET", f"{where}/{shown['recordingId']}"))) == shown
    audio = await ask(world, "GET", f"{where}/{shown['recordingId']}/media")
    assert (audio.status, dict(audio.headers)["content-type"]) == (200, "audio/vnd.wave")
    other = words.conference_id(await record(world, id=new_id(NOW, b"1" * 10), conference_id=UUID(int=9 << 76)))
    assert (await json_of(await ask(world, "GET", f"{BASE}/conferences/{other}/recordings"))) == []
    assert (await ask(world, "GET", f"{BASE}/conferences/{other}/recordings/{shown['recordingId']}")).status == 404
    assert (await json_of(await ask(world, "GET", f"{BASE}/recordings")))[0]["callId"]


async def test_what_later_pages_have_follows_where_it_is_known(world: World) -> None:
    recording = await record(world, application_id="1f0e9d8c-7b6a-4958-8776-655443322110", label="line-2")
    one = await json_of(await ask(world, "GET", path_of(recording)))
    assert list(one)[-2:] == ["applicationId", "recordingName"]
    assert (one["applicationId"], one["recordingName"]) == ("1f0e9d8c-7b6a-4958-8776-655443322110", "line-2")
