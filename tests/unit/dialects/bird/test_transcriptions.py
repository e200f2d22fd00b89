"""Bird's transcriptions: asking for one, the list, the object, and which form of its words is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from callvault.dialects.bird import requests, transcriptions, words
from callvault.dialects.bird.captions import CONTENT_TYPE, Caption
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest, NotFound
from callvault.model.query import Position, Slice, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.vault.transcription_commands import FindTranscriptions, GetTranscription, RequestTranscription
from tests.unit.dialects.visits import ALICE, TEA_ORDER, document, header, recording, visit

WORKSPACE = str(ALICE.id)
MESSAGE = "880d8171-0000-4000-8000-000000000001"
SAID = Transcription(
    id=UUID("019ca886-0000-7d01-9d01-dddddddddd01"),
    status=TranscriptionStatus.AVAILABLE,
    created_at=datetime(2026, 3, 1, 9, 2, 0, 7_000, tzinfo=UTC),
    updated_at=datetime(2026, 3, 1, 9, 2, 41, 512_000, tzinfo=UTC),
    locale="en-GB",
    transcripts=(Transcript(text="Two boxes, please.", confidence=0.9), Transcript(text="Gladly.", confidence=0.8)),
)
SPOKEN = recording(transcription=SAID)
PLACE = Position(at=SAID.created_at, id=SAID.id)


def asking(query: str = "", *, workspace: str = WORKSPACE, name: str = str(SAID.id)) -> Visit:
    return visit(f"/?{query}", parts={"workspace": workspace, "transcription": name})


def requested(body: object, *, workspace: str = WORKSPACE) -> RequestTranscription:
    parts = {"workspace": workspace, "recording": str(TEA_ORDER.id)}
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return transcriptions.request(visit("/", method="POST", parts=parts, body=raw))


def listed(query: str = "") -> FindTranscriptions:
    return transcriptions.transcriptions(asking(query))


@pytest.mark.parametrize("locale", ["en-US", "en-GB-WLS", "arb", "cmn-CN", "zh-Hant-TW", "und"])
def test_a_transcription_is_asked_for_in_a_locale(locale: str) -> None:
    assert requested({"locale": locale}) == RequestTranscription(
        account_id=ALICE.id, recording=words.recording_ref(str(TEA_ORDER.id)), locale=locale
    )


def test_the_ids_that_a_client_may_send_along_change_nothing() -> None:
    body = {"locale": "nl-NL", "messageId": MESSAGE, "conversationId": MESSAGE, "recordingId": str(TEA_ORDER.id)}
    assert requested(body) == requested({"locale": "nl-NL"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "locale"),
        ({"locale": None}, "locale"),
        ({"locale": 7}, "locale"),
        ({"locale": ""}, "locale"),
        ({"locale": "english"}, "locale"),
        ({"locale": "en_US"}, "locale"),
        ({"locale": "en-US\n"}, "locale"),
        ({"locale": "en-US", "messageId": "x"}, "messageId"),
        ({"locale": "en-US", "conversationId": 1}, "conversationId"),
        ({"locale": "en-US", "recordingId": None}, "recordingId"),
        ({"locale": "en-US", "recordingId": MESSAGE}, "recordingId"),
        ([], None),
        (b"", None),
        (b"{", None),
        (b"\xff", None),
    ],
)
def test_a_body_that_does_not_say_what_is_wanted_is_refused(body: object, field: str | None) -> None:
    with pytest.raises(BadRequest) as refused:
        requested(body)
    assert refused.value.field == field


def test_without_parameters_it_is_the_newest_ten() -> None:
    assert listed() == FindTranscriptions(query=TranscriptionQuery(account_id=ALICE.id, descending=True, limit=10))


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("99", 99)])
def test_a_limit_reaches_the_query(text: str, limit: int) -> None:
    assert listed(f"limit={text}").query.limit == limit


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=100", "limit"), ("pageToken=x", "pageToken")]
)
def test_what_is_out_of_range_is_refused(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        listed(query)
    assert refused.value.field == field


def test_a_token_says_place_and_limit() -> None:
    token = requests.page_token(asking("limit=2"), PLACE)
    query = listed(f"pageToken={token}").query
    assert (query.at, query.limit) == (PLACE, 2)


def test_a_page_has_a_token_where_anything_follows() -> None:
    told = document(transcriptions.say_list(Slice(items=(SPOKEN,), more=True, next=PLACE), asking("limit=1")))
    assert [entry["id"] for entry in told["results"]] == [str(SAID.id)]
    assert told["nextPageToken"] == requests.page_token(asking("limit=1"), PLACE)
    assert document(transcriptions.say_list(Slice(items=(), more=False), asking())) == {"results": []}


def test_another_workspace_is_not_there() -> None:
    other = MESSAGE
    for ask in (
        lambda: requested({"locale": "en-US"}, workspace=other),
        lambda: transcriptions.transcriptions(asking(workspace=other)),
        lambda: transcriptions.one(asking(workspace=other)),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize(
    ("name", "query", "wanted"),
    [
        (str(SAID.id), "", str(SAID.id)),
        (f"{SAID.id}.srt", "", str(SAID.id)),
        (str(SAID.id), "format=srt", str(SAID.id)),
        (f"{SAID.id}.pdf", "", f"{SAID.id}.pdf"),
        (".srt", "", ".srt"),
    ],
)
def test_one_is_got_by_its_id_whatever_form_it_shall_have(name: str, query: str, wanted: str) -> None:
    assert transcriptions.one(asking(query, name=name)) == GetTranscription(
        account_id=ALICE.id, transcription=words.transcription_ref(wanted)
    )


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(BadRequest, match="json, srt, vtt, txt") as refused:
        transcriptions.one(asking("format=pdf"))
    assert refused.value.field == "format"


def shown(item: Recording, **said: Any) -> Any:
    return document(transcriptions.say_one(item, asking(**said)))


def test_the_object_has_the_vendors_keys() -> None:
    assert shown(SPOKEN) == {
        "id": str(SAID.id),
        "recordingId": str(TEA_ORDER.id),
        "status": "available",
        "stereo": True,
        "locale": "en-GB",
        "createdAt": "2026-03-01T09:02:00.007Z",
        "updatedAt": "2026-03-01T09:02:41.512Z",
        "url": f"https://vault.example.net/workspaces/{WORKSPACE}/transcriptions/{SAID.id}.json",
    }


@pytest.mark.parametrize("status", TranscriptionStatus)
def test_there_is_something_to_fetch_once_it_is_available(status: TranscriptionStatus) -> None:
    item = replace(SPOKEN, transcription=replace(SAID, status=status, transcripts=()))
    told = shown(item)
    assert told["status"] == words.TRANSCRIPTION_STATUS[status]
    assert ("url" in told) is (status is TranscriptionStatus.AVAILABLE)
    if status is not TranscriptionStatus.AVAILABLE:
        with pytest.raises(NotFound):
            transcriptions.say_one(item, asking("format=txt"))


def test_what_was_never_told_has_a_word() -> None:
    told = shown(replace(SPOKEN, channels=1, transcription=replace(SAID, locale=None)))
    assert (told["locale"], told["stereo"]) == ("und", False)


def test_ids_that_the_vendor_gave_are_kept() -> None:
    told = shown(replace(SPOKEN, foreign={"bird": {"transcription": MESSAGE, "recording": "r"}}))
    assert (told["id"], told["recordingId"]) == (MESSAGE, "r")
    assert f"/{MESSAGE}.json" in told["url"]


@pytest.mark.parametrize("form", Caption)
def test_the_words_are_had_by_extension_or_by_parameter(form: Caption) -> None:
    by_extension = transcriptions.say_one(SPOKEN, asking(name=f"{SAID.id}.{form}"))
    assert header(by_extension, "content-type") == CONTENT_TYPE[form]
    assert b"Two boxes" in bytes(by_extension.body)  # type: ignore[arg-type]
    assert transcriptions.say_one(SPOKEN, asking(f"format={form}")) == by_extension


def test_the_extension_wins() -> None:
    reply = transcriptions.say_one(SPOKEN, asking("format=json", name=f"{SAID.id}.txt"))
    assert reply.body == b"Two boxes, please.\nGladly.\n"


def test_what_was_asked_for_is_answered_with_202() -> None:
    reply = transcriptions.say_requested(SPOKEN, asking())
    assert (reply.status, document(reply)["id"]) == (202, str(SAID.id))


def test_a_recording_without_one_is_not_told() -> None:
    with pytest.raises(NotFound):
        shown(TEA_ORDER)
