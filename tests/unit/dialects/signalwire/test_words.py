"""Both vendors' words and ids."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from callvault.dialects.signalwire import words
from callvault.dialects.signalwire.words import Vendor
from callvault.errors import NotFound
from callvault.model.ids import cloak, uncloak
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Origin, Recording, Source, Status
from callvault.model.transcription import TranscriptionStatus
from tests.unit.dialects.visits import TEA_ORDER, TERMS, recording

KEY = TERMS.cloak_key
VENDORS = pytest.mark.parametrize("vendor", Vendor, ids=lambda vendor: vendor.value)
CONFERENCE = UUID("019ca884-2a00-7c0f-8551-000000000002")

# The vendors' own lists: SignalWire's page and its specification (2026-08), Twilio's specification (2026-04)
STATUSES = {
    Vendor.SIGNALWIRE: {"queued", "in-progress", "paused", "resumed", "completed", "absent", "stopped"},
    Vendor.TWILIO: {"in-progress", "paused", "stopped", "processing", "completed", "absent", "deleted"},
}
SOURCES = {
    Vendor.SIGNALWIRE: {
        "DialVerb", "Conference", "OutBoundApi", "Trunking", "RecordVerb", "StartCallRecordingApi",
        "StartConferenceRecording",
    },
    Vendor.TWILIO: {
        "DialVerb", "Conference", "OutboundAPI", "Trunking", "RecordVerb", "StartCallRecordingAPI",
        "StartConferenceRecordingAPI",
    },
}  # fmt: skip


@VENDORS
def test_every_core_word_has_one_of_the_vendors(vendor: Vendor) -> None:
    assert set(words.STATUS[vendor]) == set(Status)
    assert set(words.STATUS[vendor].values()) <= STATUSES[vendor]
    assert set(words.SOURCE[vendor]) == set(Origin)
    assert set(words.SOURCE[vendor].values()) == SOURCES[vendor]
    assert set(words.TRANSCRIPTION_STATUS) == set(TranscriptionStatus)
    assert set(words.TRANSCRIPTION_STATUS.values()) == {"in-progress", "completed", "failed"}
    assert set(words.TRANSCRIPTION_TYPE) == set(Vendor)
    assert set(words.CONTENT_TYPE) == {MediaFormat.WAV, MediaFormat.MP3}


@VENDORS
@pytest.mark.parametrize("state", MediaState)
@pytest.mark.parametrize("status", Status)
def test_whatever_the_state_the_word_is_the_vendors(vendor: Vendor, status: Status, state: MediaState) -> None:
    word = words.status_word(recording(status=status, media_state=state), vendor, "completed")
    assert word in STATUSES[vendor]


@VENDORS
def test_a_finished_recording_without_audio_is_not_called_completed(vendor: Vendor) -> None:
    def word(state: MediaState) -> str:
        return words.status_word(recording(media_state=state), vendor, "completed")

    assert word(MediaState.WHOLE) == word(MediaState.PARTIAL) == "completed"
    assert word(MediaState.ABSENT) == "absent"
    assert word(MediaState.DELETED) == ("deleted" if vendor is Vendor.TWILIO else "absent")


def test_the_setting_for_the_finished_word_is_signalwires_alone() -> None:
    assert words.status_word(TEA_ORDER, Vendor.SIGNALWIRE, "stopped") == "stopped"
    assert words.status_word(TEA_ORDER, Vendor.TWILIO, "stopped") == "completed"
    assert words.status_word(recording(status=Status.PAUSED), Vendor.SIGNALWIRE, "stopped") == "paused"


@pytest.mark.parametrize(
    ("duration_ms", "seconds"), [(0, 0), (499, 0), (500, 1), (1499, 1), (1500, 2), (61_240, 61), (3_725_500, 3726)]
)
def test_seconds_are_rounded(duration_ms: int, seconds: int) -> None:
    assert words.seconds(duration_ms) == seconds


def test_the_account_tells_whose_client_asks() -> None:
    assert words.vendor_of("AC0123456789abcdef0123456789abcdef") is Vendor.TWILIO
    assert words.vendor_of("ACME") is Vendor.TWILIO
    assert words.vendor_of("019cad00-0000-7000-8000-00000000a11c") is Vendor.SIGNALWIRE
    assert words.vendor_of("nonsense") is Vendor.SIGNALWIRE


def test_every_noun_has_its_letters_at_twilio_and_none_at_signalwire() -> None:
    core_id = UUID("019ca884-2a00-7111-8222-333344445555")
    written = {noun: words.write_sid(core_id, noun, Vendor.TWILIO)[:2] for noun in words.LETTERS}
    assert written == {
        "account": "AC",
        "recording": "RE",
        "call": "CA",
        "conference": "CF",
        "transcription": "TR",
        "public key": "CR",
    }
    assert {words.write_sid(core_id, noun, Vendor.SIGNALWIRE) for noun in words.LETTERS} == {str(core_id)}


def test_a_recordings_id_hides_the_core_id_and_is_the_same_in_both_forms() -> None:
    hidden = cloak(TEA_ORDER.id, KEY)
    assert words.recording_sid(TEA_ORDER, Vendor.SIGNALWIRE, KEY) == str(hidden)
    assert words.recording_sid(TEA_ORDER, Vendor.TWILIO, KEY) == f"RE{hidden.hex}"
    assert words.recording_sid(TEA_ORDER, Vendor.TWILIO, b"w" * 32) != f"RE{hidden.hex}"


def test_a_core_id_from_another_dialect_opens_nothing() -> None:
    for text, vendor in ((str(TEA_ORDER.id), Vendor.SIGNALWIRE), (f"RE{TEA_ORDER.id.hex}", Vendor.TWILIO)):
        assert words.recording_ref(text, vendor, KEY).computed is None


@pytest.mark.parametrize("version", [1, 3, 5, 7])
def test_only_one_uuid_stands_for_a_recording(version: int) -> None:
    hidden = cloak(TEA_ORDER.id, KEY)
    other = UUID(int=hidden.int & ~(0xF << 76) | version << 76)
    assert uncloak(other, KEY) == TEA_ORDER.id, "the bits that tell the versions apart are not part of the permutation"
    assert words.recording_ref(str(other), Vendor.SIGNALWIRE, KEY).computed is None


@VENDORS
def test_ids_are_read_in_either_case(vendor: Vendor) -> None:
    text = words.recording_sid(TEA_ORDER, vendor, KEY)
    loud = text[:2] + text[2:].upper()
    assert words.recording_ref(loud, vendor, KEY).computed == TEA_ORDER.id
    call = words.call_sid(TEA_ORDER, vendor)
    assert words.outer_ref(call, "call", vendor).computed == TEA_ORDER.call_id


@pytest.mark.parametrize(
    ("text", "vendor"),
    [
        ("RE0123456789abcdef0123456789abcdef", Vendor.SIGNALWIRE),
        ("0123456789abcdef0123456789abcdef", Vendor.SIGNALWIRE),
        ("4bb1a6f0-0000-4000-8000-00000000000", Vendor.SIGNALWIRE),
        ("4bb1a6f0-0000-4000-8000-000000000001", Vendor.TWILIO),
        ("CA0123456789abcdef0123456789abcdef", Vendor.TWILIO),
        ("re0123456789abcdef0123456789abcdef", Vendor.TWILIO),
        ("RE0123456789abcdef0123456789abcde", Vendor.TWILIO),
        ("RE0123456789abcdef0123456789abcdeg", Vendor.TWILIO),
        ("RE٠123456789abcdef0123456789abcdef", Vendor.TWILIO),
        ("", Vendor.TWILIO),
        ("", Vendor.SIGNALWIRE),
    ],
)
def test_an_id_of_another_form_is_nobodys(text: str, vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        words.recording_ref(text, vendor, KEY)


def test_calls_and_conferences_are_told_apart_by_their_letters() -> None:
    with pytest.raises(NotFound) as error:
        words.outer_ref(f"CA{CONFERENCE.hex}", "conference", Vendor.TWILIO)
    assert error.value.kind == "conference"
    assert words.outer_ref(f"CF{CONFERENCE.hex}", "conference", Vendor.TWILIO).computed == CONFERENCE


def imported(**ids: str) -> Recording:
    return recording(conference_id=CONFERENCE, foreign={"signalwire": ids})


def test_the_ids_that_a_recording_came_with_are_kept() -> None:
    uuid = "4bb1a6f0-0000-4000-8000-000000000001"
    came = imported(recording=uuid, call=uuid, conference=uuid)
    assert words.recording_sid(came, Vendor.SIGNALWIRE, KEY) == uuid
    assert words.call_sid(came, Vendor.SIGNALWIRE) == uuid
    assert words.conference_sid(came, Vendor.SIGNALWIRE) == uuid
    ref = words.recording_ref(uuid, Vendor.SIGNALWIRE, KEY)
    assert (ref.dialect, ref.kind, ref.text) == ("signalwire", "recording", uuid)


def test_an_id_of_the_other_vendors_form_is_not_shown() -> None:
    came = imported(recording="RE" + "1" * 32, call="CA" + "2" * 32, conference="CF" + "3" * 32)
    assert words.recording_sid(came, Vendor.TWILIO, KEY) == "RE" + "1" * 32
    assert words.call_sid(came, Vendor.TWILIO) == "CA" + "2" * 32
    assert words.conference_sid(came, Vendor.TWILIO) == "CF" + "3" * 32
    assert words.recording_sid(came, Vendor.SIGNALWIRE, KEY) == str(cloak(came.id, KEY))
    assert words.call_sid(came, Vendor.SIGNALWIRE) == str(came.call_id)
    assert words.conference_sid(came, Vendor.SIGNALWIRE) == str(CONFERENCE)


def test_what_is_not_there_has_no_id() -> None:
    assert words.conference_sid(TEA_ORDER, Vendor.TWILIO) is None
    assert words.transcription_sid(TEA_ORDER, Vendor.TWILIO) is None


def test_signalwires_conference_recordings_have_no_call() -> None:
    conference = replace(TEA_ORDER, source=Source.CONFERENCE, conference_id=CONFERENCE)
    assert not words.shows_call(conference, Vendor.SIGNALWIRE)
    assert words.shows_call(conference, Vendor.TWILIO)
    assert words.shows_call(TEA_ORDER, Vendor.SIGNALWIRE)
