"""What Telnyx's clients are shown: every field, the three shapes of a list's element, the meta, the links."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from callvault.dialects.telnyx import replies, requests
from callvault.dialects.toolbox.links import check_link
from callvault.errors import NotFound
from callvault.model.actor import Scope
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.party import NOBODY
from callvault.model.recording import MediaState, Origin, Recording, Source, Status
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS, document, page, recording, visit

SEED_KEYS = {
    "call_control_id", "call_leg_id", "call_session_id", "channels", "conference_id", "created_at", "download_urls",
    "duration_millis", "id", "record_type", "recording_started_at", "recording_ended_at", "source", "status",
    "updated_at",
}  # fmt: skip
LATER_KEYS = {"connection_id", "from", "to", "initiated_by"}


def listed(*items: Recording, target: str = "/v2/recordings", total: int | None = None, **terms: Any) -> Any:
    asking = visit(target, **terms)
    query = requests.recordings(asking).query
    return document(replies.say_list(page(*items, query=query, total=len(items) if total is None else total), asking))


def shown(item: Recording) -> Any:
    return document(replies.say_one(item, visit()))["data"]


def test_every_field_of_one() -> None:
    fields = shown(TEA_ORDER)
    links = fields.pop("download_urls")
    assert fields == {
        "call_control_id": "v3:AZyohCoAeqqLu8zM3d3u7g",
        "call_leg_id": "019ca884-2a00-7aaa-8bbb-ccccddddeeee",
        "call_session_id": "019ca884-2a00-7a5e-8551-000000000001",
        "channels": "dual",
        "conference_id": None,
        "created_at": "2026-03-01T09:01:05.001Z",
        "duration_millis": 61_240,
        "id": "019ca884-2a00-7111-8222-333344445555",
        "record_type": "recording",
        "recording_started_at": "2026-03-01T09:00:02.114Z",
        "recording_ended_at": "2026-03-01T09:01:03.354Z",
        "source": "call",
        "status": "completed",
        "updated_at": "2026-03-01T09:01:06.002Z",
        "connection_id": "2100000000000000001",
        "from": "+15550100",
        "to": "+15550199",
        "initiated_by": "StartCallRecordingAPI",
    }
    assert sorted(links) == ["mp3", "wav"]


def test_a_conference() -> None:
    conference = UUID("019ca884-2a00-7c0f-8c0f-000000000009")
    fields = shown(recording(source=Source.CONFERENCE, origin=Origin.CONFERENCE, conference_id=conference, channels=1))
    assert (fields["source"], fields["conference_id"]) == ("conference", str(conference))
    assert (fields["channels"], fields["initiated_by"]) == ("single", "Conference")


def test_what_is_unknown_is_null() -> None:
    fields = shown(recording(caller=NOBODY, callee=NOBODY, connection_id=None, ended_at=None))
    unknown = {"from", "to", "connection_id", "recording_ended_at", "conference_id"}
    assert {name for name, value in fields.items() if value is None} == unknown


def test_ids_that_the_vendor_gave_are_kept() -> None:
    given = {
        "recording": "11111111-2222-4333-8444-555555555555",
        "call": "11111111-2222-11ef-8a10-02420a0d7e70",
        "session": "11111111-3333-11ef-8a10-02420a0d7e70",
        "conference": "11111111-4444-4333-8444-555555555555",
        "call_control": "v3:of-the-vendor",
    }
    fields = shown(recording(foreign={"telnyx": given}))
    assert fields["id"] == given["recording"]
    assert fields["call_leg_id"] == given["call"]
    assert fields["call_session_id"] == given["session"]
    assert fields["conference_id"] == given["conference"]
    assert fields["call_control_id"] == given["call_control"]


def test_an_element_is_flat_and_has_a_nested_copy() -> None:
    (element,) = listed(TEA_ORDER)["data"]
    nested = element.pop("data")
    assert element == shown(TEA_ORDER)
    assert set(element) == SEED_KEYS | LATER_KEYS
    assert nested == {name: value for name, value in element.items() if name in SEED_KEYS}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [("flat", SEED_KEYS | LATER_KEYS), ("nested", {"data"}), ("superset", SEED_KEYS | LATER_KEYS | {"data"})],
)
def test_the_operator_chooses_the_elements_shape(shape: str, expected: set[str]) -> None:
    (element,) = listed(TEA_ORDER, settings={"telnyx_list_shape": shape})["data"]
    assert set(element) == expected


def test_nested_it_is_the_page_key_for_key() -> None:
    (element,) = listed(TEA_ORDER, settings={"telnyx_list_shape": "nested"})["data"]
    assert set(element["data"]) == SEED_KEYS


@pytest.mark.parametrize(
    ("query", "total", "meta"),
    [
        ("", 0, {"total_pages": 0, "total_results": 0, "page_number": 1, "page_size": 20}),
        ("", 20, {"total_pages": 1, "total_results": 20, "page_number": 1, "page_size": 20}),
        ("", 21, {"total_pages": 2, "total_results": 21, "page_number": 1, "page_size": 20}),
        (
            "?page[number]=2&page[size]=25",
            55,
            {"total_pages": 3, "total_results": 55, "page_number": 2, "page_size": 25},
        ),
        ("?page[number]=9", 1, {"total_pages": 1, "total_results": 1, "page_number": 9, "page_size": 20}),
    ],
)
def test_the_meta_counts_pages_and_echoes_the_question(query: str, total: int, meta: dict[str, int]) -> None:
    assert listed(target=f"/v2/recordings{query}", total=total) == {"data": [], "meta": meta}


def test_both_links_open_the_audio_for_ten_minutes() -> None:
    for form, link in shown(TEA_ORDER)["download_urls"].items():
        split = urlsplit(link)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        assert f"{split.scheme}://{split.netloc}" == TERMS.base_url
        opened = check_link(
            split.path.rpartition("/")[2],
            query["expires"],
            query.get("channels"),
            query["signature"],
            now=NOW + timedelta(minutes=9, seconds=58),
            key=TERMS.link_key,
        )
        assert opened == (TEA_ORDER.id, RenditionSpec(format=MediaFormat(form)))


@pytest.mark.parametrize("state", [MediaState.ABSENT, MediaState.DELETED, MediaState.AWAITED])
def test_there_is_no_link_to_nothing(state: MediaState) -> None:
    assert shown(recording(media_state=state))["download_urls"] == {}


def test_who_may_not_listen_gets_no_links() -> None:
    (element,) = listed(TEA_ORDER, scopes=frozenset({Scope.READ}))["data"]
    assert element["download_urls"] == element["data"]["download_urls"] == {}


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.AVAILABLE}))
def test_what_is_not_finished_does_not_exist(status: Status) -> None:
    with pytest.raises(NotFound):
        replies.say_one(recording(status=status), visit())


def test_the_deleted_recording_is_shown_once_more() -> None:
    reply = replies.say_deleted(TEA_ORDER, visit(method="DELETE"))
    assert reply.status == 200
    assert document(reply) == {"data": {**shown(TEA_ORDER), "download_urls": {}}}


def test_several_deletions_are_a_word() -> None:
    reply = replies.say_several_deleted([TEA_ORDER], visit(method="POST"))
    assert (reply.status, document(reply)) == (200, {"status": "ok"})


def test_its_names() -> None:
    names = dict(replies.names(TEA_ORDER, ALICE, TERMS))
    assert names.pop("media_url").startswith(f"https://vault.example.net/media/{TEA_ORDER.id}.wav?expires=")
    assert names == {
        "recording_id": str(TEA_ORDER.id),
        "call_leg_id": str(TEA_ORDER.call_id),
        "call_session_id": str(TEA_ORDER.call_session_id),
        "call_control_id": "v3:AZyohCoAeqqLu8zM3d3u7g",
        "url": f"https://vault.example.net/v2/recordings/{TEA_ORDER.id}",
    }


def test_what_cannot_be_heard_has_no_media_url() -> None:
    assert "media_url" not in replies.names(replace(TEA_ORDER, status=Status.FAILED), ALICE, TERMS)
    assert ".wav?" in replies.names(recording(format=MediaFormat.OGG), ALICE, TERMS)["media_url"]
