"""Transcriptions in both vendors' forms: whose they are, which page, as document and as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.signalwire import transcriptions, words
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.pages import write_token
from callvault.errors import BadRequest, NotFound
from callvault.model.query import ALWAYS, Position, Slice, Span, TranscriptionQuery
from callvault.model.recording import Recording
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.vault.commands import GetRecording
from callvault.vault.transcription_commands import DeleteTranscription, FindTranscriptions, GetTranscription
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, TWILIO, asking, named, read, said, sid
from tests.unit.dialects.visits import ALICE, TEA_ORDER, document, header, recording

ACCOUNTS = pytest.mark.parametrize("account", BOTH)
NOTES = Transcription(
    id=UUID("019ca884-2a00-7d0f-8551-000000000003"),
    status=TranscriptionStatus.AVAILABLE,
    created_at=datetime(2026, 3, 1, 9, 2, tzinfo=UTC),
    updated_at=datetime(2026, 3, 1, 9, 3, tzinfo=UTC),
    transcripts=(Transcript(text="Two boxes?", confidence=0.9), Transcript(text="Of green tea.", confidence=0.8)),
)
WRITTEN = recording(transcription=NOTES, price_unit="EUR")
TR = f"TR{NOTES.id.hex}"
PLACE = Position(at=NOTES.created_at, id=NOTES.id)
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def own(account: str) -> str:
    """What the transcription is called in the account's world."""
    return TR if account == TWILIO else str(NOTES.id)


def paths(account: str) -> tuple[str, str]:
    """The transcription under its account, and under its recording."""
    return f"{account}/Transcriptions/{own(account)}", f"{named(account)}/Transcriptions/{own(account)}"


def listed(*items: Recording, target: str, more: bool = False) -> Any:
    return document(said(Slice(items=items, more=more), target))


def found(target: str) -> TranscriptionQuery:
    command = read(target)
    assert isinstance(command, FindTranscriptions)
    assert command.recording is None
    return command.query


# Which are asked for


@ACCOUNTS
@pytest.mark.parametrize("ending", ["", ".json"])
def test_an_accounts_are_the_newest_fifty(account: str, ending: str) -> None:
    assert found(f"{account}/Transcriptions{ending}") == TranscriptionQuery(
        account_id=ALICE.id, descending=True, limit=50
    )


@ACCOUNTS
@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("PageSize=1000", "limit", 1000),
        (f"PageToken=PA{write_token(PLACE)}&Page=1", "after", PLACE),
        (f"PageToken=PB{write_token(PLACE)}&Page=1", "descending", False),
        ("DateCreated=2026-03-01", "created", Span(from_=DAY, before=DAY + timedelta(days=1))),
        ("DateCreated%3E=2026-03-01", "created", Span(from_=DAY)),
        ("DateCreated%3C=2026-03-01", "created", Span(before=DAY + timedelta(seconds=1))),
    ],
)
def test_every_parameter_reaches_the_query(account: str, query: str, field: str, value: Any) -> None:
    asked = found(f"{account}/Transcriptions.json?{query}")
    assert getattr(asked, field) == value
    assert field == "created" or asked.created == ALWAYS


def test_twilios_clients_may_go_by_page_alone() -> None:
    assert found(f"{TWILIO}/Transcriptions.json?Page=2").page == 3
    with pytest.raises(BadRequest):
        found(f"{PROJECT}/Transcriptions?Page=2")


@ACCOUNTS
@pytest.mark.parametrize("query", ["PageSize=0", "PageSize=1001", "PageToken=x", "Page=-1", "DateCreated=soon"])
def test_what_is_out_of_range_is_refused(account: str, query: str) -> None:
    with pytest.raises(BadRequest):
        found(f"{account}/Transcriptions.json?{query}")


@ACCOUNTS
@pytest.mark.parametrize("ending", ["", ".json"])
def test_a_recordings_are_read_off_the_recording(account: str, ending: str) -> None:
    command = read(f"{named(account)}/Transcriptions{ending}")
    assert isinstance(command, GetRecording)
    assert (command.recording.computed, command.deleted_from) == (TEA_ORDER.id, None)


@ACCOUNTS
@pytest.mark.parametrize("ending", ["", ".json", ".txt"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_one_by_its_id_alone_or_within_its_recording(account: str, ending: str, method: str) -> None:
    alone, within = (read(path + ending, method=method) for path in paths(account))
    for command in (alone, within):
        assert isinstance(command, GetTranscription if method == "GET" else DeleteTranscription)
        assert command.account_id == ALICE.id
        assert command.transcription is not None
        assert (command.transcription.computed, command.transcription.text) == (NOTES.id, own(account))
    assert isinstance(alone, GetTranscription | DeleteTranscription)
    assert isinstance(within, GetTranscription | DeleteTranscription)
    assert alone.recording is None
    assert within.recording is not None
    assert within.recording.computed == TEA_ORDER.id


@pytest.mark.parametrize(
    "target",
    [
        f"{PROJECT}/Transcriptions/{TR}",
        f"{TWILIO}/Transcriptions/{NOTES.id}.json",
        f"{TWILIO}/Transcriptions/RE{NOTES.id.hex}.json",
        f"{PROJECT}/Transcriptions/nonsense",
        f"{PROJECT}/Transcriptions/{NOTES.id}.xml",
        f"{PROJECT}/Transcriptions/{NOTES.id}.txt.json",
        f"{named(PROJECT)}/Transcriptions/any",
        f"{PROJECT}/Recordings/nonsense/Transcriptions/{NOTES.id}",
        f"/2010-04-01/Accounts/{TEA_ORDER.call_id}/Transcriptions/{NOTES.id}",
        f"/2010-04-01/Accounts/{TEA_ORDER.call_id}/Transcriptions",
    ],
)
def test_ids_of_another_form_and_other_accounts_are_not_found(target: str) -> None:
    with pytest.raises(NotFound):
        read(target)


# What is said of them


def test_every_field_of_signalwires() -> None:
    for path in paths(PROJECT):
        assert document(said(WRITTEN, f"{path}.json")) == {
            "account_sid": str(ALICE.id),
            "api_version": "2010-04-01",
            "date_created": "Sun, 01 Mar 2026 09:02:00 +0000",
            "date_updated": "Sun, 01 Mar 2026 09:03:00 +0000",
            "duration": 61,
            "price": None,
            "price_unit": "EUR",
            "recording_sid": sid(),
            "sid": str(NOTES.id),
            "status": "completed",
            "transcription_text": "Two boxes?\nOf green tea.",
            "type": "",
            "uri": f"{PROJECT}/Transcriptions/{NOTES.id}.json",
        }


def test_twilios_has_its_own_types() -> None:
    fields = document(said(WRITTEN, f"{TWILIO}/Transcriptions/{TR}.json"))
    assert (fields["sid"], fields["recording_sid"]) == (TR, sid(vendor=Vendor.TWILIO))
    assert fields["account_sid"] == f"AC{ALICE.id.hex}"
    assert (fields["duration"], fields["type"]) == ("61", "fast")
    assert fields["uri"] == f"{TWILIO}/Transcriptions/{TR}.json"


def test_without_an_ending_twilio_answers_xml_and_signalwire_json() -> None:
    reply = said(WRITTEN, f"{TWILIO}/Transcriptions/{TR}")
    assert header(reply, "content-type") == "application/xml; charset=utf-8"
    assert b"<TwilioResponse><Transcription><AccountSid>" in bytes(reply.body)  # type: ignore[arg-type]
    listing = said(Slice(items=(WRITTEN,), more=False), f"{TWILIO}/Transcriptions")
    assert b"<Transcriptions end=" in bytes(listing.body)  # type: ignore[arg-type]
    assert document(said(WRITTEN, f"{PROJECT}/Transcriptions/{NOTES.id}"))["sid"] == str(NOTES.id)
    assert listed(WRITTEN, target=f"{PROJECT}/Transcriptions")["transcriptions"][0]["sid"] == str(NOTES.id)


@ACCOUNTS
def test_the_text_alone(account: str) -> None:
    for path in paths(account):
        reply = said(WRITTEN, f"{path}.txt")
        assert (reply.status, reply.body) == (200, b"Two boxes?\nOf green tea.")
        assert header(reply, "content-type") == "text/plain; charset=utf-8"


@ACCOUNTS
@pytest.mark.parametrize("status", [word for word in TranscriptionStatus if word is not TranscriptionStatus.AVAILABLE])
def test_one_that_is_not_written_has_no_text(account: str, status: TranscriptionStatus) -> None:
    item = recording(transcription=replace(NOTES, status=status))
    path, _ = paths(account)
    assert document(said(item, f"{path}.json"))["transcription_text"] is None
    with pytest.raises(NotFound):
        said(item, f"{path}.txt")


def test_ids_that_the_vendor_gave_are_kept_for_its_own_clients() -> None:
    given = "TR" + "5" * 32
    item = replace(WRITTEN, foreign={"signalwire": {"transcription": given}})
    assert document(said(item, f"{TWILIO}/Transcriptions/{TR}.json"))["sid"] == given
    assert document(said(item, f"{PROJECT}/Transcriptions/{NOTES.id}.json"))["sid"] == str(NOTES.id)


@ACCOUNTS
def test_a_list_has_one_key_besides_its_paging(account: str) -> None:
    fields = listed(WRITTEN, target=f"{account}/Transcriptions.json?PageSize=1", more=True)
    assert [item["sid"] for item in fields["transcriptions"]] == [own(account)]
    assert f"PageToken=PA{write_token(PLACE)}" in fields["next_page_uri"]
    assert "/Transcriptions" in fields["next_page_uri"]
    assert {key for key, value in fields.items() if isinstance(value, list)} == {"transcriptions"}


@ACCOUNTS
def test_a_page_that_was_read_towards_the_front_is_turned_round(account: str) -> None:
    other = replace(WRITTEN, transcription=replace(NOTES, id=UUID("019ca884-2a00-7d0f-8551-000000000004")))
    target = f"{account}/Transcriptions.json?Page=1&PageToken=PB{write_token(PLACE)}"
    names = [item["sid"] for item in listed(other, WRITTEN, target=target)["transcriptions"]]
    assert names[0] == own(account)


@ACCOUNTS
def test_a_recordings_list_has_one_or_none(account: str) -> None:
    target = f"{named(account)}/Transcriptions.json"
    assert [item["sid"] for item in document(said(WRITTEN, target))["transcriptions"]] == [own(account)]
    assert document(said(TEA_ORDER, target))["transcriptions"] == []
    beyond = f"{target}?Page=1&PageToken=PA{write_token(PLACE)}"
    assert document(said(WRITTEN, beyond))["transcriptions"] == []


@ACCOUNTS
def test_a_deletion_says_nothing(account: str) -> None:
    for path in paths(account):
        reply = said(WRITTEN, path, method="DELETE")
        assert (reply.status, reply.body) == (204, b"")


def test_a_ref_is_of_a_transcription() -> None:
    ref = words.transcription_ref(TR, Vendor.TWILIO)
    assert (ref.dialect, ref.kind, ref.text, ref.computed) == ("signalwire", "transcription", TR, NOTES.id)
    with pytest.raises(NotFound):
        transcriptions.transcription_object(TEA_ORDER, asking(f"{PROJECT}/Transcriptions"))
