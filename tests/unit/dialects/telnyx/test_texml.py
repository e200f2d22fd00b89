"""Telnyx's TeXML paths: Twilio's parameters, pages from 0 on, and two shapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import texml, words
from callvault.errors import BadRequest, NotFound
from callvault.model.actor import Scope
from callvault.model.media import MediaFormat
from callvault.model.query import ALWAYS, Axis, RecordingQuery, Span
from callvault.model.recording import MediaState, Recording, Source, Status
from callvault.vault.commands import DeleteRecording, FindRecordings, GetRecording
from tests.unit.dialects.visits import ALICE, TEA_ORDER, document, page, recording, visit

ACCOUNT = str(ALICE.id)
ROOT = f"/v2/texml/Accounts/{ACCOUNT}"
CONTROL = "v3:AZyohCoAeqqLu8zM3d3u7g"
CONFERENCE = UUID("019ca884-2a00-7c0f-8c0f-000000000009")
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def asking(query: str = "", *, account: str = ACCOUNT, path: str = f"{ROOT}/Recordings.json", **parts: str) -> Visit:
    return visit(f"{path}?{query}", parts={"account": account, **parts})


def created(query: str) -> Span:
    return texml.list_of_account(asking(query)).query.created


def shown(item: Recording, **terms: Any) -> Any:
    return document(texml.say_one(item, visit(parts={"account": ACCOUNT}, **terms)))


def test_without_parameters_it_is_the_newest_twenty() -> None:
    assert texml.list_of_account(asking()) == FindRecordings(
        query=RecordingQuery(account_id=ALICE.id, axis=Axis.CREATED, descending=True, limit=20, page=1)
    )


def test_pages_are_counted_from_0_on() -> None:
    query = texml.list_of_account(asking("Page=2&PageSize=50")).query
    assert (query.page, query.limit) == (3, 50)


@pytest.mark.parametrize(
    ("query", "span"),
    [
        ("DateCreated=2026-03-01", Span(from_=DAY, before=DAY + timedelta(days=1))),
        ("DateCreated=20260301", Span(from_=DAY, before=DAY + timedelta(days=1))),
        ("DateCreated=2026-03-01T00:00:00Z", Span(from_=DAY, before=DAY + timedelta(seconds=1))),
        ("DateCreated>=2026-03-01", Span(from_=DAY)),
        ("DateCreated%3E=2026-03-01", Span(from_=DAY)),
        ("DateCreated<=2026-03-01", Span(before=DAY + timedelta(days=1))),
        ("DateCreated<=2026-03-01T00:00:00Z", Span(before=DAY + timedelta(seconds=1))),
        (
            "DateCreated>=2026-02-01&DateCreated>=2026-03-01&DateCreated<=2026-03-01",
            Span(from_=DAY, before=DAY + timedelta(days=1)),
        ),
        ("", ALWAYS),
    ],
)
def test_a_date_is_its_whole_day(query: str, span: Span) -> None:
    assert created(query) == span


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("Page=-1", "Page"),
        ("Page=2147483647", "Page"),
        ("PageSize=0", "PageSize"),
        ("PageSize=1001", "PageSize"),
        ("DateCreated=now", "DateCreated"),
        ("DateCreated>2026-03-01", "DateCreated"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        texml.list_of_account(asking(query))
    assert refused.value.field == field


def test_the_last_day_there_is() -> None:
    assert created("DateCreated<=9999-12-31").before == datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("named", [CONTROL, str(TEA_ORDER.call_id)])
def test_a_call_is_named_by_either_of_its_ids(named: str) -> None:
    call = texml.list_of_call(asking(call=named)).call
    assert call is not None
    assert (call.text, call.computed) == (named, TEA_ORDER.call_id)


def test_a_conference_has_a_list() -> None:
    command = texml.list_of_conference(asking(conference=str(CONFERENCE)))
    assert command.conference == words.conference_ref(str(CONFERENCE))
    assert command.call is None


def test_one_is_got_and_deleted_by_its_id() -> None:
    ref = words.recording_ref(str(TEA_ORDER.id))
    here = asking(recording=f"{TEA_ORDER.id}.json")
    assert texml.one(here) == GetRecording(account_id=ALICE.id, recording=ref)
    assert texml.delete(here) == DeleteRecording(account_id=ALICE.id, recording=ref)


@pytest.mark.parametrize(
    "read", [texml.list_of_account, texml.list_of_call, texml.list_of_conference, texml.one, texml.delete]
)
def test_another_account_does_not_exist(read: Any) -> None:
    with pytest.raises(NotFound):
        read(asking(account=str(CONFERENCE), recording="x", call="x", conference="x"))


def test_every_field_of_one() -> None:
    fields = shown(TEA_ORDER)
    media = fields.pop("media_url")
    assert media.startswith(f"https://vault.example.net/media/{TEA_ORDER.id}.wav?expires=")
    assert fields == {
        "account_sid": ACCOUNT,
        "call_sid": CONTROL,
        "channels": 2,
        "conference_sid": None,
        "date_created": "2026-03-01T09:01:05.001Z",
        "date_updated": "2026-03-01T09:01:06.002Z",
        "error_code": None,
        "sid": str(TEA_ORDER.id),
        "source": "StartCallRecordingAPI",
        "start_time": "2026-03-01T09:00:02.114Z",
        "uri": f"{ROOT}/Recordings/{TEA_ORDER.id}.json",
        "duration": "61",
        "status": "completed",
        "subresources_uris": {"transcriptions": None},
    }


def test_a_conferences_own_shape() -> None:
    item = recording(source=Source.CONFERENCE, conference_id=CONFERENCE)
    here = asking(conference=str(CONFERENCE), path=f"{ROOT}/Conferences/{CONFERENCE}/Recordings")
    query = texml.list_of_conference(here).query
    body = document(texml.say_list_of_conference(page(item, query=query), here))
    (fields,) = body["recordings"]
    assert body["participants"] == []
    assert body["uri"] == f"{ROOT}/Conferences/{CONFERENCE}/Recordings?Page=0&PageSize=20"
    assert (fields["duration"], fields["status"], fields["conference_sid"]) == (61, "completed", str(CONFERENCE))
    assert "subresource_uris" in fields
    assert "subresources_uris" not in fields
    listing = page(replace(item, media_state=MediaState.DELETED), query=query)
    assert document(texml.say_list_of_conference(listing, here))["recordings"][0]["status"] == "deleted"


def test_statuses_have_words() -> None:
    assert set(texml.STATUS) == set(texml.CONFERENCE_STATUS) == set(Status)
    assert set(texml.STATUS.values()) == {"in-progress", "paused", "stopped", "completed"}
    assert set(texml.CONFERENCE_STATUS.values()) == {"processing", "absent", "completed", "deleted"}
    assert shown(recording(status=Status.FAILED, error="the trunk went away"))["error_code"] == "the trunk went away"


def test_what_cannot_be_heard_has_no_media_url() -> None:
    assert shown(recording(status=Status.CAPTURING))["media_url"] is None
    assert shown(TEA_ORDER, scopes=frozenset({Scope.READ}))["media_url"] is None
    assert ".mp3?" in shown(recording(format=MediaFormat.MP3))["media_url"]


def test_a_page_links_to_its_neighbours() -> None:
    here = asking("DateCreated%3E=2026-03-01&Page=1&PageSize=1")
    query = texml.list_of_account(here).query
    body = document(texml.say_list(page(TEA_ORDER, query=query, more=True), here))
    del body["recordings"]
    uri = f"{ROOT}/Recordings.json?DateCreated%3E=2026-03-01&Page={{}}&PageSize=1"
    assert body == {
        "page": 1,
        "page_size": 1,
        "start": 1,
        "end": 1,
        "uri": uri.format(1),
        "first_page_uri": uri.format(0),
        "previous_page_uri": uri.format(0),
        "next_page_uri": uri.format(2),
    }


def test_the_only_page_has_no_neighbours() -> None:
    call = "v3:of/the vendor"
    here = asking(call=call, path=f"{ROOT}/Calls/{quote(call, safe='')}/Recordings.json")
    body = document(texml.say_list(page(query=texml.list_of_call(here).query), here))
    assert body["recordings"] == []
    assert body["previous_page_uri"] is body["next_page_uri"] is None
    assert (body["start"], body["end"]) == (0, 0)
    assert body["uri"] == f"{ROOT}/Calls/v3:of%2Fthe%20vendor/Recordings.json?Page=0&PageSize=20"


def test_a_deletion_says_nothing() -> None:
    reply = texml.say_deleted(TEA_ORDER, asking())
    assert (reply.status, reply.body) == (204, b"")
