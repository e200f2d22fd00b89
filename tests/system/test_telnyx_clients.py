"""Telnyx's own clients against a running server: every generation is held to the same statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.archive import (
    CARDS,
    CONFERENCE,
    CONNECTION,
    IN_CONFERENCE,
    LAST,
    LEG,
    MONO,
    SESSION,
    SIP_CALL,
    TRANSCRIBED,
    Filled,
    fill,
)
from tests.system.conversation import Client, Statement, hold, refuses, says
from tests.system.running import Running

NEW = {401: "AuthenticationError", 404: "NotFoundError", 422: "UnprocessableEntityError"}
CLIENTS = (
    Client(name="telnyx", script="telnyx_4.py", exceptions=NEW),
    Client(
        name="telnyx-2",
        script="telnyx_2.py",
        exceptions={401: "AuthenticationError", 404: "ResourceNotFoundError", 422: "InvalidParametersError"},
        # Its list of nothing has no pages to go through, whatever a server answers.
        lacks=frozenset({"TeXML", "transcriptions", "from nobody"}),
    ),
    Client(name="telnyx-js", script="telnyx_js.cjs", exceptions=NEW),
)
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("client", [client.parameter() for client in CLIENTS])
def test_telnyx(client: Client, server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, client.name)
    hold(
        client,
        filled.credentials("telnyx"),
        [*lists(filled), *one(filled), *transcriptions(filled), *texml(filled), *deletions(filled)],
    )


def lists(filled: Filled) -> list[Statement]:
    ids = filled.names("telnyx", "recording_id")
    newest_first = ids[::-1]
    third = filled.created(2)
    control = filled.names("telnyx", "call_control_id")[LAST]

    def only(about: str, expected: list[str], **filters: object) -> Statement:
        return says(about, "list", {"filter": filters}, expected)

    return [
        says("all, newest first", "list", {}, newest_first),
        says("all, two by two", "list", {"page_size": 2}, newest_first),
        says("from the second page on", "list", {"page_size": 2, "page_number": 2}, newest_first[2:]),
        says("how many", "count", {}, [1, 2, 3, 5]),
        only("from a number", [ids[1]], **{"from": "+12025550102"}),
        only("from nobody", [], **{"from": "+12025550111"}),
        only("to a number", [ids[1], ids[0]], to="+12025550199"),
        only("of a leg", [ids[LAST]], call_leg_id=LEG),
        only("of a session", [ids[LAST]], call_session_id=SESSION),
        only("of a call control", [ids[LAST]], call_control_id=control),
        only("of a SIP call", [ids[LAST]], sip_call_id=SIP_CALL),
        only("of a connection", [ids[LAST]], connection_id=CONNECTION),
        only("of a conference", [ids[IN_CONFERENCE]], conference_id=CONFERENCE),
        only("created since, included", newest_first[:3], created_at={"gte": third}),
        only("created until, included", newest_first[2:], created_at={"lte": third}),
        only("created at", [ids[2]], created_at={"gte": third, "lte": third}),
        only("begun since, included", newest_first[:3], start_time={"gte": CARDS[2]["started_at"]}),
        only("begun until, included", newest_first[2:], start_time={"lte": CARDS[2]["started_at"]}),
        only("ended since", newest_first[:2], end_time={"gte": "2026-01-03T09:00:01.201Z"}),
        only("ended until, included", newest_first[2:], end_time={"lte": "2026-01-03T09:00:01.200Z"}),
        only("several at once", [ids[1]], to="+12025550199", start_time={"gte": CARDS[1]["started_at"]}),
        refuses("of a region", "list", {"filter": {"conference_region": "US"}}, status=422, code="10031"),
        refuses("a filter that is none", "list", {"filter": {"colour": "red"}}, status=422, code="10031"),
        refuses("no time", "list", {"filter": {"created_at": {"gte": "yesterday"}}}, status=422, code="10031"),
        refuses("a page that is too long", "list", {"page_size": 251}, status=422, code="10033"),
        refuses("a wrong key", "list", {}, credentials={"api_key": "no"}, status=401, code="10009"),
    ]


def one(filled: Filled) -> list[Statement]:
    ids = filled.names("telnyx", "recording_id")
    last = {"recording": ids[LAST]}
    return [
        says(
            "one",
            "get",
            last,
            {
                "id": ids[LAST],
                "record_type": "recording",
                "call_control_id": filled.names("telnyx", "call_control_id")[LAST],
                "call_leg_id": LEG,
                "call_session_id": SESSION,
                "conference_id": None,
                "connection_id": CONNECTION,
                "from": "+12025550105",
                "to": "+12025550198",
                "channels": "dual",
                "source": "call",
                "initiated_by": "Trunking",
                "status": "completed",
                "duration_millis": 1400,
                "recording_started_at": "2026-01-05T09:00:00.250Z",
                "recording_ended_at": "2026-01-05T09:00:01.650Z",
                "created_at": filled.created(LAST),
            },
        ),
        says("one in the list", "listed", last, ["completed", "dual", 1400]),
        says("its WAV", "download", {**last, "form": "wav"}, filled.exactly(LAST)),
        says("its MP3", "download", {**last, "form": "mp3"}, filled.about(LAST)),
        says("a WAV of one channel", "download", {"recording": ids[MONO], "form": "wav"}, filled.exactly(MONO)),
        refuses("one that is not there", "get", {"recording": UNKNOWN}, status=404, code="10005"),
        refuses("one with a wrong key", "get", last, credentials={"api_key": "no"}, status=401, code="10009"),
    ]


def transcriptions(filled: Filled) -> list[Statement]:
    recording = filled.names("telnyx", "recording_id")[TRANSCRIBED]
    transcription = CARDS[TRANSCRIBED]["transcription"]
    written = [transcription["id"], recording, "completed", "Two teas, please.", 1100]
    created = transcription["created_at"]

    def listed(about: str, filters: dict[str, object], expected: list[object]) -> Statement:
        return says(f"transcriptions: {about}", "transcriptions", {"filter": filters}, expected)

    return [
        says("transcriptions: all, one by one", "transcriptions", {"page_size": 1}, [written]),
        listed("of a recording", {"recording_id": recording}, [written]),
        listed("of another", {"recording_id": filled.names("telnyx", "recording_id")[LAST]}, []),
        listed("made since, included", {"created_at": {"gte": created}}, [written]),
        listed("made until, included", {"created_at": {"lte": created}}, [written]),
        listed("made later", {"created_at": {"gte": "2026-01-02T09:01:00.001Z"}}, []),
        says("transcriptions: one", "transcription", {"transcription": transcription["id"]}, written),
        refuses(
            "transcriptions: one that is not there",
            "transcription",
            {"transcription": UNKNOWN},
            status=404,
            code="10005",
        ),
        says(
            "transcriptions: deleting",
            "delete_transcription",
            {"transcription": transcription["id"]},
            transcription["id"],
        ),
        says("transcriptions: none is left", "transcriptions", {}, []),
        says("transcriptions: their recording stays", "listed", {"recording": recording}, ["completed", "dual", 1100]),
    ]


def texml(filled: Filled) -> list[Statement]:
    ids, controls = filled.names("telnyx", "recording_id"), filled.names("telnyx", "call_control_id")
    newest_first = ids[::-1]
    third = filled.created(2)[:10]
    return [
        says("TeXML: all", "texml_list", {}, newest_first),
        says("TeXML: a page", "texml_list", {"page_size": 2}, newest_first[:2]),
        says("TeXML: the next page", "texml_list", {"page_size": 2, "page": 1}, newest_first[2:4]),
        says("TeXML: of a day", "texml_list", {"date_created": third}, [ids[2]]),
        says("TeXML: of a call", "texml_list_call", {"call": controls[LAST]}, [ids[LAST]]),
        says("TeXML: of a conference", "texml_list_conference", {"conference": CONFERENCE}, [[ids[IN_CONFERENCE]]] * 2),
        says(
            "TeXML: one",
            "texml_get",
            {"recording": ids[LAST]},
            [ids[LAST], controls[LAST], 2, "1", "completed", "Trunking"],
        ),
        refuses("TeXML: one that is not there", "texml_get", {"recording": UNKNOWN}, status=404, code=None),
        refuses("TeXML: a wrong key", "texml_list", {}, credentials={"api_key": "no"}, status=401, code=None),
        says("TeXML: deleting", "texml_delete", {"recording": ids[IN_CONFERENCE]}, None),
        refuses("TeXML: deleting again", "texml_delete", {"recording": ids[IN_CONFERENCE]}, status=404, code=None),
    ]


def deletions(filled: Filled) -> list[Statement]:
    ids = filled.names("telnyx", "recording_id")
    return [
        says("deleting", "delete", {"recording": ids[LAST]}, ids[LAST]),
        refuses("what was deleted", "get", {"recording": ids[LAST]}, status=404, code="10005"),
        refuses("deleting again", "delete", {"recording": ids[LAST]}, status=404, code="10005"),
        refuses(
            "deleting several, one not there",
            "delete_several",
            {"recordings": [ids[1], UNKNOWN]},
            status=404,
            code="10005",
        ),
        says("then none was deleted", "list", {"filter": {"to": "+12025550199"}}, [ids[1], ids[0]]),
        says("deleting several", "delete_several", {"recordings": [ids[0], ids[1]]}, "ok"),
        says("what is left", "list", {"filter": {"start_time": {"lte": CARDS[2]["started_at"]}}}, [ids[2]]),
    ]
