"""What SignalWire's and Twilio's clients ask of one recording, as commands; and ids and accounts that name nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callvault.errors import BadRequest, CallvaultError, NotAuthenticated, NotFound
from callvault.model.actor import Actor
from callvault.model.ids import cloak
from callvault.model.media import MediaFormat
from callvault.vault.commands import Access, DeleteRecording, GetRecording, OpenMedia
from tests.unit.dialects.signalwire.asking import (
    ACCOUNTS,
    CALL,
    CONFERENCE,
    OUTER,
    PROJECT,
    TWILIO,
    asking,
    named,
    read,
    route,
    scoped,
    sid,
)
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS


def opened(target: str, **how: Any) -> OpenMedia:
    command = read(target, **how)
    assert isinstance(command, OpenMedia)
    return command


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


@ACCOUNTS
@pytest.mark.parametrize("text", ["true", "True", "false", ""])
def test_one_that_is_soft_deleted_is_told_to_twilios_clients_who_ask(account: str, text: str) -> None:
    command = read(f"{named(account)}.json?IncludeSoftDeleted={text}")
    assert isinstance(command, GetRecording)
    told = account == TWILIO and text.lower() == "true"
    assert command.deleted_from == (NOW - timedelta(days=40) if told else None)


@pytest.mark.parametrize("anonymous", [True, False])
def test_nothing_else_than_the_family_of_errors_comes_out(anonymous: bool) -> None:
    for path in MIXED + [f"{account}/Recordings/{sid()}" for account in STRANGE]:
        for ending in ("", ".json", ".mp3", "?RequestedChannels=9"):
            try:
                read(path + ending, anonymous=anonymous)
            except CallvaultError:
                continue
