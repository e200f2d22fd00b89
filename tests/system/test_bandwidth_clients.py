"""Bandwidth's own clients against a running server: every generation is held to the same statements."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from callvault.audio.wav_header import wav_header
from tests.system.archive import CARDS, CONFERENCE, LAST, RATE, TRANSCRIBED, Filled, command, decoded, fill
from tests.system.conversation import Client, Statement, hold, refuses, says
from tests.system.running import Running

CLIENTS = (
    Client(
        name="bandwidth",
        script="bandwidth_23.py",
        exceptions={
            400: "BadRequestException",
            401: "UnauthorizedException",
            403: "ForbiddenException",
            404: "NotFoundException",
            410: "ApiException",
        },
    ),
    Client(
        name="bandwidth-6",
        script="bandwidth_6.py",
        exceptions=dict.fromkeys((400, 403, 404, 410), "ApiErrorResponseException") | {401: "APIException"},
    ),
    Client(
        name="bandwidth-js",
        script="bandwidth_js.cjs",
        exceptions=dict.fromkeys((400, 401, 403, 404, 410), "AxiosError"),
    ),
)
THIRD = CARDS[2]["started_at"]
FOURTH = CARDS[3]["started_at"]
UNKNOWN = "r-0a1b2c3d-11112222-3333-4444-5555-666677778888"


@pytest.mark.parametrize("client", [client.parameter() for client in CLIENTS])
def test_bandwidth(client: Client, server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, client.name)
    hold(client, filled.credentials("bandwidth"), statements(filled))


def statements(filled: Filled) -> list[Statement]:
    ids, calls = filled.names("bandwidth", "recording_id"), filled.names("bandwidth", "call_id")
    last = {"call": calls[LAST], "recording": ids[LAST]}
    unknown = {"call": calls[LAST], "recording": UNKNOWN}
    return [
        says("all, oldest first", "list", {}, ids),
        says("to a number", "list", {"to": "+12025550199"}, ids[:2]),
        says("from a number", "list", {"from": "+12025550105"}, [ids[LAST]]),
        says("from one number to another", "list", {"from": "+12025550102", "to": "+12025550199"}, [ids[1]]),
        says("to nobody", "list", {"to": "+12025550111"}, []),
        says("since a start, which is included", "list", {"minStartTime": THIRD}, ids[2:]),
        says("before a start, which is not", "list", {"maxStartTime": THIRD}, ids[:2]),
        says("between two starts", "list", {"minStartTime": THIRD, "maxStartTime": FOURTH}, [ids[2]]),
        says(
            "all that begin at an hour, another offset",
            "list",
            {"minStartTime": "2026-01-05T10:00:00+01:00"},
            [ids[LAST]],
        ),
        says("of a call", "list_call", {"call": calls[LAST]}, [ids[LAST]]),
        says("of a call that is not there", "list_call", {"call": "c-" + UNKNOWN[2:]}, []),
        says(
            "one",
            "get",
            last,
            {
                "accountId": filled.credentials("bandwidth")["account_id"],
                "callId": calls[LAST],
                "parentCallId": None,
                "recordingId": ids[LAST],
                "from": "+12025550105",
                "to": "+12025550198",
                "direction": "inbound",
                "channels": 2,
                "duration": "PT1.4S",
                "startTime": "2026-01-05T09:00:00.250Z",
                "endTime": "2026-01-05T09:00:01.650Z",
                "fileFormat": "wav",
                "status": "complete",
                "mediaUrl": filled.names("bandwidth", "media_url")[LAST],
                "transcription": None,
            },
        ),
        says("its audio", "download", last, filled.exactly(LAST)),
        says(
            "a transcript",
            "transcript",
            {"call": calls[TRANSCRIBED], "recording": ids[TRANSCRIBED]},
            [["Two teas, please.", 0.875]],
        ),
        *later(filled),
        refuses("a transcript that is not there", "transcript", last, status=404, error="validation"),
        refuses("one that is not there", "get", unknown, status=404, error="validation"),
        refuses("audio that is not there", "download", unknown, status=404, error="validation"),
        refuses("deleting what is not there", "delete", unknown, status=404, error="validation"),
        refuses("no time", "list", {"minStartTime": "yesterday"}, status=400, error="validation"),
        refuses(
            "a wrong password", "list", {}, credentials={"password": "no"}, status=401, error="authentication-error"
        ),
        refuses(
            "a wrong password for audio",
            "download",
            last,
            credentials={"password": "no"},
            status=401,
            error="authentication-error",
        ),
        refuses(
            "another's account", "list", {}, credentials={"account_id": "1"}, status=403, error="authorization-error"
        ),
        says("deleting", "delete", last, None),
        refuses("what was deleted", "get", last, status=404, error="validation"),
        refuses("deleting again", "delete", last, status=404, error="validation"),
        says("what is left", "list", {}, ids[:LAST]),
        says("what is left of the call", "list_call", {"call": calls[LAST]}, []),
    ]


def later(filled: Filled) -> list[Statement]:
    """What takes something away, and leaves the recording."""
    ids, calls = filled.names("bandwidth", "recording_id"), filled.names("bandwidth", "call_id")
    said = {"call": calls[TRANSCRIBED], "recording": ids[TRANSCRIBED]}
    heard = {"call": calls[0], "recording": ids[0]}
    return [
        says("deleting a transcript", "delete_transcript", said, None),
        refuses("a transcript that was deleted", "transcript", said, status=404, error="validation"),
        refuses("deleting a transcript again", "delete_transcript", said, status=404, error="validation"),
        says("asking for another one", "transcribe", said, None),
        says("deleting audio alone", "delete_media", heard, None),
        says("what then stays", "status", heard, ["deleted", None, None]),
        refuses("audio that was deleted", "download", heard, status=404, error="validation"),
        refuses("a transcript of deleted audio", "transcribe", heard, status=410, error="validation"),
    ]


@pytest.mark.parametrize("client", [client.parameter() for client in CLIENTS])
def test_recordings_of_conferences(client: Client, server: Running, tmp_path: Path) -> None:
    """They lie under their conference, and in no list of calls."""
    account = command(server, "account", "add", f"conference-{client.name}")
    credentials = account["dialects"]["bandwidth"]
    noise = np.random.default_rng(3).integers(-9000, 9000, (RATE, 1), np.int16)
    file = tmp_path / "conference.wav"
    file.write_bytes(wav_header(samples=len(noise), channels=1, sample_rate=RATE) + noise.tobytes())
    card = {"started_at": THIRD, "conference_id": CONFERENCE, "conference_name": "Monday", "source": "conference"}
    file.with_name(file.name + ".json").write_text(json.dumps(card))
    (taken,) = command(server, "add", str(file), "--account", f"conference-{client.name}")
    name = command(server, "show", taken["id"])["dialects"]["bandwidth"]["recording_id"]
    conference = conference_of(UUID(CONFERENCE))
    one, unknown = {"conference": conference, "recording": name}, {"conference": conference, "recording": UNKNOWN}
    where = f"/accounts/{credentials['account_id']}/conferences/{conference}/recordings/{name}/media"
    shown = {
        "recordingId": name,
        "duration": "PT1S",
        "channels": 1,
        "startTime": THIRD,
        "fileFormat": "wav",
        "status": "complete",
        "mediaUrl": credentials["base_url"] + where,
    }

    def same(content: str) -> None:
        assert np.array_equal(decoded(bytes.fromhex(content), tmp_path), noise), "other samples"

    statements = [
        says("of the conference", "list_conference", {"conference": conference}, [[conference, "Monday", name]]),
        says("of another", "list_conference", {"conference": conference_of(UUID(int=7))}, []),
        says("of calls", "list", {}, []),
        says("one", "get_conference", one, shown),
        says("its audio", "download_conference", one, same),
        refuses("one that is not there", "get_conference", unknown, status=404, error="validation"),
        refuses("audio that is not there", "download_conference", unknown, status=404, error="validation"),
        refuses(
            "a wrong password",
            "get_conference",
            one,
            credentials={"password": "no"},
            status=401,
            error="authentication-error",
        ),
    ]
    hold(client, credentials, statements)


def conference_of(conference_id: UUID) -> str:
    """What Bandwidth's clients call a conference; they learn it from a callback."""
    return f"conf-{zlib.crc32(conference_id.bytes):08x}-{conference_id}"
