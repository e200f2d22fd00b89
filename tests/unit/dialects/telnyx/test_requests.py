"""Telnyx's queries become the catalogue's: every filter, both bounds, the page, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from callvault.dialects.telnyx import requests, words
from callvault.errors import BadRequest
from callvault.model.query import ALWAYS, Axis, RecordingQuery, Span
from callvault.model.recording import Status
from callvault.vault.commands import DeleteRecording, DeleteRecordings, FindRecordings, GetRecording
from tests.unit.dialects.visits import ALICE, TEA_ORDER, visit

LEG = str(TEA_ORDER.call_id)
SESSION = str(TEA_ORDER.call_session_id)
CONFERENCE = "019ca884-2a00-7c0f-8c0f-000000000009"
MOMENT = datetime(2026, 3, 1, 9, 0, 2, 114_000, tzinfo=UTC)
WRITTEN = "2026-03-01T09:00:02.114Z"


def asked(query: str) -> FindRecordings:
    return requests.recordings(visit(f"/v2/recordings?{query}"))


def test_without_parameters_it_is_the_newest_twenty_that_are_finished() -> None:
    assert asked("") == FindRecordings(
        query=RecordingQuery(
            account_id=ALICE.id,
            statuses=frozenset({Status.AVAILABLE}),
            axis=Axis.CREATED,
            descending=True,
            limit=20,
            page=1,
            with_total=True,
        )
    )


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("filter[from]", "+15550100", "from_number", "+15550100"),
        ("filter[to]", "+15550199", "to_number", "+15550199"),
        ("filter[from]", "sip:Alice@example.net", "from_number", "sip:Alice@example.net"),
        ("filter[connection_id]", "2100000000000000001", "connection_id", "2100000000000000001"),
        ("filter[sip_call_id]", "a84b4c76e66710@pbx", "sip_call_id", "a84b4c76e66710@pbx"),
        ("filter[created_at][gte]", WRITTEN, "created", Span(from_=MOMENT)),
        ("filter[created_at][lte]", WRITTEN, "created", Span(through=MOMENT)),
        ("filter[start_time][gte]", WRITTEN, "started", Span(from_=MOMENT)),
        ("filter[start_time][lte]", WRITTEN, "started", Span(through=MOMENT)),
        ("filter[end_time][gte]", WRITTEN, "ended", Span(from_=MOMENT)),
        ("filter[end_time][lte]", WRITTEN, "ended", Span(through=MOMENT)),
        ("page[number]", "7", "page", 7),
        ("page[size]", "250", "limit", 250),
        ("page[size]", "1", "limit", 1),
        ("page_number", "7", "page", 7),
        ("page_size", "250", "limit", 250),
    ],
)
@pytest.mark.parametrize("encoded", [True, False], ids=["encoded brackets", "raw brackets"])
def test_every_parameter_reaches_the_query(name: str, value: str, field: str, expected: Any, *, encoded: bool) -> None:
    query = asked(f"{quote(name) if encoded else name}={quote(value)}").query
    assert getattr(query, field) == expected
    others = {"created", "started", "ended"} - {field}
    assert all(getattr(query, other) == ALWAYS for other in others)


@pytest.mark.parametrize(
    ("name", "value", "attribute", "kind", "computed"),
    [
        ("filter[call_leg_id]", LEG, "call", "call", TEA_ORDER.call_id),
        ("filter[call_session_id]", SESSION, "session", "session", TEA_ORDER.call_session_id),
        ("filter[call_control_id]", words.control_id(TEA_ORDER.call_id), "call", "call_control", TEA_ORDER.call_id),
        ("filter[call_leg_id]", "not-one-of-ours", "call", "call", None),
    ],
)
def test_every_id_becomes_a_ref(name: str, value: str, attribute: str, kind: str, computed: Any) -> None:
    command = asked(f"{name}={quote(value)}")
    ref = getattr(command, attribute)
    assert (ref.dialect, ref.kind, ref.text, ref.computed) == ("telnyx", kind, value, computed)
    assert [command.call, command.session, command.conference].count(None) == 2


def test_a_conference_id_becomes_a_ref() -> None:
    command = asked(f"filter[conference_id]={CONFERENCE}")
    assert command.conference is not None
    assert (command.conference.kind, command.conference.text) == ("conference", CONFERENCE)
    assert str(command.conference.computed) == CONFERENCE


def test_all_filters_hold_together() -> None:
    command = asked(
        f"filter[from]=%2B15550100&filter[call_session_id]={SESSION}&filter[created_at][gte]={WRITTEN}"
        f"&filter[created_at][lte]={WRITTEN}&page[number]=2&page[size]=5"
    )
    assert command.query.from_number == "+15550100"
    assert command.query.created == Span(from_=MOMENT, through=MOMENT)
    assert command.session is not None
    assert (command.query.page, command.query.limit) == (2, 5)


def test_the_javascript_client_asks_for_the_following_pages_in_brackets_beside_what_it_asked_first() -> None:
    query = asked("page_number=2&page_size=5&page%5Bnumber%5D=3").query
    assert (query.page, query.limit) == (3, 5)


def test_a_plus_that_was_not_encoded_is_read_as_one() -> None:
    query = asked("filter[from]=+15550100&filter[to]=+15550199&filter[created_at][gte]=2026-03-01T10:00:02.114+01:00")
    assert (query.query.from_number, query.query.to_number) == ("+15550100", "+15550199")
    assert query.query.created == Span(from_=MOMENT)


def test_a_call_may_be_named_by_both_its_ids() -> None:
    both = asked(f"filter[call_leg_id]={LEG}&filter[call_control_id]={words.control_id(TEA_ORDER.call_id)}")
    assert both.call == words.call_ref(LEG)


def test_two_calls_at_once_are_refused() -> None:
    with pytest.raises(BadRequest, match="two different calls") as refused:
        asked(f"filter[call_leg_id]={SESSION}&filter[call_control_id]={words.control_id(TEA_ORDER.call_id)}")
    assert refused.value.field == "filter[call_control_id]"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page[size]=0", "page[size]"),
        ("page[size]=251", "page[size]"),
        ("page[size]=ten", "page[size]"),
        ("page[number]=0", "page[number]"),
        ("page[number]=-1", "page[number]"),
        ("page[number]=2147483648", "page[number]"),
        ("page[number]=", "page[number]"),
        ("page_size=251", "page_size"),
        ("page_number=0", "page_number"),
        ("filter[created_at][gte]=yesterday", "filter[created_at][gte]"),
        ("filter[created_at][lte]=", "filter[created_at][lte]"),
        ("filter[start_time][gte]=2026-13-01", "filter[start_time][gte]"),
        ("filter[end_time][lte]=x", "filter[end_time][lte]"),
        ("filter[conference_region]=us", "filter[conference_region]"),
        ("filter[created_at][gt]=2026-03-01", "filter[created_at][gt]"),
        ("filter[created_at]=2026-03-01", "filter[created_at]"),
        ("filter=x", "filter"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(query: str, field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(query)
    assert refused.value.field == field


def test_other_parameters_are_passed_over() -> None:
    assert asked("sort=created_at&page[after]=x") == asked("")


def test_one_is_got_and_deleted_by_its_id() -> None:
    asking = visit("/v2/recordings/x", parts={"recording": str(TEA_ORDER.id)})
    ref = words.recording_ref(str(TEA_ORDER.id))
    assert ref.computed == TEA_ORDER.id
    assert requests.one(asking) == GetRecording(account_id=ALICE.id, recording=ref)
    assert requests.delete(asking) == DeleteRecording(account_id=ALICE.id, recording=ref)


def test_several_are_deleted_by_their_ids_each_once() -> None:
    command = requests.delete_several(visit(method="POST", body=f'{{"ids": ["{LEG}", "x", "{LEG}"]}}'.encode()))
    assert command == DeleteRecordings(
        account_id=ALICE.id, recordings=(words.recording_ref(LEG), words.recording_ref("x"))
    )


def test_older_clients_name_them_in_the_query() -> None:
    asking = visit(f"/v2/recordings/actions/delete?ids%5B%5D={LEG}&ids[]=x", method="DELETE", parts={"recording": "y"})
    assert requests.delete_several_by_query(asking).recordings == (words.recording_ref(LEG), words.recording_ref("x"))


def test_an_older_client_that_names_nobody_means_the_one_that_it_deletes() -> None:
    asking = visit("/v2/recordings/y/actions/delete", method="DELETE", parts={"recording": "y"})
    assert requests.delete_several_by_query(asking).recordings == (words.recording_ref("y"),)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"\xff", None),
        (b"[]", None),
        (b"{}", "/ids"),
        (b'{"ids": "x"}', "/ids"),
        (b'{"ids": [1]}', "/ids"),
        (b'{"ids": null}', "/ids"),
    ],
)
def test_a_body_that_names_nobody_is_refused(body: bytes, field: str | None) -> None:
    with pytest.raises(BadRequest) as refused:
        requests.delete_several(visit(method="POST", body=body))
    assert refused.value.field == field
