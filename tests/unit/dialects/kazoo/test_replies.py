"""Core to wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo import start_keys
from callvault.dialects.kazoo.replies import names
from callvault.errors import NotFound, TooLarge
from callvault.model.actor import Actor
from callvault.model.media import MediaFormat
from callvault.model.query import Position, RecordingQuery
from callvault.model.recording import Status
from callvault.vault.commands import OpenedMedia, Session
from tests.unit.dialects.kazoo.asking import ADA, LIST, ONE, OWNED, said
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS, TOKEN, document, header, page, recording

ID = "202603-019ca8842a0071118222333344445555"
QUERY = RecordingQuery(account_id=ALICE.id)
NEXT = Position(at=TEA_ORDER.created_at, id=TEA_ORDER.id)


class Bytes:
    """Audio in memory."""

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        yield b"0123456789"[start:stop]


def opened(**changes: Any) -> OpenedMedia:
    fields: dict[str, Any] = {
        "recording": TEA_ORDER,
        "format": MediaFormat.WAV,
        "channels": 2,
        "size_bytes": 10,
        "etag": "e",
        "modified_at": NOW,
        "source": Bytes(),
    }
    return OpenedMedia(**fields | changes)


def test_a_list_has_its_page_and_its_items() -> None:
    envelope = document(said(page(TEA_ORDER, query=QUERY), LIST))
    assert envelope["page_size"] == 1
    assert "next_start_key" not in envelope
    assert [item["id"] for item in envelope["data"]] == [ID]
    assert envelope["data"][0]["_read_only"] == {"content_types": ["audio/x-wav"]}
    assert envelope["auth_token"] == TOKEN
    assert len(envelope["revision"]) == 32


def test_a_first_page_begins_at_the_windows_edge() -> None:
    def begins(target: str) -> Position:
        key = document(said(page(query=QUERY), target))["start_key"]
        return start_keys.read_key(key, None, descending="ascending" not in target)

    second = TEA_ORDER.created_at.replace(microsecond=0)
    assert begins(LIST).at == NOW.replace(microsecond=999_999)
    assert begins(f"{LIST}?created_to=63939574865").at == second.replace(microsecond=999_999)
    assert begins(f"{LIST}?created_from=63939574865&ascending=true").at == second
    assert begins(f"{LIST}?ascending=true").at.year == 1


def test_a_later_page_begins_where_it_was_told_to() -> None:
    key = start_keys.write_key(NEXT, None)
    assert document(said(page(query=QUERY), f"{LIST}?start_key={key}"))["start_key"] == key


def test_the_next_page_begins_with_its_first_recording() -> None:
    envelope = document(said(page(TEA_ORDER, query=QUERY, more=True, next=NEXT), LIST))
    assert start_keys.read_key(envelope["next_start_key"], None, descending=True) == NEXT
    owned = document(said(page(TEA_ORDER, query=QUERY, more=True, next=NEXT), OWNED))
    assert owned["next_start_key"] == start_keys.write_key(NEXT, UUID(hex=ADA))


def test_without_paging_there_are_no_keys_and_nothing_is_cut_off() -> None:
    envelope = document(said(page(TEA_ORDER, query=QUERY), f"{LIST}?paginate=false"))
    assert {"page_size", "start_key", "next_start_key"}.isdisjoint(envelope)
    with pytest.raises(TooLarge, match="more than 1 recordings"):
        said(page(TEA_ORDER, query=QUERY, more=True, next=NEXT), f"{LIST}?paginate=false")


def test_an_empty_list_has_no_revision() -> None:
    reply = said(page(query=QUERY), LIST)
    assert "revision" not in document(reply)
    assert header(reply, "etag") is None


def test_a_lists_revision_changes_with_what_follows() -> None:
    last = document(said(page(TEA_ORDER, query=QUERY), LIST))
    more = document(said(page(TEA_ORDER, query=QUERY, more=True, next=NEXT), LIST))
    assert last["revision"] != more["revision"]


def test_a_list_as_a_table() -> None:
    reply = said(page(TEA_ORDER, query=QUERY), LIST, headers={"accept": "text/csv"})
    assert header(reply, "content-type") == "text/csv; charset=utf-8"


def test_one_document() -> None:
    reply = said(TEA_ORDER, ONE)
    envelope = document(reply)
    assert envelope["data"]["id"] == ID
    assert "_read_only" not in envelope["data"]
    assert envelope["revision"].startswith("1-")
    assert header(reply, "etag") == f'"{envelope["revision"]}"'


@pytest.mark.parametrize("status", [Status.CAPTURING, Status.PAUSED])
def test_what_is_still_recorded_has_none(status: Status) -> None:
    with pytest.raises(NotFound) as caught:
        said(recording(status=status), ONE)
    assert caught.value.name == ID


@pytest.mark.parametrize(
    ("target", "how"),
    [(ONE, {"method": "DELETE"}), (f"{ONE}?verb=delete", {"method": "POST"})],
)
def test_a_deletion_gives_the_document_for_the_last_time(target: str, how: dict[str, Any]) -> None:
    envelope = document(said(TEA_ORDER, target, **how))
    assert envelope["data"]["id"] == ID
    assert envelope["data"]["_read_only"] == {"deleted": True}
    assert envelope["revision"].startswith("2-")


@pytest.mark.parametrize(
    ("query", "disposition"),
    [("", "attachment"), ("&inline=false", "attachment"), ("&inline=true", "inline")],
)
def test_audio_has_its_true_type_and_its_name(query: str, disposition: str) -> None:
    reply = said(opened(), f"{ONE}?accept=audio/mpeg{query}")
    assert reply.status == 200
    assert header(reply, "content-type") == "audio/x-wav"
    assert header(reply, "content-disposition") == f'{disposition}; filename="{ID[7:]}.wav"'
    assert header(reply, "vary") == "accept"
    assert header(reply, "etag") == '"e"'
    mp3 = said(opened(format=MediaFormat.MP3), f"{ONE}?accept=audio/mpeg")
    assert header(mp3, "content-type") == "audio/mpeg"


def test_a_page_of_another_origin_may_hear_it() -> None:
    reply = said(opened(), f"{ONE}?accept=audio/mpeg", headers={"origin": "https://ui.example.net"})
    assert header(reply, "access-control-allow-origin") == "*"


def test_a_session() -> None:
    session = Session(token="tok", actor=Actor(account=ALICE, key_id=None, user_id=UUID(hex=ADA)), expires_at=NOW)
    reply = said(session, "/v2/user_auth", method="PUT", headers={}, anonymous=True)
    assert reply.status == 201
    envelope = document(reply)
    assert envelope["auth_token"] == "tok"
    assert envelope["data"] == {
        "account_id": ALICE.id.hex,
        "account_name": "Alice",
        "is_reseller": False,
        "reseller_id": ALICE.id.hex,
        "language": "en-us",
        "apps": [],
        "owner_id": ADA,
    }


def test_a_keys_session_is_nobodys_own() -> None:
    session = Session(token="tok", actor=Actor(account=ALICE, key_id="k"), expires_at=NOW)
    reply = said(session, "/v2/api_auth", method="PUT", headers={}, anonymous=True)
    assert "owner_id" not in document(reply)["data"]


def test_whose_token_it_is() -> None:
    reply = said(None, "/v2/token_auth")
    assert reply.status == 200
    assert document(reply)["data"]["account_id"] == ALICE.id.hex


def test_a_preflight() -> None:
    asked = {"origin": "https://ui.example.net", "access-control-request-method": "DELETE"}
    reply = said(None, ONE, method="OPTIONS", headers=asked, anonymous=True)
    assert (reply.status, reply.body) == (200, b"")
    assert "DELETE" in str(header(reply, "access-control-allow-methods"))


def test_what_kazoos_clients_call_it() -> None:
    url = f"https://vault.example.net/v2/accounts/{ALICE.id.hex}/recordings"
    assert names(TEA_ORDER, ALICE, TERMS) == {
        "recording_id": ID,
        "call_id": "a84b4c76e66710@pbx.example.net",
        "url": f"{url}/{ID}",
        "media_url": f"{url}/{ID}?accept=audio/mpeg",
    }
    foreign = names(recording(foreign={"kazoo": {"recording": "a/b"}}), ALICE, TERMS)
    assert foreign["url"] == f"{url}/a%2Fb"
