"""Every parameter is heeded, and what cannot be heeded is refused with a sentence that helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.callvault import DIALECT, requests
from callvault.dialects.callvault.operations import OPERATIONS
from callvault.dialects.callvault.pages import bookmark
from callvault.dialects.callvault.parameters import FIND, MEDIA
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest
from callvault.model.life import LISTED
from callvault.model.media import MediaFormat
from callvault.model.query import Axis, Position, RecordingQuery, Span
from callvault.model.recording import Direction, Source, Status
from callvault.vault.commands import Nothing, OpenMedia
from tests.unit.dialects.visits import ALICE, TEA_ORDER, visit

ID = str(TEA_ORDER.id)
SOME = UUID("019ca884-2a00-7c0f-8abc-00000000c0de")
NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLAIN = RecordingQuery(
    account_id=ALICE.id, statuses=LISTED, axis=Axis.STARTED, descending=True, limit=50, with_total=False
)
TOKEN = bookmark(TEA_ORDER, Axis.STARTED, descending=True)

HEEDED: list[tuple[str, dict[str, Any]]] = [
    ("from=%2B15550100", {"from_number": "+15550100"}),
    ("from=+15550100", {"from_number": "+15550100"}),
    ("to=%2B15550199", {"to_number": "+15550199"}),
    ("number=204", {"either_number": "204"}),
    (f"call_id={SOME}", {"call_id": SOME}),
    (f"call_session_id={SOME}", {"call_session_id": SOME}),
    (f"conference_id={SOME}", {"conference_id": SOME}),
    ("connection_id=main-trunk", {"connection_id": "main-trunk"}),
    ("sip_call_id=a%40b", {"sip_call_id": "a@b"}),
    (f"user_id={str(SOME).upper()}", {"user_id": SOME}),
    ("source=conference", {"source": Source.CONFERENCE}),
    ("direction=outbound", {"direction": Direction.OUTBOUND}),
    ("status=failed", {"statuses": frozenset({Status.FAILED})}),
    ("status=failed&status=available", {"statuses": frozenset({Status.FAILED, Status.AVAILABLE})}),
    *[
        (f"{time}_{bound}=2026-03-01T10:00:00%2B01:00", {time: Span(**{name: NINE})})
        for time in ("started", "created", "ended", "updated")
        for bound, name in (("from", "from_"), ("before", "before"), ("through", "through"))
    ],
    ("started_from=2026-03-01", {"started": Span(from_=datetime(2026, 3, 1, tzinfo=UTC))}),
    ("sort=created", {"axis": Axis.CREATED}),
    ("order=asc", {"descending": False}),
    ("limit=1000", {"limit": 1000}),
    ("page=3", {"page": 3}),
    ("total=true", {"with_total": True}),
    ("total=false", {}),
    (f"after={TOKEN}", {"after": Position(at=TEA_ORDER.started_at, id=TEA_ORDER.id)}),
]


def found(query: str) -> RecordingQuery:
    return requests.find(visit(f"/callvault/v1/recordings?{query}")).query


def refusal(read: Callable[[Visit], object], target: str, headers: dict[str, str] | None = None) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        read(visit(target, parts={"recording": ID}, headers=headers))
    return refused.value


def test_a_bare_list_is_the_whole_account_newest_first() -> None:
    assert found("") == PLAIN


@pytest.mark.parametrize(("query", "expected"), HEEDED)
def test_a_parameter_of_the_list_is_heeded(query: str, expected: dict[str, Any]) -> None:
    assert found(query) == replace(PLAIN, **expected)


def test_each_parameter_of_the_list_is_tried_above() -> None:
    tried = {query.split("=")[0] for query, _ in HEEDED}
    assert tried == {parameter.name for parameter in FIND}


def test_conditions_hold_together() -> None:
    query = found("from=201&to=202&started_from=2026-03-01T09:00Z&started_before=2026-03-02&direction=inbound")
    assert query == replace(
        PLAIN,
        from_number="201",
        to_number="202",
        started=Span(from_=NINE, before=datetime(2026, 3, 2, tzinfo=UTC)),
        direction=Direction.INBOUND,
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("page=0", "page"),
        ("page=1000000001", "page"),
        ("total=yes", "total"),
        ("total=True", "total"),
        ("sort=updated", "sort"),
        ("order=descending", "order"),
        ("status=deleted", "status"),
        ("status=completed", "status"),
        ("source=Call", "source"),
        ("direction=in", "direction"),
        ("call_id=r-1", "call_id"),
        ("call_id=%7B019ca884-2a00-7c0f-8abc-00000000c0de%7D", "call_id"),
        ("started_from=yesterday", "started_from"),
        ("updated_through=2026-13-01", "updated_through"),
        ("from=", "from"),
        ("from=%00", "from"),
        ("sip_call_id=" + "a" * 256, "sip_call_id"),
        ("after=abc", "after"),
        (f"after={TOKEN[:-1]}x", "after"),
        ("from=201&from=202", "from"),
        (f"after={TOKEN}&page=2", "page"),
    ],
)
def test_what_cannot_be_heeded_is_refused_by_name(query: str, field: str) -> None:
    error = refusal(requests.find, f"/?{query}")
    assert error.field == field
    assert field in str(error)


def test_a_typo_does_not_widen_a_search() -> None:
    error = refusal(requests.find, "/?strated_from=2026-03-01")
    assert error.field == "strated_from"
    assert all(parameter.name in str(error) for parameter in FIND)


@pytest.mark.parametrize("order", ["sort=created", "order=asc"])
def test_a_token_of_another_order_is_refused(order: str) -> None:
    error = refusal(requests.find, f"/?after={TOKEN}&{order}")
    assert error.field == "after"
    assert "sort=started and order=desc" in str(error)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("format=wav", {"form": MediaFormat.WAV}),
        ("format=mp3", {"form": MediaFormat.MP3}),
        ("format=ogg", {"form": MediaFormat.OGG}),
        ("format=flac", {"form": MediaFormat.FLAC}),
        ("format=original", {"original": True}),
        ("channels=1", {"channels": 1}),
        ("channels=2&format=mp3", {"channels": 2, "form": MediaFormat.MP3}),
        ("download=true", {}),
    ],
)
def test_a_parameter_of_the_audio_is_heeded(query: str, expected: dict[str, Any]) -> None:
    asked = requests.media(visit(f"/?{query}", parts={"recording": ID}))
    plain = OpenMedia(account_id=ALICE.id, recording=asked.recording)
    assert asked == replace(plain, **expected)
    assert asked.recording.computed == TEA_ORDER.id


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=gsm", "format"),
        ("channels=3", "channels"),
        ("download=1", "download"),
        ("format=original&channels=1", "channels"),
    ],
)
def test_audio_that_cannot_be_given_is_refused_by_name(query: str, field: str) -> None:
    assert refusal(requests.media, f"/?{query}").field == field


@pytest.mark.parametrize("reader", [requests.get, requests.delete])
def test_one_recording_is_named_by_its_core_id(reader: Callable[[Visit], Any]) -> None:
    command = reader(visit("/", parts={"recording": ID.upper()}))
    assert (command.account_id, command.recording.computed) == (ALICE.id, TEA_ORDER.id)
    assert reader(visit("/", parts={"recording": "r-" + ID})).recording.computed is None


ROUTES = {(route.method, route.path): route for route in DIALECT.routes}
STRICT = [operation for operation in OPERATIONS if operation.id != "followLink"]


@pytest.mark.parametrize("operation", STRICT, ids=lambda operation: operation.id)
def test_every_operation_refuses_what_it_does_not_know_and_names_what_it_does(operation: Any) -> None:
    read = ROUTES[operation.method, operation.path].read
    error = refusal(read, "/?formt=mp3")
    known = [parameter.name for parameter in operation.parameters if parameter.place == "query"]
    assert str(error) == (
        f"There is no parameter 'formt' here; this takes {', '.join(known)}."
        if known
        else "There is no parameter 'formt' here; this takes none."
    )


def test_a_header_is_no_parameter_of_the_query() -> None:
    assert "Range" in {parameter.name for parameter in MEDIA}
    assert refusal(requests.media, "/?Range=bytes=0-1").field == "Range"


def test_some_ask_nothing_of_the_vault() -> None:
    for path in ("/callvault/v1/ping", "/callvault/v1/openapi.json", "/callvault/v1/account"):
        assert ROUTES["GET", path].read(visit(path)) == Nothing()
