"""Bird's queries become the catalogue's: every parameter, the page token that remembers them, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest

from callvault.dialects.bird import requests, words
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.pages import write_token
from callvault.errors import BadRequest, NotAllowed, NotFound
from callvault.model.actor import Scope
from callvault.model.life import LISTED
from callvault.model.query import Axis, Position, RecordingQuery, Span
from callvault.model.recording import Direction, Status
from callvault.vault.commands import DeleteRecording, FindRecordings, GetRecording
from tests.unit.dialects.visits import ALICE, TEA_ORDER, visit

WORKSPACE = str(ALICE.id)
CALL = str(TEA_ORDER.call_id)
MOMENT = datetime(2026, 3, 1, 9, 0, 2, 114_000, tzinfo=UTC)
WRITTEN = "2026-03-01T09:00:02.114Z"
PLACE = Position(at=MOMENT, id=TEA_ORDER.id)


def asking(query: str = "", *, workspace: str = WORKSPACE, **parts: str) -> Visit:
    return visit(f"/workspaces/{workspace}/recordings?{query}", parts={"workspace": workspace, **parts})


def asked(query: str = "") -> FindRecordings:
    return requests.recordings(asking(query))


def test_without_parameters_it_is_the_newest_ten_of_all() -> None:
    assert asked() == FindRecordings(
        query=RecordingQuery(account_id=ALICE.id, statuses=LISTED, axis=Axis.CREATED, descending=True, limit=10)
    )


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("limit", "1", "limit", 1),
        ("limit", "99", "limit", 99),
        ("channelId", "880d8171-0000-4000-8000-000000000001", "connection_id", "880d8171-0000-4000-8000-000000000001"),
        ("direction", "incoming", "direction", Direction.INBOUND),
        ("direction", "outgoing", "direction", Direction.OUTBOUND),
        ("startAt", WRITTEN, "created", Span(from_=MOMENT)),
        ("endAt", WRITTEN, "created", Span(through=MOMENT)),
        ("from", "+15550100", "from_number", "+15550100"),
        ("from", "31970044994", "from_number", "+31970044994"),
        ("to", "+15550199", "to_number", "+15550199"),
        ("to", "31970044994", "to_number", "+31970044994"),
        ("to", "1001", "to_number", "1001"),
        ("to", "0201234567", "to_number", "0201234567"),
        ("to", "sip:ruth@pbx.example.net", "to_number", "sip:ruth@pbx.example.net"),
        ("status", "ongoing", "statuses", frozenset({Status.CAPTURING})),
        ("status", "paused", "statuses", frozenset({Status.PAUSED})),
        ("status", "completed", "statuses", frozenset({Status.PROCESSING})),
        ("status", "failed", "statuses", frozenset({Status.FAILED})),
        ("status", "accepted", "statuses", frozenset()),
    ],
)
def test_every_parameter_reaches_the_query(name: str, value: str, field: str, expected: Any) -> None:
    command = asked(urlencode({name: value}))
    assert command.query == replace(asked().query, **{field: expected})
    assert command.call is command.subject is None


@pytest.mark.parametrize(("word", "silent"), [("available", False), ("absent", True)])
def test_what_is_available_can_be_heard_and_what_is_absent_cannot(word: str, silent: bool) -> None:
    statuses = frozenset({Status.AVAILABLE})
    assert asked(f"status={word}").query == replace(asked().query, statuses=statuses, silent=silent)


def test_the_source_is_a_call_or_a_conference() -> None:
    command = asked(f"sourceId={CALL}")
    assert command.subject is not None
    assert (command.subject.text, command.subject.computed) == (CALL, TEA_ORDER.call_id)
    assert command.call is None


def test_the_id_is_the_calls() -> None:
    command = asked(f"id={CALL}")
    assert command.call == words.call_ref(CALL)
    assert command.call.computed == TEA_ORDER.call_id
    assert command.subject is None


def test_all_parameters_hold_together() -> None:
    command = asked(
        f"id={CALL}&sourceId={CALL}&from=%2B15550100&startAt={WRITTEN}&endAt={WRITTEN}&status=failed&limit=3"
    )
    assert command.call == command.subject == words.call_ref(CALL)
    assert command.query.created == Span(from_=MOMENT, through=MOMENT)
    assert (command.query.from_number, command.query.limit) == ("+15550100", 3)
    assert command.query.statuses == {Status.FAILED}


def test_a_plus_that_was_not_encoded_is_read_as_one() -> None:
    assert asked("from=+31970044994").query.from_number == "+31970044994"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=100", "limit"),
        ("limit=ten", "limit"),
        ("direction=inbound", "direction"),
        ("status=deleted", "status"),
        ("status=", "status"),
        ("startAt=yesterday", "startAt"),
        ("endAt=", "endAt"),
        ("pageToken=x", "pageToken"),
        ("pageToken=" + "A" * 8001, "pageToken"),
    ],
    ids=lambda text: text[:24],
)
def test_what_cannot_be_understood_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(query)
    assert refused.value.field == field


def test_other_parameters_are_passed_over() -> None:
    assert asked("sort=asc&page=2") == asked()


def test_a_page_token_goes_on_where_it_was_given() -> None:
    token = requests.page_token(asking(), PLACE)
    assert asked(f"pageToken={token}") == FindRecordings(query=replace(asked().query, at=PLACE))


def test_an_empty_page_token_is_the_beginning() -> None:
    assert asked("pageToken=") == asked()


FILTERED = f"from=31970044994&sourceId={CALL}&status=available&limit=2&startAt={WRITTEN}"


@pytest.mark.parametrize("repeated", ["", f"&{FILTERED}", "&status=available"])
def test_a_page_token_remembers_the_filters_and_the_limit(repeated: str) -> None:
    token = requests.page_token(asking(FILTERED), PLACE)
    goes_on = asked(f"pageToken={token}{repeated}")
    begun = asked(FILTERED)
    assert goes_on == replace(begun, query=replace(begun.query, at=PLACE))


def test_the_next_token_remembers_them_too() -> None:
    first = requests.page_token(asking(FILTERED), PLACE)
    assert requests.page_token(asking(f"pageToken={first}"), PLACE) == first


def test_what_is_sent_with_the_token_wins() -> None:
    token = requests.page_token(asking("limit=2&status=failed"), PLACE)
    query = asked(f"pageToken={token}&limit=5").query
    assert (query.limit, query.statuses) == (5, frozenset({Status.FAILED}))


def forged(document: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        forged([]),
        forged({"a": 1, "b": 2}),
        forged("ab"),
        forged(7),
        forged([write_token(PLACE)]),
        forged([write_token(PLACE), []]),
        forged([write_token(PLACE), {"workspace": "x"}]),
        forged([write_token(PLACE), {"limit": 5}]),
        forged([write_token(PLACE), "", 1]),
        forged(["elsewhere", {}]),
        forged([5, {}]),
        forged([write_token(PLACE), {"limit": "100"}]),
        write_token(PLACE),
        "=",
        "é",
    ],
)
def test_a_token_of_somebody_else_is_refused(token: str) -> None:
    with pytest.raises(BadRequest):
        asked(f"pageToken={quote(token)}")


@pytest.mark.parametrize("workspace", ["019cad00-0000-7000-8000-00000000b0b0", "me", ""])
@pytest.mark.parametrize(
    "read", [requests.recordings, requests.recordings_of_call, requests.one, requests.one_of_call, requests.delete]
)
def test_another_workspace_does_not_exist(read: Any, workspace: str) -> None:
    with pytest.raises(NotFound) as refused:
        read(asking(workspace=workspace, recording=str(TEA_ORDER.id), call=CALL, channel=CALL))
    assert refused.value.kind == "workspace"


def test_the_workspace_may_be_written_in_capitals() -> None:
    assert requests.recordings(asking(workspace=WORKSPACE.upper())) == asked()


@pytest.mark.parametrize("name", [str(TEA_ORDER.id), f"{TEA_ORDER.id}.mp3", f"{TEA_ORDER.id}.wav"])
def test_one_is_got_by_its_id_with_or_without_an_extension(name: str) -> None:
    ref = words.recording_ref(str(TEA_ORDER.id))
    assert requests.one(asking(recording=name)) == GetRecording(account_id=ALICE.id, recording=ref)


def test_another_extension_is_part_of_the_id() -> None:
    assert requests.one(asking(recording=f"{TEA_ORDER.id}.ogg")).recording.computed is None


def test_who_may_not_listen_gets_no_redirect() -> None:
    parts = {"workspace": WORKSPACE, "recording": f"{TEA_ORDER.id}.mp3"}
    with pytest.raises(NotAllowed):
        requests.one(visit(parts=parts, scopes=frozenset({Scope.READ})))


def test_one_is_deleted_by_its_id() -> None:
    ref = words.recording_ref(str(TEA_ORDER.id))
    command = requests.delete(asking(recording=str(TEA_ORDER.id)))
    assert command == DeleteRecording(account_id=ALICE.id, recording=ref)


CALL_PARTS: Mapping[str, str] = {"channel": "880d8171-0000-4000-8000-000000000001", "call": CALL}


def test_a_call_has_a_list_of_its_own() -> None:
    command = requests.recordings_of_call(asking("limit=1000", **CALL_PARTS))
    assert command == FindRecordings(
        query=RecordingQuery(account_id=ALICE.id, axis=Axis.CREATED, descending=True, limit=1000),
        call=words.call_ref(CALL),
    )
    assert requests.recordings_of_call(asking(**CALL_PARTS)).query.limit == 10
    token = requests.page_token(asking("limit=7", **CALL_PARTS), PLACE)
    query = requests.recordings_of_call(asking(f"pageToken={token}", **CALL_PARTS)).query
    assert (query.at, query.limit) == (PLACE, 7)


@pytest.mark.parametrize("limit", ["0", "1001"])
def test_a_calls_list_has_a_limit_of_its_own(limit: str) -> None:
    with pytest.raises(BadRequest, match="from 1 to 1000"):
        requests.recordings_of_call(asking(f"limit={limit}", **CALL_PARTS))


def test_one_of_a_call_is_got_by_both_ids() -> None:
    command = requests.one_of_call(asking(recording=str(TEA_ORDER.id), **CALL_PARTS))
    assert command == GetRecording(
        account_id=ALICE.id, recording=words.recording_ref(str(TEA_ORDER.id)), call=words.call_ref(CALL)
    )
