"""Telnyx's transcriptions: filters, both kinds of paging, and the object."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from callvault.dialects.telnyx import transcriptions, words
from callvault.dialects.toolbox.pages import write_token
from callvault.errors import BadRequest, NotFound
from callvault.model.query import ALWAYS, Position, Slice, Span, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.vault.transcription_commands import DeleteTranscription, FindTranscriptions, GetTranscription
from tests.unit.dialects.visits import ALICE, TEA_ORDER, document, recording, visit

MOMENT = datetime(2026, 3, 1, 9, 2, 0, 7_000, tzinfo=UTC)
WRITTEN = "2026-03-01T09:02:00.007Z"
SAID = Transcription(
    id=UUID("019ca886-0000-7d01-9d01-dddddddddd01"),
    status=TranscriptionStatus.AVAILABLE,
    created_at=MOMENT,
    updated_at=datetime(2026, 3, 1, 9, 2, 41, 512_000, tzinfo=UTC),
    transcripts=(Transcript(text="Two boxes, please.", confidence=0.9), Transcript(text="Gladly.", confidence=0.8)),
)
SPOKEN = recording(transcription=SAID)
PLACE = Position(at=SAID.created_at, id=SAID.id)


def asked(query: str = "") -> FindTranscriptions:
    return transcriptions.transcriptions(visit(f"{transcriptions.ROOT}?{query}"))


def listed(*items: Recording, query: str = "", **slice_: Any) -> Any:
    page = Slice(items=items, more=slice_.pop("more", False), **slice_)
    return document(transcriptions.say_list(page, visit(f"{transcriptions.ROOT}?{query}")))


def shown(item: Recording) -> Any:
    return document(transcriptions.say_one(item, visit()))["data"]


def test_without_parameters_it_is_the_newest_twenty() -> None:
    assert asked() == FindTranscriptions(
        query=TranscriptionQuery(account_id=ALICE.id, descending=True, limit=20, page=1, with_total=True)
    )


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        (f"filter[created_at][gte]={WRITTEN}", "created", Span(from_=MOMENT)),
        (f"filter%5Bcreated_at%5D%5Blte%5D={WRITTEN}", "created", Span(through=MOMENT)),
        ("page[number]=7", "page", 7),
        ("page[size]=250", "limit", 250),
        ("page%5Bsize%5D=1", "limit", 1),
        ("page_size=7", "limit", 7),
        ("page_number=7", "page", 7),
        (f"page[after]={write_token(PLACE)}", "after", PLACE),
    ],
)
def test_every_parameter_reaches_the_query(query: str, field: str, value: Any) -> None:
    command = asked(query)
    assert getattr(command.query, field) == value
    assert command.recording is None
    assert field == "created" or command.query.created == ALWAYS


def test_a_recording_becomes_a_ref() -> None:
    assert asked(f"filter[recording_id]={TEA_ORDER.id}").recording == words.recording_ref(str(TEA_ORDER.id))


def test_behind_a_cursor_there_is_no_page_number() -> None:
    query = asked(f"page[after]={write_token(PLACE)}&page[number]=3").query
    assert (query.after, query.page) == (PLACE, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page[size]=0", "page[size]"),
        ("page[size]=251", "page[size]"),
        ("page[number]=0", "page[number]"),
        ("page[number]=two", "page[number]"),
        ("page[after]=here", "page[after]"),
        ("filter[created_at][gte]=yesterday", "filter[created_at][gte]"),
        ("filter[created_at][lte]=", "filter[created_at][lte]"),
        ("filter[status]=completed", "filter[status]"),
        ("filter[created_at]=2026-03-01", "filter[created_at]"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(query)
    assert refused.value.field == field


def test_one_is_got_and_deleted_by_its_id() -> None:
    asking = visit(parts={"transcription": str(SAID.id)})
    got = transcriptions.one(asking)
    assert isinstance(got, GetTranscription)
    assert (got.account_id, got.transcription.computed, got.recording) == (ALICE.id, SAID.id, None)
    deleted = transcriptions.delete(asking)
    assert deleted == DeleteTranscription(account_id=ALICE.id, transcription=got.transcription)
    assert transcriptions.one(visit(parts={"transcription": "abc"})).transcription.computed is None


def test_the_object_has_the_vendors_fields() -> None:
    assert shown(SPOKEN) == {
        "id": str(SAID.id),
        "record_type": "recording_transcription",
        "recording_id": str(TEA_ORDER.id),
        "status": "completed",
        "transcription_text": "Two boxes, please.\nGladly.",
        "duration_millis": 61_240,
        "created_at": WRITTEN,
        "updated_at": "2026-03-01T09:02:41.512Z",
    }


def test_ids_that_the_vendor_gave_are_kept() -> None:
    told = shown(replace(SPOKEN, foreign={"telnyx": {"transcription": "tr-1", "recording": "rec-1"}}))
    assert (told["id"], told["recording_id"]) == ("tr-1", "rec-1")


@pytest.mark.parametrize("status", TranscriptionStatus)
def test_the_text_is_there_once_it_is_written(status: TranscriptionStatus) -> None:
    told = shown(replace(SPOKEN, transcription=replace(SAID, status=status)))
    assert told["status"] == ("in-progress" if status is TranscriptionStatus.PROCESSING else "completed")
    assert (told["transcription_text"] is not None) is (status is TranscriptionStatus.AVAILABLE)


def test_a_recording_without_one_is_not_told() -> None:
    with pytest.raises(NotFound):
        shown(TEA_ORDER)


def test_a_page_is_counted_and_has_cursors() -> None:
    earlier = replace(SPOKEN, transcription=replace(SAID, id=UUID(int=7 << 76 | 2 << 62)))
    told = listed(SPOKEN, earlier, query="page[number]=2&page[size]=2", more=True, total=5)
    assert [entry["id"] for entry in told["data"]] == [str(SAID.id), str(UUID(int=7 << 76 | 2 << 62))]
    meta = told["meta"]
    assert (meta["page_number"], meta["page_size"], meta["total_pages"], meta["total_results"]) == (2, 2, 3, 5)
    assert meta["cursors"]["before"] == write_token(PLACE)
    assert meta["cursors"]["after"] in meta["next"]


def test_the_next_page_keeps_filters_and_size() -> None:
    query = f"filter[recording_id]={TEA_ORDER.id}&filter[created_at][gte]={WRITTEN}&page[size]=1&other=x"
    following = urlsplit(listed(SPOKEN, query=query, more=True, total=2)["meta"]["next"])
    assert following.path == transcriptions.ROOT
    assert dict(parse_qsl(following.query)) == {
        "filter[recording_id]": str(TEA_ORDER.id),
        "filter[created_at][gte]": WRITTEN,
        "page[after]": write_token(PLACE),
        "page[size]": "1",
    }


def test_the_last_page_says_that_it_is() -> None:
    meta = listed(SPOKEN, total=1)["meta"]
    assert (meta["next"], meta["cursors"]["after"], meta["total_pages"]) == (None, None, 1)
    meta = listed(total=0)["meta"]
    assert meta["cursors"] == {"before": None, "after": None}
    assert (meta["total_pages"], meta["total_results"]) == (0, 0)
