"""A card comes out as it went in, and what no database could keep does not go in."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from callvault.errors import BadRequest
from callvault.model.card import DEEPEST, Card, read_card
from callvault.model.recording import Recording
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.model.written_card import write_card
from tests.unit.dialects.visits import TEA_ORDER

FULL = replace(
    TEA_ORDER,
    notes=("The length in the header was missing.",),
    transcription=Transcription(
        id=TEA_ORDER.id,
        status=TranscriptionStatus.AVAILABLE,
        created_at=TEA_ORDER.created_at,
        updated_at=TEA_ORDER.updated_at,
        transcripts=(Transcript(text="Tea, please.", confidence=0.5), Transcript(text="Green?", confidence=1.0)),
    ),
    foreign=MappingProxyType({"telnyx": {"recording": "abc"}}),
    extras={"kazoo": {"custom": {"a": [1, {"b": None}]}}},
)


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels - 3):
        inner = {"in": inner}
    return {"extras": {"kazoo": {"custom": inner}}}


def test_a_card_that_was_written_is_read_as_the_same_recording() -> None:
    card = read_card(orjson.loads(orjson.dumps(write_card(FULL))))
    for entry in fields(Card):
        assert getattr(card, entry.name) == getattr(FULL, entry.name), entry.name


def test_a_written_card_has_json_values_and_nothing_that_is_not_known() -> None:
    card = write_card(FULL)
    assert orjson.loads(orjson.dumps(card)) == card
    assert set(card) == {entry.name for entry in fields(Recording) if getattr(FULL, entry.name) not in (None, (), {})}
    assert card["started_at"] == "2026-03-01T09:00:02.114Z"
    assert card["caller"] == {"number": "+15550100"}
    assert card["transcription"]["transcripts"][1] == {"text": "Green?", "confidence": 1.0}


def test_times_of_other_zones_are_written_in_utc() -> None:
    moment = datetime.fromisoformat("2026-03-01T10:00:02.114999+01:00")
    assert write_card(replace(TEA_ORDER, started_at=moment))["started_at"] == "2026-03-01T09:00:02.114Z"


@pytest.mark.parametrize(
    "document",
    [
        {"label": "a\0b"},
        {"label": "\ud83d"},
        {"caller": {"name": "\0"}},
        {"notes": ["fine", "\0"]},
        {"foreign": {"telnyx": {"recording": "\udc00"}}},
        {"extras": {"kazoo": {"\0": 1}}},
        nested(DEEPEST + 1),
    ],
    ids=["nul", "half a pair", "in a party", "in a list", "in an id", "in a key", "too deep"],
)
def test_what_cannot_be_kept_is_refused_by_the_field(document: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        read_card(document)
    assert refused.value.field == next(iter(document))


def test_what_is_just_deep_enough_is_kept() -> None:
    assert read_card(nested(DEEPEST)).extras == nested(DEEPEST)["extras"]
