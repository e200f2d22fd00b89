"""Kazoo's ids and page tokens round-trip, and whatever a caller writes is understood or refused, nothing else."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.filters import Condition, judge, read_filters
from callvault.dialects.kazoo.negotiation import Form, of_recording
from callvault.dialects.kazoo.pushes import card_of, read_push
from callvault.dialects.kazoo.start_keys import read_key, write_edge, write_key
from callvault.errors import BadRequest, NotFound
from callvault.model.ids import new_id
from callvault.model.query import Position
from callvault.model.recording import Recording
from callvault.vault.commands import FindRecordings
from callvault.wire import WireRequest
from tests.unit.dialects.kazoo.asking import LIST, PUSH, asking, read
from tests.unit.dialects.visits import ALICE, recording

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 8000 * 365 * 86_400_000).map(lambda count: EPOCH + timedelta(milliseconds=count))
CORE_IDS = st.builds(new_id, MOMENTS, st.binary(min_size=10, max_size=10))
OWNERS = st.none() | st.uuids()
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
PARAMETERS = st.sampled_from(
    [
        "page_size",
        "start_key",
        "ascending",
        "descending",
        "paginate",
        "created_from",
        "created_to",
        "modified_from",
        "modified_to",
        "filter_direction",
        "filter_not_origin",
        "has_key",
        "from",
        "to",
        "caller_id_number",
        "interaction_id",
        "conference_id",
        "owner_id",
        "start",
        "duration_ms",
        "recording_id",
        "recording",
        "call_id",
    ]
)
VALUES = WORDS | st.integers().map(str) | st.sampled_from(["true", "call_recording_1@x.mp3", "63939574802-0a1b2c3d"])
QUERIES = st.lists(st.tuples(PARAMETERS | WORDS, VALUES), max_size=6)


@given(CORE_IDS)
def test_recording_ids_are_read_back(core_id: UUID) -> None:
    assert words.core_id(words.computed_id(core_id)) == core_id
    assert words.recording_ref(words.computed_id(core_id)).computed == core_id


@given(CORE_IDS | st.uuids())
def test_calls_conversations_and_conferences_are_read_back(core_id: UUID) -> None:
    of_it: Recording = recording(call_id=core_id, call_session_id=core_id, conference_id=core_id, sip_call_id=None)
    call = words.call_ref(words.call_id(of_it))
    assert call is not None
    assert call.computed == core_id
    assert words.interaction_ref(words.interaction_id(of_it)).computed == core_id
    assert words.conference_ref(words.conference_id(of_it) or "").computed == core_id


@given(st.text() | st.from_regex(r"[0-9]{6}-[0-9a-f]{32}", fullmatch=True))
def test_any_text_is_an_id_of_somebody(text: str) -> None:
    computed = words.recording_ref(text).computed
    assert computed is None or words.computed_id(computed) == text
    assert words.interaction_ref(text).text == words.conference_ref(text).text == text


@given(MOMENTS, CORE_IDS, OWNERS, st.booleans())
def test_start_keys_are_read_back(at: datetime, core_id: UUID, owner: UUID | None, descending: bool) -> None:
    position = Position(at=at, id=core_id)
    assert read_key(write_key(position, owner), owner, descending=descending) == position


@given(MOMENTS, OWNERS)
def test_an_edge_holds_its_whole_second(at: datetime, owner: UUID | None) -> None:
    second = at.replace(microsecond=0)
    newest = read_key(write_edge(at, owner, descending=True), owner, descending=True)
    oldest = read_key(write_edge(at, owner, descending=False), owner, descending=False)
    assert oldest.at == second
    assert newest.at == second + timedelta(microseconds=999_999)


@given(WORDS | st.binary(max_size=60).map(lambda octets: octets.hex()) | st.from_regex(r"g2wA[\w-]{0,60}"))
def test_any_text_is_a_start_key_or_refused(text: str) -> None:
    with suppress(BadRequest):
        assert read_key(text, None, descending=True).at.tzinfo is UTC


@given(QUERIES)
def test_any_query_is_a_list_or_refused(query: list[tuple[str, str]]) -> None:
    with suppress(BadRequest):
        command = read(f"{LIST}?{urlencode(query)}")
        assert isinstance(command, FindRecordings)
        assert command.query.account_id == ALICE.id
        assert 1 <= command.query.limit <= 10_000


@given(QUERIES)
def test_any_filter_is_indexed_or_judged(query: list[tuple[str, str]]) -> None:
    document = {"direction": "inbound", "origin": "x", "a": {"b": 1}}
    filters = read_filters(query)
    assert judge(filters.rest)(document.get) in {True, False}
    assert judge([Condition(parameter="filter_direction", value="inbound")])(document.get)


@given(WORDS, QUERIES)
def test_whatever_a_push_says_its_card_is_made(file: str, query: list[tuple[str, str]]) -> None:
    name = quote(f"call_recording_{file}.mp3", safe="")
    try:
        push = read_push(asking(f"{PUSH}/{name}?{urlencode(query)}", method="PUT").request)
    except NotFound:
        assert not any(letter.isalnum() for letter in file), "what has a name is found"
        return
    card = card_of(push, ALICE.id)
    assert card.foreign["kazoo"]["recording"] == push.name
    assert card.foreign["kazoo"].get("call", "") == push.call_id


@given(QUERIES)
def test_any_push_is_named_or_not_found(query: list[tuple[str, str]]) -> None:
    with suppress(NotFound):
        assert read_push(asking(f"{PUSH}?{urlencode(query)}", method="PUT").request).name


@given(WORDS | st.lists(st.sampled_from(["audio/*", "*/*", "text/html", ";q=0.3", ";q=x", ",", " "])).map("".join))
def test_any_accept_is_answered_or_refused(accept: str) -> None:
    with suppress(BadRequest):
        form = of_recording(WireRequest(method="GET", path="/", headers={"accept": accept}))
        assert form in {Form.AUDIO, Form.DOCUMENT}
