"""What SignalWire's and Twilio's clients ask, as commands: every parameter of every path."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from callvault.dialects.toolbox.pages import write_token
from callvault.errors import BadRequest, CallvaultError, NotAuthenticated, NotFound
from callvault.model.actor import Actor
from callvault.model.ids import cloak
from callvault.model.life import LISTED
from callvault.model.media import MediaFormat
from callvault.model.query import Axis, Position, RecordingQuery, Span
from callvault.model.recording import Source, Status
from callvault.vault.commands import Access, DeleteRecording, FindRecordings, GetRecording, OpenMedia
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, TWILIO, asking, named, read, route, sid
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS

ACCOUNTS = pytest.mark.parametrize("account", BOTH)
CALL, CONFERENCE = TEA_ORDER.call_id, UUID("019ca884-2a00-7c0f-8551-000000000002")
OUTER = {
    PROJECT: {"Calls": str(CALL), "Conferences": str(CONFERENCE)},
    TWILIO: {"Calls": f"CA{CALL.hex}", "Conferences": f"CF{CONFERENCE.hex}"},
}
PLACE = Position(at=datetime(2026, 3, 1, 9, 1, 5, 1_000, tzinfo=UTC), id=TEA_ORDER.id)


def scoped(account: str, noun: str) -> str:
    """The path of the call or conference, or of the account itself."""
    return f"{account}/{noun}/{OUTER[account][noun]}" if noun else account


def opened(target: str, **how: Any) -> OpenMedia:
    command = read(target, **how)
    assert isinstance(command, OpenMedia)
    return command


def found(target: str) -> FindRecordings:
    command = read(target)
    assert isinstance(command, FindRecordings)
    return command


def query(target: str) -> RecordingQuery:
    return found(target).query


def created(account: str, parameters: str) -> Span:
    return query(f"{account}/Recordings.json?{parameters}").created


# One recording


@ACCOUNTS
@pytest.mark.parametrize(
    ("ending", "form"),
    [("", MediaFormat.WAV), (".wav", MediaFormat.WAV), (".mp3", MediaFormat.MP3)],
)
def test_the_ending_chooses_the_audio(account: str, ending: str, form: MediaFormat) -> None:
    command = opened(named(account) + ending)
    assert (command.account_id, command.form, command.channels) == (ALICE.id, form, None)
    assert command.recording.computed == TEA_ORDER.id
    assert command.recording.text == named(account).rpartition("/")[2]


@ACCOUNTS
def test_json_is_what_is_known_of_it(account: str) -> None:
    command = read(named(account) + ".json")
    assert isinstance(command, GetRecording)
    assert (command.account_id, command.recording.computed) == (ALICE.id, TEA_ORDER.id)


def test_xml_is_a_document_at_twilio_and_nothing_at_signalwire() -> None:
    assert isinstance(read(named(TWILIO) + ".xml"), GetRecording)
    with pytest.raises(NotFound):
        read(named(PROJECT) + ".xml")


@ACCOUNTS
def test_audio_is_open_to_callers_who_show_nothing(account: str) -> None:
    assert opened(named(account) + ".wav").access is Access.ACTOR
    stranger = opened(named(account) + ".wav", anonymous=True)
    assert (stranger.account_id, stranger.access) == (ALICE.id, Access.PUBLIC)


@ACCOUNTS
def test_who_proves_to_be_somebody_else_hears_what_anybody_may(account: str) -> None:
    asked = asking(named(account) + ".wav")
    charlie = replace(ALICE, id=UUID("019cad00-0000-7000-8000-0000000c4a21"), name="Charlie")
    command = route(asked).read(replace(asked, caller=Actor(account=charlie, key_id=None)))
    assert isinstance(command, OpenMedia)
    assert (command.account_id, command.access) == (ALICE.id, Access.PUBLIC)


@ACCOUNTS
@pytest.mark.parametrize("noun", ["", "Calls", "Conferences"])
def test_what_is_known_is_told_to_nobody_else(account: str, noun: str) -> None:
    recording = named(account).rpartition("/")[2]
    with pytest.raises(NotAuthenticated):
        read(f"{scoped(account, noun)}/Recordings/{recording}.json", anonymous=True)


@ACCOUNTS
@pytest.mark.parametrize(("text", "channels"), [("1", 1), ("2", 2)])
def test_requested_channels(account: str, text: str, channels: int) -> None:
    assert opened(f"{named(account)}.wav?RequestedChannels={text}").channels == channels


@ACCOUNTS
@pytest.mark.parametrize("text", ["0", "3", "two", "", "1.0", "-1", "²"])
def test_other_channels_are_refused(account: str, text: str) -> None:
    with pytest.raises(BadRequest) as error:
        read(f"{named(account)}?RequestedChannels={text}")
    assert error.value.field == "RequestedChannels"


@ACCOUNTS
@pytest.mark.parametrize("ending", [".wav", ".json"])
def test_a_call_or_conference_in_the_path_must_be_the_recordings(account: str, ending: str) -> None:
    recording = named(account).rpartition("/")[2]
    in_call = read(f"{scoped(account, 'Calls')}/Recordings/{recording}{ending}")
    in_conference = read(f"{scoped(account, 'Conferences')}/Recordings/{recording}{ending}")
    assert isinstance(in_call, OpenMedia | GetRecording)
    assert isinstance(in_conference, OpenMedia | GetRecording)
    assert in_call.call is not None
    assert (in_call.call.computed, in_call.conference) == (CALL, None)
    assert in_conference.conference is not None
    assert (in_conference.conference.computed, in_conference.call) == (CONFERENCE, None)


def test_without_an_ending_a_conferences_recording_is_a_document_and_a_calls_is_audio() -> None:
    recording = sid()
    assert isinstance(read(f"{scoped(PROJECT, 'Conferences')}/Recordings/{recording}"), GetRecording)
    assert isinstance(read(f"{scoped(PROJECT, 'Calls')}/Recordings/{recording}"), OpenMedia)


@ACCOUNTS
@pytest.mark.parametrize("noun", ["", "Calls", "Conferences"])
@pytest.mark.parametrize("ending", ["", ".json"])
def test_delete(account: str, noun: str, ending: str) -> None:
    recording = named(account).rpartition("/")[2]
    command = read(f"{scoped(account, noun)}/Recordings/{recording}{ending}", method="DELETE")
    assert isinstance(command, DeleteRecording)
    assert (command.account_id, command.recording.computed) == (ALICE.id, TEA_ORDER.id)
    assert (command.call is not None, command.conference is not None) == (noun == "Calls", noun == "Conferences")


# Ids of another shape, and other accounts


HIDDEN = cloak(TEA_ORDER.id, TERMS.cloak_key)
MIXED = [
    f"{PROJECT}/Recordings/RE{HIDDEN.hex}",
    f"{TWILIO}/Recordings/{HIDDEN}",
    f"{PROJECT}/Recordings/nonsense",
    f"{TWILIO}/Recordings/CA{HIDDEN.hex}",
    f"{PROJECT}/Recordings/{HIDDEN}.ogg",
    f"{PROJECT}/Recordings/{HIDDEN}.wav.mp3",
    f"{PROJECT}/Calls/CA{CALL.hex}/Recordings/{HIDDEN}",
    f"{TWILIO}/Conferences/CA{CONFERENCE.hex}/Recordings/RE{HIDDEN.hex}",
]


@pytest.mark.parametrize("path", MIXED)
@pytest.mark.parametrize("ending", ["", ".json"])
def test_ids_of_the_wrong_shape_name_nothing(path: str, ending: str) -> None:
    with pytest.raises(NotFound):
        read(path + ending)


@pytest.mark.parametrize("noun", ["Calls", "Conferences"])
def test_lists_of_a_thing_with_the_wrong_shape_are_not_found(noun: str) -> None:
    for account, other in ((PROJECT, TWILIO), (TWILIO, PROJECT)):
        with pytest.raises(NotFound):
            read(f"{account}/{noun}/{OUTER[other][noun]}/Recordings.json")


STRANGE = [
    PROJECT.replace("a11c", "b0b0"),
    TWILIO.replace("a11c", "b0b0"),
    "/2010-04-01/Accounts/nonsense",
    f"/2010-04-01/Accounts/{ALICE.id.hex}",
    f"/2010-04-01/Accounts/RE{ALICE.id.hex}",
]


@pytest.mark.parametrize("account", STRANGE)
@pytest.mark.parametrize("path", ["Recordings", "Recordings.json", "Recordings/x.json", "Calls/x/Recordings.json"])
def test_another_account_does_not_exist(account: str, path: str) -> None:
    with pytest.raises(NotFound) as error:
        read(f"{account}/{path}")
    assert error.value.kind == "account"


@pytest.mark.parametrize("account", STRANGE)
def test_another_accounts_recording_cannot_be_deleted(account: str) -> None:
    with pytest.raises(NotFound) as error:
        read(f"{account}/Recordings/{sid()}", method="DELETE")
    assert error.value.kind == "account"


def test_audio_of_what_is_no_account_is_not_found() -> None:
    with pytest.raises(NotFound):
        read(f"/2010-04-01/Accounts/nonsense/Recordings/{sid()}", anonymous=True)


@pytest.mark.parametrize("parameters", ["CallSid=bad", "PageSize=bad", "DateCreated=bad"])
def test_a_stranger_is_not_told_what_is_wrong_with_a_question(parameters: str) -> None:
    with pytest.raises(NotFound):
        read(f"{STRANGE[0]}/Recordings?{parameters}")


# Lists


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


@ACCOUNTS
@pytest.mark.parametrize("text", ["true", "True", "false", ""])
def test_one_that_is_soft_deleted_is_told_to_twilios_clients_who_ask(account: str, text: str) -> None:
    command = read(f"{named(account)}.json?IncludeSoftDeleted={text}")
    assert isinstance(command, GetRecording)
    told = account == TWILIO and text.lower() == "true"
    assert command.deleted_from == (NOW - timedelta(days=40) if told else None)


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


@pytest.mark.parametrize("anonymous", [True, False])
def test_nothing_else_than_the_family_of_errors_comes_out(anonymous: bool) -> None:
    for path in MIXED + [f"{account}/Recordings/{sid()}" for account in STRANGE]:
        for ending in ("", ".json", ".mp3", "?RequestedChannels=9"):
            try:
                read(path + ending, anonymous=anonymous)
            except CallvaultError:
                continue
