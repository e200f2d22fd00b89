"""What SignalWire's and Twilio's clients ask of a list, as queries: filters, dates, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from callvault.dialects.toolbox.pages import write_token
from callvault.errors import BadRequest
from callvault.model.life import LISTED
from callvault.model.query import Axis, Position, RecordingQuery, Span
from callvault.model.recording import Source, Status
from callvault.vault.commands import FindRecordings
from tests.unit.dialects.signalwire.asking import (
    ACCOUNTS,
    CALL,
    CONFERENCE,
    OUTER,
    PROJECT,
    TWILIO,
    read,
    scoped,
)
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER

PLACE = Position(at=datetime(2026, 3, 1, 9, 1, 5, 1_000, tzinfo=UTC), id=TEA_ORDER.id)


def found(target: str) -> FindRecordings:
    command = read(target)
    assert isinstance(command, FindRecordings)
    return command


def query(target: str) -> RecordingQuery:
    return found(target).query


def created(account: str, parameters: str) -> Span:
    return query(f"{account}/Recordings.json?{parameters}").created


@ACCOUNTS
@pytest.mark.parametrize("ending", ["", ".json"])
def test_the_accounts_list_is_everything_newest_first(account: str, ending: str) -> None:
    assert found(f"{account}/Recordings{ending}") == FindRecordings(
        query=RecordingQuery(account_id=ALICE.id, statuses=LISTED, axis=Axis.CREATED, descending=True, limit=50)
    )


@ACCOUNTS
def test_call_sid_and_conference_sid(account: str) -> None:
    one, other = OUTER[account]["Calls"], OUTER[account]["Conferences"]
    command = found(f"{account}/Recordings.json?CallSid={one}&ConferenceSid={other}")
    assert command.call is not None
    assert (command.call.text, command.call.computed) == (one, CALL)
    assert command.conference is not None
    assert (command.conference.text, command.conference.computed) == (other, CONFERENCE)


@ACCOUNTS
@pytest.mark.parametrize("field", ["CallSid", "ConferenceSid"])
def test_a_filter_that_is_no_id_is_refused(account: str, field: str) -> None:
    with pytest.raises(BadRequest) as error:
        read(f"{account}/Recordings.json?{field}=nonsense")
    assert (error.value.field, error.value.value) == (field, "nonsense")


@ACCOUNTS
@pytest.mark.parametrize("ending", ["", ".json"])
def test_the_lists_of_a_call_and_of_a_conference(account: str, ending: str) -> None:
    in_call = found(f"{scoped(account, 'Calls')}/Recordings{ending}")
    assert in_call.call is not None
    assert (in_call.call.computed, in_call.conference) == (CALL, None)
    in_conference = found(f"{scoped(account, 'Conferences')}/Recordings{ending}")
    assert in_conference.conference is not None
    assert (in_conference.conference.computed, in_conference.call) == (CONFERENCE, None)
    assert in_conference.query.source is None


def test_a_conferences_recording_is_in_no_calls_list_at_signalwire() -> None:
    for target in ("Recordings?CallSid={}", "Calls/{}/Recordings"):
        assert query(f"{PROJECT}/{target.format(CALL)}").source is Source.CALL
        assert query(f"{TWILIO}/{target.format(f'CA{CALL.hex}')}").source is None


def test_soft_deleted_recordings_are_told_to_twilios_clients_who_ask() -> None:
    for text, statuses in (("true", frozenset(Status)), ("True", frozenset(Status)), ("false", LISTED), ("", LISTED)):
        asked = query(f"{TWILIO}/Recordings.json?IncludeSoftDeleted={text}")
        assert asked.statuses == statuses
        assert asked.deleted_from == (NOW - timedelta(days=40) if statuses != LISTED else None)
    assert query(f"{PROJECT}/Recordings.json?IncludeSoftDeleted=true").statuses == LISTED


# DateCreated: the vendors' two documents, and what the clients send


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


NINE = datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)


@ACCOUNTS
@pytest.mark.parametrize("text", ["2026-03-01", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z", "1 Mar 2026"])
def test_date_created_is_the_whole_day_in_utc(account: str, text: str) -> None:
    assert created(account, f"DateCreated={quote(text)}") == Span(from_=day(1), before=day(2))


@ACCOUNTS
@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:00:02Z",
        "2026-03-01T10:00:02+01:00",
        "Sun, 01 Mar 2026 09:00:02 +0000",
        "Sun, 1 Mar 2026 04:00:02 -0500",
        "01 Mar 2026 09:00:02 GMT",
        "01 Mar 2026 09:00:02",
    ],
)
def test_the_inequalities_include_their_moment(account: str, text: str) -> None:
    assert created(account, f"DateCreated%3E={quote(text)}") == Span(from_=NINE)
    assert created(account, f"DateCreated%3C={quote(text)}") == Span(before=NINE.replace(second=3))


@ACCOUNTS
def test_the_operator_is_a_part_of_the_key(account: str) -> None:
    assert created(account, "DateCreated>=2026-03-01") == Span(from_=day(1))
    assert created(account, "DateCreated<=2026-03-02") == Span(before=day(2).replace(second=1))


@ACCOUNTS
def test_all_conditions_hold_together(account: str) -> None:
    both = "DateCreated%3E=2026-03-01&DateCreated%3C=2026-03-02T12:00:00Z"
    assert created(account, both) == Span(from_=day(1), before=day(2).replace(hour=12, second=1))
    assert created(account, f"{both}&DateCreated=2026-03-02") == Span(
        from_=day(2), before=day(2).replace(hour=12, second=1)
    )


@pytest.mark.parametrize("noun", ["Calls", "Conferences"])
@ACCOUNTS
def test_a_calls_and_a_conferences_list_take_them_too(account: str, noun: str) -> None:
    target = f"{scoped(account, noun)}/Recordings.json?DateCreated%3E=2026-03-01&DateCreated%3C=2026-03-02"
    assert query(target).created == Span(from_=day(1), before=day(2).replace(second=1))


def test_a_month_may_be_written_as_on_the_vendors_page() -> None:
    assert created(PROJECT, "DateCreated%3E=Tue, 25 Sept 2018 23:00:00 %2B0000") == Span(
        from_=datetime(2018, 9, 25, 23, tzinfo=UTC)
    )


def test_a_plus_that_was_not_encoded_is_put_right() -> None:
    for text in ("Sun,+01+Mar+2026+09:00:02++0000", "2026-03-01T09:00:02+00:00"):
        assert created(PROJECT, f"DateCreated%3E={text}") == Span(from_=NINE)


@ACCOUNTS
@pytest.mark.parametrize("key", ["DateCreated", "DateCreated<", "DateCreated>"])
@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-02-30", "30 Feb 2026", "1 Foo 2026", "01 Mar 2026 25:00:00", "1 Jan 0001 00:00 +1400"],
)
def test_what_is_no_date_is_refused(account: str, key: str, text: str) -> None:
    with pytest.raises(BadRequest) as error:
        created(account, f"{quote(key)}={quote(text)}")
    assert (error.value.field, error.value.value) == (key, text)


@pytest.mark.parametrize("key", ["DateCreated", "DateCreated<", "DateCreated>"])
@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "31 Dec 9999 23:59:59 +0000"])
def test_the_last_day_of_all_is_a_date(key: str, text: str) -> None:
    assert created(PROJECT, f"{quote(key)}={quote(text)}") != Span()


# Pages


@ACCOUNTS
def test_page_size(account: str) -> None:
    assert query(f"{account}/Recordings.json?PageSize=1").limit == 1
    assert query(f"{account}/Recordings.json?PageSize=1000").limit == 1000


@ACCOUNTS
@pytest.mark.parametrize("parameters", ["PageSize=0", "PageSize=1001", "PageSize=x", "Page=-1", "Page=x"])
def test_a_page_out_of_range_is_refused(account: str, parameters: str) -> None:
    with pytest.raises(BadRequest) as error:
        query(f"{account}/Recordings.json?{parameters}")
    assert error.value.field == parameters.partition("=")[0]


@ACCOUNTS
def test_a_token_names_a_place_and_a_side(account: str) -> None:
    after = query(f"{account}/Recordings.json?Page=3&PageToken=PA{write_token(PLACE)}")
    assert (after.after, after.descending, after.page) == (PLACE, True, None)
    before = query(f"{account}/Recordings.json?Page=1&PageToken=PB{write_token(PLACE)}")
    assert (before.after, before.descending, before.page) == (PLACE, False, None)


@ACCOUNTS
@pytest.mark.parametrize("token", ["PA", "PAnonsense", "PC" + write_token(PLACE), write_token(PLACE)])
def test_what_is_no_token_is_refused(account: str, token: str) -> None:
    with pytest.raises(BadRequest) as error:
        query(f"{account}/Recordings.json?PageToken={token}")
    assert error.value.field == "PageToken"


def test_a_page_without_its_token() -> None:
    assert query(f"{TWILIO}/Recordings.json?Page=3&PageSize=10").page == 4
    assert query(f"{PROJECT}/Recordings?Page=0&PageToken=").page is None
    with pytest.raises(BadRequest) as error:
        query(f"{PROJECT}/Recordings?Page=3")
    assert error.value.field == "PageToken"
