"""Any recording survives being written down as a card and read back; and no document makes the reader stumble."""

from __future__ import annotations

import enum
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callvault.errors import BadRequest
from callvault.model.card import Card, read_card
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.transcription import TranscriptionStatus
from callvault.model.written_card import write_card

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.integers(-62_135_510_400_000, 253_402_214_400_000).map(lambda ms: EPOCH + ms * timedelta(milliseconds=1))
counts = st.integers(0, (1 << 53) - 1)
decimals = st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", fullmatch=True).filter(str.isascii)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
FIRST, LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "channels": st.sampled_from([1, 2]),
    "price": st.none() | decimals,
    "confidence": st.floats(0, 1),
    "extras": st.dictionaries(texts, st.dictionaries(texts, json_values, max_size=3), max_size=3),
    "foreign": st.dictionaries(texts, st.dictionaries(texts, texts, max_size=3), max_size=3),
}


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type, as the model's annotations write it."""
    if get_origin(hint) in {Union, types.UnionType}:
        return st.one_of(*(of_type(argument) for argument in get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(of_type(get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return any_of(hint)
    return PLAIN[hint]


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    type(None): st.none(),
    UUID: st.uuids(),
    datetime: moments,
    str: texts,
    bool: st.booleans(),
    int: counts,
    float: st.floats(0, 1),
}


def any_of(kind: type) -> st.SearchStrategy[Any]:
    """Any value of a class of the model, made from its annotations, so that a new field is in it at once."""
    hints = get_type_hints(kind)
    values = {name: SPECIAL[name] if name in SPECIAL else of_type(hints[name]) for name in hints}
    return st.builds(kind, **{entry.name: values[entry.name] for entry in fields(kind)})


recordings: st.SearchStrategy[Recording] = st.deferred(lambda: any_of(Recording))


@settings(deadline=None)
@given(recordings)
def test_a_recording_survives_its_card(recording: Recording) -> None:
    document = write_card(recording)
    for written in (orjson.dumps(document), json.dumps(document).encode(), json.dumps(document, indent=1).encode()):
        card = read_card(orjson.loads(written))
        for entry in fields(Card):
            assert getattr(card, entry.name) == getattr(recording, entry.name), entry.name


@settings(deadline=None)
@given(recordings, recordings)
def test_two_recordings_that_differ_have_cards_that_differ(one: Recording, two: Recording) -> None:
    assert (write_card(one) == write_card(two)) == (one == two)


@settings(deadline=None)
@given(recordings)
def test_what_is_unknown_is_left_out_and_what_is_said_is_said_once(recording: Recording) -> None:
    def check(value: object) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                assert isinstance(key, str)
                check(inner)

    document = write_card(recording)
    check(document)
    assert None not in document.values()
    assert set(document) <= {entry.name for entry in fields(Recording)}
    assert all(getattr(recording, name) not in (None, (), {}) for name in document if name not in {"caller", "callee"})


def test_a_card_has_every_field_of_a_recording_but_its_account() -> None:
    assert {entry.name for entry in fields(Card)} == {entry.name for entry in fields(Recording)} - {"account_id"}


@given(st.dictionaries(st.sampled_from([entry.name for entry in fields(Card)]) | texts, json_values, max_size=4))
def test_any_document_is_a_card_or_refused_by_name(document: dict[str, Any]) -> None:
    refused, card = outcome(document)
    if refused is None:
        assert all(name == "account_id" or hasattr(card, name) for name in document)
    else:
        assert refused.field is not None
        assert {refused.field, refused.field.partition(".")[0].partition("[")[0]} & {*document, "card"}


def outcome(document: dict[str, Any]) -> tuple[BadRequest | None, Card | None]:
    try:
        return None, read_card(document)
    except BadRequest as refused:
        return refused, None


@given(json_values)
def test_what_is_no_document_is_refused(value: Any) -> None:
    if isinstance(value, dict):
        return
    with pytest.raises(BadRequest, match="card must be a JSON object"):
        read_card(value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_at", "yesterday"),
        ("started_at", 1_772_445_600),
        ("started_at", "0001-01-01T00:00:00+23:59"),
        ("started_at", "9999-12-31T23:59:59-23:59"),
        ("id", "019ca884"),
        ("id", 7),
        ("call_id", ["019ca884-2a00-7aaa-8bbb-ccccddddeeee"]),
        ("channels", 3),
        ("channels", 1.0),
        ("channels", True),
        ("channels", "2"),
        ("duration_ms", -1),
        ("duration_ms", 1.5),
        ("duration_ms", True),
        ("duration_ms", 1 << 53),
        ("price", "-"),
        ("price", "1,5"),
        ("price", "1.2.3"),
        ("price", 0.5),
        ("price", "\u0663"),
        ("status", "finished"),
        ("status", ["available"]),
        ("format", "WAV"),
        ("notes", "one"),
        ("notes", [1]),
        ("caller", "+12025550143"),
        ("caller", {"number": 12025550143}),
        ("caller", {"phone": "+12025550143"}),
        ("caller", {"anonymous": "yes"}),
        ("foreign", {"telnyx": "abc"}),
        ("foreign", {"telnyx": {"recording": 7}}),
        ("extras", {"kazoo": []}),
        ("extras", {"kazoo": {"number": 1 << 70}}),
        ("extras", {"kazoo": {"number": float("inf")}}),
        ("extras", {"kazoo": {"number": float("nan")}}),
        ("extras", {"kazoo": {"when": datetime(2026, 3, 1, tzinfo=UTC)}}),
        ("extras", {"kazoo": {7: "seven"}}),
        ("media", {"key": "x"}),
        ("transcription", {"transcripts": [{"text": "tea", "confidence": 1.01}]}),
        ("transcription", {"transcripts": [{"text": "tea", "confidence": 1.0, "speaker": -1}]}),
        ("tea", "green"),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        read_card({field: value})
    assert (refused.value.field or "").partition(".")[0].partition("[")[0] == field


@given(moments, st.integers(-23 * 60, 23 * 60), st.integers(0, 999))
def test_a_time_is_the_same_in_whatever_zone_it_is_said(moment: datetime, minutes: int, microseconds: int) -> None:
    sign = "-" if minutes < 0 else "+"
    there = min(max(moment, FIRST), LAST) + timedelta(minutes=minutes, microseconds=microseconds)
    text = there.replace(tzinfo=None).isoformat(timespec="microseconds")
    read = read_card({"started_at": f"{text}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"}).started_at
    assert read == there - timedelta(minutes=minutes)


@given(recordings, moments)
def test_whatever_of_a_time_is_finer_than_a_millisecond_is_cut_off(recording: Recording, moment: datetime) -> None:
    finer = replace(recording, started_at=moment + timedelta(microseconds=999))
    assert write_card(finer)["started_at"] == write_card(replace(recording, started_at=moment))["started_at"]


def test_the_words_of_the_enums_are_the_words_of_the_card() -> None:
    for word in MediaFormat:
        assert read_card({"format": word.value}).format is word
    for status in Status:
        assert read_card({"status": status.value}).status is status
    for state in MediaState:
        assert read_card({"media_state": state.value}).media_state is state
    for progress in TranscriptionStatus:
        moment = "2026-03-01T00:00:00Z"
        said = {"id": str(UUID(int=7)), "status": progress.value, "created_at": moment, "updated_at": moment}
        transcription = read_card({"transcription": said}).transcription
        assert transcription is not None
        assert transcription.status is progress
