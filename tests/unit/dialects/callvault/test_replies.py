"""What our own API answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from callvault.dialects.callvault import replies, requests
from callvault.model.actor import Actor
from callvault.model.media import MediaFormat
from callvault.model.query import Axis, Position, Slice
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.written_card import write_card
from callvault.vault.commands import TakenIn
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, document, header, opened, recording, visit

PATH = "/callvault/v1/recordings"
URL = f"https://vault.example.net{PATH}/{TEA_ORDER.id}"
LATER = recording(id=UUID("019ca884-2a01-7111-8222-333344445556"))


def page(*items: Recording, **fields: Any) -> Slice[Recording]:
    return Slice(items=items, more=fields.pop("more", False), **fields)


def test_a_recording_is_its_card_with_links() -> None:
    reply = replies.say_one(TEA_ORDER, visit())
    assert (reply.status, header(reply, "content-type")) == (200, "application/json")
    told = document(reply)
    card = write_card(TEA_ORDER)
    assert told == {**card, "media": told["media"], "links": {"self": URL, "media": URL + "/media"}}
    assert list(told) == [*card, "links"]


def test_where_the_house_keeps_the_bytes_is_not_said() -> None:
    told = document(replies.say_one(TEA_ORDER, visit()))["media"]
    assert set(write_card(TEA_ORDER)["media"]) - set(told) == {"store", "key"}
    assert told["sha256"] == "0" * 64
    assert "media" not in document(replies.say_one(recording(media=None), visit()))


@pytest.mark.parametrize(
    "changes",
    [{"status": Status.CAPTURING}, {"media_state": MediaState.ABSENT}, {"media_state": MediaState.DELETED}],
    ids=repr,
)
def test_there_is_no_link_to_audio_that_cannot_be_heard(changes: dict[str, Any]) -> None:
    assert document(replies.say_one(recording(**changes), visit()))["links"] == {"self": URL}


def test_what_can_be_heard_in_part_is_linked() -> None:
    assert "media" in document(replies.say_one(recording(media_state=MediaState.PARTIAL), visit()))["links"]


def test_the_last_page_says_that_nothing_follows() -> None:
    reply = replies.say_page(page(TEA_ORDER), visit(PATH))
    assert document(reply) == {
        "recordings": [document(replies.say_one(TEA_ORDER, visit()))],
        "next": None,
        "links": {},
    }
    assert header(reply, "link") is None


@pytest.mark.parametrize("total", [0, 734])
def test_the_total_is_said_where_it_was_asked_for(total: int) -> None:
    assert document(replies.say_page(page(total=total), visit(PATH + "?total=true")))["total"] == total


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("from=%2B15550100&limit=2", LATER.started_at),
        ("status=failed&status=available&sort=created&order=asc", LATER.created_at),
    ],
)
def test_the_next_page_asks_the_same_behind_the_last_recording(query: str, at: object) -> None:
    first = visit(f"{PATH}?{query}")
    reply = replies.say_page(page(TEA_ORDER, LATER, more=True), first)
    url = document(reply)["links"]["next"]
    assert header(reply, "link") == f'<{url}>; rel="next"'
    asked = parse_qsl(urlsplit(url).query)
    assert asked == [*parse_qsl(query), ("after", document(reply)["next"])]
    assert url.startswith(f"https://vault.example.net{PATH}?")
    again = requests.find(visit(url)).query
    assert again == replace(requests.find(first).query, after=Position(at=at, id=LATER.id))  # type: ignore[arg-type]


def test_the_page_after_an_after_forgets_the_first_one() -> None:
    first = document(replies.say_page(page(TEA_ORDER, more=True), visit(PATH)))
    second = document(replies.say_page(page(LATER, more=True), visit(first["links"]["next"])))
    assert parse_qsl(urlsplit(second["links"]["next"]).query) == [("after", second["next"])]


def test_whoever_counts_pages_goes_on_counting() -> None:
    told = document(replies.say_page(page(TEA_ORDER, more=True), visit(PATH + "?page=3&limit=1")))
    assert urlsplit(told["links"]["next"]).query == "limit=1&page=4"
    place = requests.find(visit(f"{PATH}?after={told['next']}")).query
    assert (place.after, place.axis) == (Position(at=TEA_ORDER.started_at, id=TEA_ORDER.id), Axis.STARTED)


@pytest.mark.parametrize(("fresh", "status"), [(True, 201), (False, 200)])
def test_an_upload_is_told_whether_it_was_new(fresh: bool, status: int) -> None:
    reply = replies.say_taken_in(TakenIn(recording=TEA_ORDER, fresh=fresh), visit())
    assert (reply.status, header(reply, "location")) == (status, URL)
    assert document(reply) == document(replies.say_one(TEA_ORDER, visit()))


def test_a_deletion_says_nothing() -> None:
    reply = replies.say_deleted(TEA_ORDER, visit())
    assert (reply.status, reply.body, reply.headers) == (204, b"", ())


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        (MediaFormat.WAV, "audio/wav"),
        (MediaFormat.MP3, "audio/mpeg"),
        (MediaFormat.OGG, "audio/ogg"),
        (MediaFormat.FLAC, "audio/flac"),
    ],
)
def test_audio_has_its_type_its_name_and_its_tag(form: MediaFormat, kind: str) -> None:
    reply = replies.say_media(opened(form), visit())
    assert (reply.status, header(reply, "content-type"), header(reply, "etag")) == (200, kind, '"abc"')
    assert header(reply, "content-disposition") == f'inline; filename="{TEA_ORDER.id}.{form}"'


def test_audio_to_be_saved() -> None:
    reply = replies.say_media(opened(), visit("/?download=true"))
    assert header(reply, "content-disposition") == f'attachment; filename="{TEA_ORDER.id}.wav"'
    for given in ("monday", "monday.wav"):
        named = replace(opened(), recording=replace(TEA_ORDER, extras={"callvault": {"file_name": given}}))
        shown = header(replies.say_media(named, visit()), "content-disposition")
        assert shown == 'inline; filename="monday.wav"'
    assert str(header(replies.say_media(opened(), visit("/?download=false")), "content-disposition")).startswith("in")


def test_a_range_of_audio() -> None:
    reply = replies.say_media(opened(), visit(headers={"range": "bytes=0-99"}))
    assert (reply.status, header(reply, "content-range")) == (206, "bytes 0-99/1000")


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-1"}, {"if-none-match": '"abc"'}], ids=repr)
def test_audio_behind_a_link_is_kept_out_of_shared_caches(headers: dict[str, str]) -> None:
    assert header(replies.say_linked_media(opened(), visit(headers=headers)), "cache-control") == "private"


def test_who_is_asking() -> None:
    assert document(replies.say_account(None, visit())) == {
        "id": str(ALICE.id),
        "serial": 10_000_001,
        "name": "Alice",
        "created_at": "2026-01-01T00:00:00.000Z",
        "scopes": ["delete", "media", "read", "write"],
        "key_id": "0011223344556677",
    }


def test_a_user_who_has_logged_in_is_named() -> None:
    user = UUID("019cad00-0000-7000-8000-0000000000b0")
    asked = replace(visit(), caller=Actor(account=ALICE, key_id=None, user_id=user))
    told = document(replies.say_account(None, asked))
    assert told["user_id"] == str(user)
    assert "key_id" not in told


def test_somebody_is_there() -> None:
    asked = replace(visit(), terms=replace(TERMS, version="1.2.3"), caller=None)
    assert document(replies.say_pong(None, asked)) == {"service": "callvault", "version": "1.2.3"}


def test_names() -> None:
    assert replies.names(TEA_ORDER, ALICE, TERMS) == {
        "recording_id": str(TEA_ORDER.id),
        "call_id": str(TEA_ORDER.call_id),
        "url": URL,
        "media_url": URL + "/media",
    }
