"""What is said of new audio, in the query and in the card."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from callvault.dialects.callvault.parameters import UPLOAD
from callvault.dialects.callvault.requests import upload
from callvault.errors import BadRequest
from callvault.model.card import Card
from callvault.model.party import Party
from callvault.model.recording import Direction, Origin, Source
from callvault.vault.commands import TakeIn
from tests.unit.dialects.visits import ALICE, visit

SOME = UUID("019ca884-2a00-7c0f-8abc-00000000c0de")
NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUDIO = b"RIFF....WAVE"

SAID: list[tuple[str, dict[str, Any]]] = [
    ("from=%2B15550100", {"caller": Party(number="+15550100")}),
    ("to=204", {"callee": Party(number="204")}),
    (f"user_id={SOME}", {"user_id": SOME}),
    (f"call_id={SOME}", {"call_id": SOME}),
    (f"call_session_id={SOME}", {"call_session_id": SOME}),
    (f"conference_id={SOME}", {"conference_id": SOME}),
    ("connection_id=main-trunk", {"connection_id": "main-trunk"}),
    ("sip_call_id=a%40b", {"sip_call_id": "a@b"}),
    ("source=conference", {"source": Source.CONFERENCE}),
    ("origin=record-verb", {"origin": Origin.RECORD_VERB}),
    ("direction=outbound", {"direction": Direction.OUTBOUND}),
    ("started_at=2026-03-01T09:00:00Z", {"started_at": NINE}),
    ("ended_at=2026-03-01T10:00:00%2B01:00", {"ended_at": NINE}),
    ("label=T%C3%AA", {"label": "Tê"}),
]


async def audio() -> AsyncIterator[bytes]:
    yield AUDIO


def uploaded(query: str = "", **headers: str) -> TakeIn:
    asked = visit(
        f"/callvault/v1/recordings?{query}",
        method="POST",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    return upload(replace(asked, request=replace(asked.request, stream=audio())))


def packed(document: Any, *, padded: bool = False) -> str:
    text = base64.urlsafe_b64encode(orjson.dumps(document)).decode()
    return text if padded else text.rstrip("=")


async def test_the_body_is_handed_on_as_it_comes() -> None:
    command = uploaded(content_length="12")
    assert [piece async for piece in command.content] == [AUDIO]
    assert command.expected_bytes == 12
    assert (command.account_id, command.card, command.key) == (ALICE.id, Card(), None)


async def test_a_body_that_came_whole_is_one_piece() -> None:
    asked = visit("/", method="POST")
    command = upload(replace(asked, request=replace(asked.request, body=AUDIO)))
    assert [piece async for piece in command.content] == [AUDIO]


@pytest.mark.parametrize("length", ["", "-1", "1e3", "١٢"])
def test_a_length_that_is_none_promises_nothing(length: str) -> None:
    assert uploaded(content_length=length).expected_bytes is None


@pytest.mark.parametrize(("query", "expected"), SAID)
def test_what_the_query_says_is_in_the_card(query: str, expected: dict[str, Any]) -> None:
    assert uploaded(query).card == Card(**expected)


def test_each_parameter_of_an_upload_is_tried_above() -> None:
    tried = {query.split("=")[0] for query, _ in SAID}
    assert tried == {parameter.name for parameter in UPLOAD if parameter.place == "query"}


CARD = {"label": "Tê", "caller": {"number": "+15550100", "name": "Ruth"}, "extras": {"telnyx": {"a": 1}}}
READ = Card(label="Tê", caller=Party(number="+15550100", name="Ruth"), extras={"telnyx": {"a": 1}})


@pytest.mark.parametrize(
    "header",
    [
        '{"label": "T\\u00ea", "caller": {"number": "+15550100", "name": "Ruth"}, "extras": {"telnyx": {"a": 1}}}',
        " " + packed(CARD),
        packed(CARD, padded=True),
    ],
    ids=["JSON in ASCII", "base64url", "base64url, padded"],
)
def test_a_card_comes_in_a_header(header: str) -> None:
    assert uploaded(callvault_card=header).card == READ


def test_query_and_card_complete_each_other() -> None:
    card = uploaded("to=204&direction=inbound", callvault_card=packed(CARD)).card
    assert card == replace(READ, callee=Party(number="204"), direction=Direction.INBOUND)
    named = uploaded("from=204", callvault_card='{"caller": {"name": "Ruth"}}').card
    assert named.caller == Party(number="204", name="Ruth")


@pytest.mark.parametrize(("query", "field"), [("label=b", "label"), ("from=204", "caller.number")])
def test_what_both_say_is_refused(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        uploaded(query, callvault_card=packed(CARD))
    assert refused.value.field == field
    assert "say it once" in str(refused.value)


@pytest.mark.parametrize(
    "header",
    ["", "nonsense", "{", '{"label": "Tê"}', packed([1]), packed({"labl": "a"}), packed({"channels": 3}), "e30!"],
)
def test_a_header_that_is_no_card_is_refused(header: str) -> None:
    with pytest.raises(BadRequest):
        uploaded(callvault_card=header)


@pytest.mark.parametrize(
    ("header", "key"),
    [("export-0007", "export-0007"), ('"export 0007"', "export 0007"), ("a" * 255, "a" * 255), ("x", "x")],
    ids=["bare", "quoted", "longest", "shortest"],
)
def test_the_idempotency_key_is_bare_or_quoted(header: str, key: str) -> None:
    assert uploaded(idempotency_key=header).key == key


@pytest.mark.parametrize("header", ["", '""', "a" * 256, "schlüssel", " a", '"', "a\tb"])
def test_an_idempotency_key_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(BadRequest) as refused:
        uploaded(idempotency_key=header)
    assert refused.value.field == "Idempotency-Key"


@pytest.mark.parametrize("kind", ["audio/wav", "application/x-www-form-urlencoded", "text/plain", "nonsense"])
def test_what_the_sender_calls_the_audio_says_nothing(kind: str) -> None:
    assert uploaded(content_type=kind).card == Card()


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"content_type": "Multipart/Form-Data; boundary=a"}, "Content-Type"),
        ({"content_encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_a_body_that_is_more_or_less_than_the_audio_is_refused(headers: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        uploaded(**headers)
    assert refused.value.field == field
    assert uploaded(content_encoding="identity").card == Card()
